import {
  PortError,
  type Availability,
  type DomainSummary,
  type DsRecord,
  type GlueRecord,
  type Money,
  type Page,
  type RegisteredDomain,
  type TldPrice,
} from '@keelson/core';
import { child, childrenOf, textOf, type NameSiloReply, type XmlElement } from './namesilo-reply.js';

/** The API names no currency; the account is kept in US dollars. */
const currency = 'USD';

const states: Readonly<Record<string, RegisteredDomain['state']>> = {
  Active: 'active',
  'Pending Outbound Transfer': 'active',
  'Suspended (no email verification)': 'suspended',
  'Suspended (default contact values)': 'suspended',
  'Suspended (both cases)': 'suspended',
  'Expired (grace period)': 'expired',
  'Expired (restore period)': 'redemption',
  'Expired (pending delete)': 'redemption',
};

/** Shown by the account although another registrar, or nobody, keeps the domain. */
const notHeld: ReadonlySet<string> = new Set(['Inactive', 'External Domain']);

/** What a name can be had for, or why it cannot. */
export type Offer =
  | {
      price: Money;
      /** More than the list price. */
      premium: boolean;
      /** Years that the price is for. */
      duration: number;
    }
  | 'taken'
  | 'not-sold';

/** `getDomainInfo`; undefined when the account shows the domain but does not hold it. Unknown states count as `pending`. */
export function domainFrom(reply: NameSiloReply, domain: string): RegisteredDomain | undefined {
  const status = required(reply.body, 'status');
  if (notHeld.has(status)) return undefined;
  return {
    domain,
    state: states[status] ?? 'pending',
    expiresAt: dateFrom(required(reply.body, 'expires')),
    nameservers: nameserversFrom(reply.body),
    locked: yes(reply.body, 'locked'),
    privacy: yes(reply.body, 'private'),
    autoRenew: yes(reply.body, 'auto_renew'),
  };
}

/** `checkRegisterAvailability` and `checkTransferAvailability`: one offer for every name that it lists. */
export function offersFrom(reply: NameSiloReply): Map<string, Offer> {
  const named = (list: string, offer: (element: XmlElement) => Offer): [string, Offer][] => {
    const element = child(reply.body, list);
    return (element === undefined ? [] : childrenOf(element, 'domain')).map((one) => [
      one.text.toLowerCase(),
      offer(one),
    ]);
  };
  return new Map([
    ...named('invalid', () => 'not-sold'),
    ...named('unavailable', () => 'taken'),
    ...named('available', ({ attributes: { price, premium, duration } }) => ({
      price: moneyFrom(price),
      premium: premium === '1',
      duration: Math.max(1, Number(/^\d+$/.exec(duration ?? '')?.[0] ?? 1)),
    })),
  ]);
}

export function availabilityOf(domain: string, offer: Offer | undefined): Availability {
  if (typeof offer !== 'object') return { domain, available: false };
  return { domain, available: true, ...(offer.premium ? { premium: { price: offer.price } } : {}) };
}

/**
 * `listDomains`, asked for the page. Whether the API honours the paging parameters is not documented: without a pager the list is whole,
 * and a pager of another page than the one asked for is an error, never a list cut short.
 */
export function domainPageFrom(reply: NameSiloReply, page: number): Page<DomainSummary> {
  const list = child(reply.body, 'domains');
  const items = (list === undefined ? [] : childrenOf(list, 'domain')).map(({ text, attributes }) => ({
    domain: text.toLowerCase(),
    expiresAt: dateFrom(attributes.expires),
  }));
  const pager = child(reply.body, 'pager');
  if (pager === undefined) return { items };
  const number = (name: string) => Number(/^\d+$/.exec(required(pager, name))?.[0]);
  const seen = page * number('pageSize');
  if (number('page') !== page || !Number.isInteger(seen)) throw unexpected('pager');
  return number('total') > seen && items.length > 0 ? { items, cursor: String(page + 1) } : { items };
}

export function balanceFrom(reply: NameSiloReply): Money {
  return moneyFrom(textOf(reply.body, 'balance'));
}

/** `getPrices`: one element a TLD, named like it. */
export function pricesFrom(reply: NameSiloReply): TldPrice[] {
  return reply.body.children
    .filter((element) => child(element, 'registration') !== undefined)
    .map((element) => ({
      tld: element.name.toLowerCase(),
      register: moneyFrom(textOf(element, 'registration')),
      renew: moneyFrom(textOf(element, 'renew')),
      transfer: moneyFrom(textOf(element, 'transfer')),
    }));
}

/** `dnsSecListRecords`. */
export function dsRecordsFrom(reply: NameSiloReply): DsRecord[] {
  return childrenOf(reply.body, 'ds_record').map((element) => ({
    keyTag: Number(required(element, 'key_tag')),
    algorithm: Number(required(element, 'algorithm')),
    digestType: Number(required(element, 'digest_type')),
    digest: required(element, 'digest').toLowerCase(),
  }));
}

/** Parameters of `dnsSecAddRecord` and `dnsSecDeleteRecord`. */
export function dsParametersOf({ keyTag, algorithm, digestType, digest }: DsRecord): Record<string, string | number> {
  return { digest: digest.toUpperCase(), keyTag, digestType, alg: algorithm };
}

/** `listRegisteredNameServers`: hosts are given relative to the domain. */
export function glueRecordsFrom(reply: NameSiloReply, domain: string): GlueRecord[] {
  return childrenOf(reply.body, 'hosts').map((element) => {
    const host = required(element, 'host').toLowerCase().replace(/\.$/, '');
    return {
      host: host.endsWith(`.${domain}`) ? host : `${host}.${domain}`,
      addresses: childrenOf(element, 'ip').flatMap(({ text }) => (text === '' ? [] : [text])),
    };
  });
}

/** `ns1` to `ns13`. */
export function nameserverParametersOf(nameservers: readonly string[]): Record<string, string> {
  return numbered('ns', nameservers);
}

/** `ip1` to `ip13`. */
export function addressParametersOf(addresses: readonly string[]): Record<string, string> {
  return numbered('ip', addresses);
}

function numbered(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [`${name}${index + 1}`, value]));
}

/** `YYYY-MM-DD`, with or without a time, as midnight UTC of that date. */
export function dateFrom(text: string | undefined): Date {
  const date = new Date(`${/^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0]}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) throw unexpected('date');
  return date;
}

/** An amount such as `1,234.5`, with its thousands comma. */
export function moneyFrom(text: string | undefined): Money {
  const [, sign = '', whole = '', cents = ''] =
    /^(-?)\$?(\d+)(?:\.(\d{1,2})0*)?$/.exec(text?.replaceAll(',', '') ?? '') ?? [];
  if (whole === '') throw unexpected('amount');
  const amount = Number(whole) * 100 + Number(cents.padEnd(2, '0'));
  return { amount: sign === '' ? amount : -amount, currency };
}

function nameserversFrom(body: XmlElement): string[] {
  const list = child(body, 'nameservers');
  const position = ({ attributes }: XmlElement) => Number(attributes.position ?? 0);
  return (list === undefined ? [] : childrenOf(list, 'nameserver'))
    .toSorted((a, b) => position(a) - position(b))
    .flatMap(({ text }) => (text === '' ? [] : [text.toLowerCase().replace(/\.$/, '')]));
}

function yes(body: XmlElement, name: string): boolean {
  return /^(yes|1)$/i.test(textOf(body, name) ?? '');
}

function required(element: XmlElement, name: string): string {
  const text = textOf(element, name);
  if (text === undefined) throw unexpected(name);
  return text;
}

function unexpected(what: string): PortError {
  return new PortError('internal', 'The registrar answered in an unexpected way.', {
    details: { vendor: { message: `an answer without a readable ${what}` } },
  });
}
