import { IsOptional, IsString, IsUrl, Matches, MaxLength, MinLength } from 'class-validator';
import { Setting } from '@keelson/core';

const webhookSecretRule = {
  message: '$property must be the signing secret of the webhook endpoint: 24 characters or more, no blanks',
};

/** What an operator sets for a Stripe account. */
export class StripeSettings {
  @Setting({
    description:
      'Secret or restricted API key of the account. A restricted key needs Checkout, Billing, Refunds and Disputes.',
    secret: true,
    example: 'sk_live_…',
  })
  @IsString()
  @MaxLength(300)
  @Matches(/^(sk|rk)_(test|live)_\S+$/, {
    message: '$property must be a secret or restricted key: it starts with sk_test_, sk_live_, rk_test_ or rk_live_',
  })
  secretKey: string;

  @Setting({
    description: 'Signing secret of the webhook endpoint that points at Keelson.',
    secret: true,
    example: 'whsec_…',
  })
  @IsString()
  @MaxLength(300)
  @Matches(/^\S+$/, webhookSecretRule)
  @MinLength(24, webhookSecretRule)
  webhookSecret: string;

  @Setting({
    description: 'The signing secret before it was rolled; both are accepted until this one is removed.',
    secret: true,
    example: 'whsec_…',
  })
  @IsOptional()
  @IsString()
  @MaxLength(300)
  @Matches(/^\S+$/, webhookSecretRule)
  @MinLength(24, webhookSecretRule)
  previousWebhookSecret?: string;

  @Setting({
    description: 'Where the API is. Leave it out for Stripe itself; set it for the sandbox.',
    example: 'http://127.0.0.1:2290',
  })
  @IsOptional()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'], disallow_auth: true })
  apiBase?: string;
}
