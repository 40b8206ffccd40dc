import { createPrivateKey } from 'node:crypto';
import { Setting } from '@keelson/core';
import { Type } from 'class-transformer';
import {
  IsFQDN,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';

export const smtpSecurities = ['tls', 'starttls', 'none'] as const;
export type SmtpSecurity = (typeof smtpSecurities)[number];

/** RFC 8301 §3.2: receivers ignore signatures of shorter keys. */
const shortestRsaKey = 1024;

/** The other settings that must stand wherever this one does. */
function Needs(...others: string[]): PropertyDecorator {
  const missing = (args: ValidationArguments) =>
    others.filter((name) => (args.object as Record<string, unknown>)[name] === undefined);
  return ValidateBy({
    name: 'needs',
    validator: {
      validate: (_value, args) => args !== undefined && missing(args).length === 0,
      defaultMessage: (args) =>
        args === undefined ? 'needs other settings' : `${args.property} needs ${missing(args).join(' and ')} beside it`,
    },
  });
}

/**
 * A private RSA key. nodemailer signs with RSA only and sends unsigned mail, without a word, when it is given another kind,
 * so every other kind is refused here.
 */
function IsRsaPrivateKey(): PropertyDecorator {
  return ValidateBy({
    name: 'isRsaPrivateKey',
    validator: {
      validate: (value) => typeof value === 'string' && rsaBits(value) >= shortestRsaKey,
      defaultMessage: (args) =>
        `${args?.property ?? 'the key'} must be an RSA private key in PEM, without pass phrase, of at least ${shortestRsaKey} bits ` +
        '(make one with `openssl genrsa 2048`); other kinds of keys would leave mail unsigned',
    },
  });
}

/** Length of the RSA key in bits; 0 for anything else. */
function rsaBits(pem: string): number {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
  } catch {
    return 0;
  }
}

/** How to reach one SMTP server. */
export class SmtpSettings {
  @Setting({ description: 'Host name or address of the mail server.', example: 'smtp.example.com' })
  @IsString()
  @Matches(/^[A-Za-z0-9._:-]+$/, { message: 'host must be a host name or an IP address, without scheme and port' })
  host!: string;

  @Setting({
    description: 'Port: 465 for tls, 587 for starttls, 25 or another one inside your own network.',
    example: 587,
  })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65_535)
  port!: number;

  @Setting({
    description:
      'tls: encrypted from the first byte. starttls: encrypted before login, and refused when the server cannot. ' +
      'none: never encrypted, for servers on the same machine only.',
    example: 'starttls',
  })
  @IsIn(smtpSecurities)
  security!: SmtpSecurity;

  @Setting({ description: 'User name, when the server wants a login.', example: 'mailer@example.com' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @Needs('password')
  username?: string;

  @Setting({ description: 'Password of the user.', secret: true })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @Needs('username')
  password?: string;

  @Setting({
    description: 'PEM of the authority that signed the server certificate, where it is not a public one.',
    example: '-----BEGIN CERTIFICATE-----…',
  })
  @IsOptional()
  @IsString()
  @Matches(/-----BEGIN CERTIFICATE-----/, { message: 'caPem must hold a certificate in PEM' })
  caPem?: string;

  @Setting({
    description: 'Name the server certificate is checked against, where it is not the host.',
    example: 'mx.example.com',
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  servername?: string;

  @Setting({ description: 'Domain that outgoing mail is signed for (DKIM).', example: 'example.com' })
  @IsOptional()
  @IsFQDN()
  @Needs('dkimSelector', 'dkimPrivateKey')
  dkimDomain?: string;

  @Setting({ description: 'Selector of the signing key: the label before ._domainkey.', example: 'keelson' })
  @IsOptional()
  @Matches(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i, { message: 'dkimSelector must be one DNS label, such as keelson' })
  @Needs('dkimDomain', 'dkimPrivateKey')
  dkimSelector?: string;

  @Setting({ description: 'RSA private key in PEM that signs outgoing mail.', secret: true })
  @IsOptional()
  @IsRsaPrivateKey()
  @Needs('dkimDomain', 'dkimSelector')
  dkimPrivateKey?: string;
}
