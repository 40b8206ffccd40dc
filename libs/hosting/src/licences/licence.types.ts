import type { Product } from '@keelson/catalogue';
import type { Service } from '../service.entity.js';
import type { Licence } from './licence.entity.js';

/** What a licence counts. */
export const licenceResources = ['accounts', 'databases', 'domains', 'emails'] as const;
export type LicenceResource = (typeof licenceResources)[number];

/** How many of each a licence allows. */
export type LicenceLimits = Readonly<Record<LicenceResource, number>>;

export type LicenceStatus = 'active' | 'suspended' | 'expired' | 'cancelled';

/** A licence with what follows from other rows. */
export interface LicenceView {
  licence: Licence;
  /** The service that it belongs to, which names customer and subscription. */
  service: Service;
  product: Product;
  status: LicenceStatus;
  usage: Readonly<Record<LicenceResource, { current: number; maximum: number }>>;
}

/** A licence is as good as its service, and no longer than its own term. */
export function licenceStatusOf(
  { revokedAt, expiresAt }: Pick<Licence, 'revokedAt' | 'expiresAt'>,
  { status }: Pick<Service, 'status'>,
  now: Date,
): LicenceStatus {
  if (revokedAt !== null || ['failed', 'cancelled', 'terminating', 'terminated'].includes(status)) return 'cancelled';
  if (['suspended', 'quarantined'].includes(status)) return 'suspended';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

/**
 * What a plan allows, from the limits of its product: `accounts`, `databases`, `domains` (or `websites`), `emails` (or
 * `mailboxes`). One account when the plan names none; none of the others.
 */
export function licenceLimitsOf(limits: Readonly<Record<string, number>>): LicenceLimits {
  return {
    accounts: limits['accounts'] ?? 1,
    databases: limits['databases'] ?? 0,
    domains: limits['domains'] ?? limits['websites'] ?? 0,
    emails: limits['emails'] ?? limits['mailboxes'] ?? 0,
  };
}
