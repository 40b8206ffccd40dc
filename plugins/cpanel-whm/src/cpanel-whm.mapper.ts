import { megabytesOf, type Account, type AccountUsage, type Mailbox, type Package } from '@keelson/core';
import type { WhmFields } from './cpanel-whm.client.js';
import { malformedReply } from './cpanel-whm.errors.js';

const bytesPerMegabyte = 1024 * 1024;
const privateAddress = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.0\.0\.0$)/;

/** The objects of a list in a reply; anything else in it is dropped. Throws `internal` when there is no list. */
export function listOf(value: unknown, name: string): WhmFields[] {
  if (!Array.isArray(value)) throw malformedReply(name);
  return value.filter((item): item is WhmFields => typeof item === 'object' && item !== null && !Array.isArray(item));
}

/** A text that says something, or undefined. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value !== '*unknown*' ? value : undefined;
}

/** The one number among the fields of a reply, or undefined. */
export function soleNumber(data: WhmFields): number | undefined {
  const numbers = Object.values(data).filter((value) => textOf(value) !== undefined && Number.isFinite(Number(value)));
  return numbers.length === 1 ? Number(numbers[0]) : undefined;
}

/** A limit in megabytes: as `megabytesOf`, and 0 is unlimited too. */
export function limitOf(size: unknown): number | undefined {
  const megabytes = megabytesOf(size);
  return megabytes === 0 ? undefined : megabytes;
}

/** Bytes as megabytes. Undefined for what is no number. */
export function megabytesOfBytes(bytes: unknown): number | undefined {
  const number = Number(textOf(bytes) ?? Number.NaN);
  return Number.isFinite(number) && number >= 0 ? round(number / bytesPerMegabyte) : undefined;
}

/** An item of `accountsummary` and `listaccts`. Throws `internal` when it names no account. */
export function accountOf(item: WhmFields, defaultIp?: string): Account {
  const username = textOf(item.user);
  const domain = textOf(item.domain);
  if (username === undefined || domain === undefined) throw malformedReply('user and domain of the account');
  const suspended = Number(item.suspended) === 1;
  return {
    remoteId: username,
    username,
    domain: domain.toLowerCase(),
    package: textOf(item.plan),
    email: textOf(item.email),
    state: suspended ? 'suspended' : 'active',
    suspendReason: suspended ? textOf(item.suspendreason) : undefined,
    ip: addressOf(item.ip, defaultIp),
  };
}

/** Where accounts sign in: the panel of the same server, on 2083 with TLS and on 2082 without. */
export function panelUrlOf(whmUrl: string): string {
  const { protocol, hostname } = new URL(whmUrl);
  return `${protocol}//${hostname}:${protocol === 'https:' ? 2083 : 2082}`;
}

/** The address of an account; `defaultIp` in place of none and of a private one. */
export function addressOf(ip: unknown, defaultIp?: string): string | undefined {
  const address = textOf(ip);
  return address === undefined || privateAddress.test(address) ? (defaultIp ?? address) : address;
}

/** `nameserver`, `nameserver2` … of a reply of `createacct`; undefined when it names none. */
export function nameserversOf(data: WhmFields): string[] | undefined {
  const names = ['nameserver', 'nameserver2', 'nameserver3', 'nameserver4'].map((name) => textOf(data[name]));
  const given = names.filter((name) => name !== undefined);
  return given.length === 0 ? undefined : given;
}

/** An item of `listpkgs`, whose limits are upper-case texts. Undefined when it has no name. */
export function packageOf(item: WhmFields): Package | undefined {
  const name = textOf(item.name);
  return name === undefined ? undefined : { name, diskMb: limitOf(item.QUOTA), bandwidthMb: limitOf(item.BWLIMIT) };
}

/** Disk from `accountsummary` or `listaccts`, traffic from the item of `showbw` for the same account. */
export function usageOf(account: WhmFields, bandwidth: WhmFields | undefined): AccountUsage {
  const username = textOf(account.user);
  if (username === undefined) throw malformedReply('user of the account');
  return {
    username,
    diskMb: megabytesOf(account.diskused) ?? 0,
    diskLimitMb: limitOf(account.disklimit),
    bandwidthMb: megabytesOfBytes(bandwidth?.totalbytes),
    bandwidthLimitMb: megabytesOfBytes(bandwidth?.limit) || undefined,
  };
}

/** An item of `Email::list_pops_with_disk`. Undefined for the account's own system mailbox, which has no address. */
export function mailboxOf(item: WhmFields): Mailbox | undefined {
  const address = textOf(item.email)?.toLowerCase();
  if (address === undefined || !address.includes('@')) return undefined;
  return {
    address,
    quotaMb: megabytesOfBytes(item._diskquota) || limitOf(item.diskquota),
    usedMb: megabytesOfBytes(item._diskused) ?? megabytesOf(item.diskused),
    suspended: Number(item.suspended_login) === 1,
  };
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
