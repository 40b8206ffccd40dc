import { Setting, TlsSettings, UrlSetting } from '@keelson/core';
import { IsIP, IsOptional, Matches } from 'class-validator';

/** How one WHM server is reached. */
export class CpanelWhmConfig extends TlsSettings {
  @UrlSetting({
    description: 'Address of WHM: scheme, host and port. Port 2087 speaks TLS; plain HTTP is for a sandbox only.',
    example: 'https://srv1.example.com:2087',
  })
  url!: string;

  @Setting({ description: 'WHM user that owns the API token: root, or a reseller.', example: 'root' })
  @Matches(/^[a-z][a-z0-9_-]{0,31}$/, { message: 'username must be a WHM user name in lower case' })
  username!: string;

  @Setting({ description: 'API token, made in WHM under Development › Manage API Tokens.', secret: true })
  @Matches(/^[A-Za-z0-9]{8,255}$/, { message: 'apiToken must be 8 to 255 letters and digits, as WHM shows it' })
  apiToken!: string;

  @Setting({
    description: 'IPv4 address under which the world reaches accounts for which WHM names none or a private one (NAT).',
    example: '192.0.2.10',
  })
  @IsOptional()
  @IsIP(4)
  defaultIp?: string;
}
