import { isAccountOf, megabytesOf, textOf, type Account, type AccountSpec, type AccountUsage } from '@keelson/core';
import type { AccountRecord } from './account-records.js';
import type { PanelAccount, PanelFields } from './nextpanel.client.js';
import { malformedReply } from './nextpanel.errors.js';

/** Names of packages with their ids on the panel. */
export type PackageIds = ReadonlyMap<string, string | number>;

/** Reads the setting `packages`: `starter=1, business=2`. */
export function packageIdsOf(setting: string | undefined): PackageIds {
  const pairs = (setting ?? '').split(',').filter((pair) => pair.includes('='));
  return new Map(
    pairs.map((pair) => {
      const [name = '', id = ''] = pair.split('=').map((part) => part.trim());
      return [name, idOf(id)];
    }),
  );
}

/**
 * Id of a package at the panel: of its configured name, or the id itself, which must be a configured one where any are. `null` asks for the
 * panel's own default, undefined means that there is no such package.
 */
export function packageIdOf(name: string, ids: PackageIds): string | number | null | undefined {
  if (name === '') return null;
  if (ids.size > 0) return ids.get(name) ?? [...ids.values()].find((id) => String(id) === name);
  return /^\d{1,15}$/.test(name) ? Number(name) : undefined;
}

const accountTypes = { standard: 'panel', reseller: 'reseller', 'master-reseller': 'master-reseller' } as const;

/** The body of a creation, as the panel's own billing application sends it: absent fields are `null`. */
export function creationOf(spec: AccountSpec, packageId: string | number | null, now: Date) {
  const { username, email, password, externalId, accountType = 'standard' } = spec;
  const type = accountTypes[accountType];
  const isAdmin = accountType !== 'standard';
  return {
    username,
    email,
    password,
    full_name: spec.fullName ?? null,
    phone: spec.phone ?? null,
    company: spec.company ?? null,
    package_id: packageId,
    is_admin: isAdmin,
    billing_id: externalId,
    metadata: {
      created_from: 'billing_system',
      billing_customer_id: externalId,
      account_type: type,
      is_admin: isAdmin,
      account_level: type,
      // Read as UTC although it names no zone.
      created_at: now.toISOString().replace('Z', ''),
    },
  };
}

/** What is known about an account beside what the panel tells. */
export interface KnownBeside {
  record?: AccountRecord;
  packageIds: PackageIds;
  ip?: string;
}

/** An account of the panel, completed by what we keep. What the panel tells comes first; its domain is only known to us. */
export function accountFrom(item: PanelAccount, { record, packageIds, ip }: KnownBeside): Account {
  const suspended = item.is_active === false || item.status === 'suspended';
  return {
    remoteId: String(item.id),
    username: item.username,
    domain: record?.domain ?? '',
    package: packageNameOf(item.package_id, packageIds) ?? record?.package,
    email: textOf(item.email),
    state: suspended ? 'suspended' : 'active',
    ip,
    externalId: textOf(item.billing_id) ?? record?.externalId,
  };
}

/** Whether an account is the wanted one, although the domain of one that was made elsewhere is not known. */
export function isOurs(account: Account, spec: AccountSpec): boolean {
  return isAccountOf({ ...account, domain: account.domain || spec.domain }, spec);
}

/** The answer of `…/stats`. A bare `storage_used` counts as megabytes. */
export function usageOf(stats: PanelFields, username: string): AccountUsage {
  const diskMb = megabytesOf(stats.storage_used);
  if (diskMb === undefined) throw malformedReply('storage_used');
  return {
    username,
    diskMb,
    domains: countOf(stats.total_domains),
    databases: countOf(stats.total_databases),
    mailboxes: countOf(stats.total_email_accounts),
    certificates: countOf(stats.total_ssl_certificates),
    lastLoginAt: dateOf(stats.last_login),
    ageDays: countOf(stats.account_age_days),
  };
}

function packageNameOf(id: unknown, ids: PackageIds): string | undefined {
  const text = textOf(id);
  if (text === undefined) return undefined;
  return [...ids].find(([, known]) => String(known) === text)?.[0] ?? text;
}

/** The panel writes times of UTC without a zone. */
function dateOf(value: unknown): Date | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const date = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function idOf(text: string): string | number {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}
