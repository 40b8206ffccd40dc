import { Setting, UrlSetting } from '@keelson/core';
import { IsOptional, Matches } from 'class-validator';

/** What an operator sets to connect one Cloudflare account. */
export class CloudflareSettings {
  @Setting({ description: 'Id of the account that holds the zones: 32 hexadecimal digits.' })
  @Matches(/^[0-9a-f]{32}$/, { message: 'accountId must be 32 hexadecimal digits, lower case' })
  accountId: string;

  @Setting({ description: 'API token that may do Zone Edit and DNS Edit in all zones of the account.', secret: true })
  @Matches(/^[\x21-\x7e]+$/, { message: 'apiToken must be printable ASCII without spaces' })
  apiToken: string;

  @UrlSetting({
    description: 'Address of the API, for a proxy in front of it.',
    example: 'https://api.cloudflare.com/client/v4',
  })
  @IsOptional()
  url: string = 'https://api.cloudflare.com/client/v4';
}
