import { PortError, type Mailbox } from '@keelson/core';
import type { Row } from './postfix-dovecot.client.js';

export interface Address {
  address: string;
  domain: string;
}

const domainName = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;
/**
 * What Dovecot takes in a user name (auth_username_chars). A `+` would begin an address extension (recipient_delimiter).
 * @see https://doc.dovecot.org/2.3/settings/core/#core_setting-auth_username_chars
 */
const localPart = /^(?=.{1,64}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const anyLocalPart = /^(?=.{1,64}$)[A-Za-z0-9!#$%&'*+=?^_`{}~-]+(\.[A-Za-z0-9!#$%&'*+=?^_`{}~-]+)*$/;

/** Checks a domain name. Throws `invalid-input`. */
export function domainFrom(text: string): string {
  if (!domainName.test(text)) throw new PortError('invalid-input', 'This is no domain name.');
  return text;
}

/** Checks and splits an address of ours, in lower case. Throws `invalid-input`. */
export function addressFrom(text: string): Address {
  const [local, domain] = split(text);
  if (!localPart.test(local) || !domainName.test(domain)) {
    throw new PortError('invalid-input', 'An address here has letters, digits, dots, hyphens and underscores.');
  }
  return { address: text, domain };
}

/** Checks the addresses that mail is forwarded to, anywhere; each is kept once. Throws `invalid-input`. */
export function targetsFrom(texts: readonly string[]): string[] {
  for (const text of texts) {
    const [local, domain] = split(text);
    // Postfix reads a list of targets at commas and blanks.
    if (!anyLocalPart.test(local) || !domainName.test(domain.toLowerCase())) {
      throw new PortError('invalid-input', 'This is no address that mail can be forwarded to.');
    }
  }
  return [...new Set(texts)];
}

/** Checks a quota in megabytes; 0 = unlimited. Throws `invalid-input`. */
export function quotaFrom(quotaMb: number): number {
  if (!Number.isInteger(quotaMb) || quotaMb < 0 || quotaMb > 2_147_483_647) {
    throw new PortError('invalid-input', 'A quota is a whole number of megabytes.');
  }
  return quotaMb;
}

/** A row with `address`, `quota_mb`, `suspended` and `used_bytes` (a bigint, which the driver gives as text). */
export function mailboxOf(row: Row): Mailbox {
  return {
    address: String(row.address),
    quotaMb: row.quota_mb === null ? undefined : Number(row.quota_mb),
    usedMb: Math.round((Number(row.used_bytes ?? 0) / 1024 / 1024) * 100) / 100,
    suspended: row.suspended === true,
  };
}

/** A row with `address` and `targets`. */
export function forwardOf(row: Row): { address: string; targets: string[] } {
  return { address: String(row.address), targets: row.targets as string[] };
}

function split(text: string): [string, string] {
  const at = text.lastIndexOf('@');
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at + 1)];
}
