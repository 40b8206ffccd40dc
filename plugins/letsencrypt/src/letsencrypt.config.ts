import { Setting } from '@keelson/core';
import { Equals, IsEmail, IsIn, IsOptional, IsString, IsUrl, Matches } from 'class-validator';

export const keyTypes = ['ec-256', 'rsa-2048'] as const;
export type KeyType = (typeof keyTypes)[number];

/** What an operator sets for an account at an ACME authority. The account itself is made by the first call. */
export class LetsEncryptSettings {
  @Setting({
    description: "Directory of the authority. Leave it out for Let's Encrypt itself.",
    example: 'https://acme-staging-v02.api.letsencrypt.org/directory',
  })
  @IsOptional()
  @IsUrl({
    protocols: ['http', 'https'],
    require_protocol: true,
    require_tld: false,
    disallow_auth: true,
    allow_fragments: false,
  })
  directoryUrl: string = 'https://acme-v02.api.letsencrypt.org/directory';

  @Setting({
    description: 'Where the authority writes to about the account. Used when the account is made.',
    example: 'hostmaster@example.com',
  })
  @IsEmail()
  email: string;

  @Setting({
    description: "Whether you agree to the authority's terms of service, which its directory names. Must be true.",
    example: true,
  })
  @Equals(true, { message: "termsAgreed must be true: certificates need your consent to the authority's terms" })
  termsAgreed: boolean;

  @Setting({
    description: 'Kind of certificate, where the authority offers several. Leave it out for its default.',
    example: 'tlsserver',
  })
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,64}$/i, { message: 'profile must be letters, digits and hyphens' })
  profile?: string;

  @Setting({
    description: 'Kind of private keys: ec-256 (smaller and faster) or rsa-2048 (for servers that know no other).',
    example: 'ec-256',
  })
  @IsOptional()
  @IsIn(keyTypes)
  keyType: KeyType = 'ec-256';

  @Setting({
    description: "PEM of the authority that signed the directory's own certificate, where it is not a public one.",
    example: '-----BEGIN CERTIFICATE-----…',
  })
  @IsOptional()
  @IsString()
  @Matches(/-----BEGIN CERTIFICATE-----/, { message: 'caPem must hold a certificate in PEM' })
  caPem?: string;
}
