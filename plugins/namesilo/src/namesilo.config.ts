import { Setting } from '@keelson/core';
import { IsBoolean, IsOptional, IsUrl, Matches } from 'class-validator';

/** What an operator sets for a NameSilo account. */
export class NameSiloSettings {
  @Setting({
    description: 'API key of the account (API Manager). Where the key has an address list, ours must be on it.',
    secret: true,
  })
  @Matches(/^[A-Za-z0-9_-]{8,128}$/, { message: 'apiKey must be the key as NameSilo shows it: 8 characters or more' })
  apiKey: string;

  @Setting({
    description:
      'Where the API is, without /api. The test systems have accounts and keys of their own: https://ote.namesilo.com or https://sandbox.namesilo.com.',
    example: 'https://www.namesilo.com',
  })
  @IsOptional()
  @IsUrl({
    protocols: ['http', 'https'],
    require_protocol: true,
    require_tld: false,
    disallow_auth: true,
    allow_query_components: false,
    allow_fragments: false,
  })
  baseUrl: string = 'https://www.namesilo.com';

  @Setting({
    description:
      'Calls the batch API, which NameSilo demands of automation. Set it to false only where people trigger every call.',
    example: true,
  })
  @IsOptional()
  @IsBoolean()
  batch: boolean = true;

  @Setting({
    description: 'Id of the verified payment profile that is charged. Without it the account funds pay.',
    example: '123456',
  })
  @IsOptional()
  @Matches(/^\d{1,20}$/, { message: 'paymentId must be the number of a payment profile' })
  paymentId?: string;
}
