import { Setting, TlsSettings, UrlSetting } from '@keelson/core';
import { IsIP, Matches } from 'class-validator';

/** How one DirectAdmin server is reached, and what accounts made there get. */
export class DirectAdminSettings extends TlsSettings {
  @UrlSetting({ description: 'Address of the panel: scheme, host and port.', example: 'https://srv1.example.com:2222' })
  url: string;

  @Setting({ description: 'Reseller or administrator that accounts are made under.', example: 'admin' })
  @Matches(/^[a-z][a-z0-9]{1,31}$/, { message: 'username must be a DirectAdmin user name in lower case' })
  username: string;

  @Setting({ description: 'Login key of that user. The README lists the commands that it must allow.', secret: true })
  @Matches(/^[\x21-\x7e]{8,255}$/, { message: 'loginKey must be 8 to 255 printable characters without spaces' })
  loginKey: string;

  @Setting({ description: 'IPv4 address that new accounts get, one of those of the user.', example: '192.0.2.10' })
  @IsIP(4)
  ip: string;
}
