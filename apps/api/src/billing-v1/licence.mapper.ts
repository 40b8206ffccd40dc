import type { Subscription } from '@keelson/billing';
import type { LicenceLimits, LicenceView } from '@keelson/hosting';
import type { LicenceDto } from './customers-v1.dto.js';

export function limitFieldsOf({ accounts, databases, domains, emails }: LicenceLimits) {
  return { max_accounts: accounts, max_databases: databases, max_domains: domains, max_emails: emails };
}

/** A licence as clients of the billing API read it. */
export function licenceOf(view: LicenceView, key: string, subscription: Subscription | undefined): LicenceDto {
  const { licence, product, status, usage } = view;
  const { accounts, databases, domains, emails } = usage;
  return {
    id: licence.number,
    license_key: key,
    plan_id: product.number,
    status,
    ...limitFieldsOf({
      accounts: accounts.maximum,
      databases: databases.maximum,
      domains: domains.maximum,
      emails: emails.maximum,
    }),
    subscription_id: subscription?.number ?? null,
    expires_at: (licence.expiresAt ?? subscription?.currentPeriodEnd)?.toISOString() ?? null,
    current_accounts: accounts.current,
    current_databases: databases.current,
    current_domains: domains.current,
    current_emails: emails.current,
    created_at: licence.createdAt.toISOString(),
  };
}
