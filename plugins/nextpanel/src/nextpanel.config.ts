import { Setting, TlsSettings, UrlSetting } from '@keelson/core';
import { IsIP, IsOptional, Matches } from 'class-validator';

const visibleText = /^[\x21-\x7e]{4,255}$/;

/** How one NextPanel server is reached. */
export class NextPanelConfig extends TlsSettings {
  @UrlSetting({
    description: 'Address of the panel without `/api`: its backend (port 9000) or its front end (port 3000).',
    example: 'https://panel1.example.com:9000',
  })
  url!: string;

  @Setting({ description: 'Id of the API key, which begins with npk_. Its level must be SUPER_ADMIN.', secret: true })
  @Matches(visibleText, { message: 'apiKey must be the id of the key (npk_…) without spaces' })
  apiKey!: string;

  @Setting({ description: 'Secret of the API key, which begins with nps_; the panel shows it once.', secret: true })
  @Matches(visibleText, { message: 'apiSecret must be the secret of the key (nps_…) without spaces' })
  apiSecret!: string;

  @Setting({
    description:
      'Packages of the panel as `name=id`, separated by commas: the panel does not list them. Without it a package is given by its id.',
    example: 'starter=1, business=2',
  })
  @IsOptional()
  @Matches(/^\s*[^\s=,][^=,]*=\s*[\w-]{1,64}\s*(,\s*[^\s=,][^=,]*=\s*[\w-]{1,64}\s*)*$/, {
    message: 'packages must be a list such as starter=1, business=2',
  })
  packages?: string;

  @Setting({
    description: 'IPv4 address that sites on this server answer on; the panel does not tell it.',
    example: '192.0.2.30',
  })
  @IsOptional()
  @IsIP(4)
  ip?: string;
}
