import { isIP } from 'node:net';
import { canonicalHostName, PortError, registrableDomain, type Money } from '@keelson/core';
import type { Offer } from './namesilo.mapper.js';

/** The vendor's own module hides no registrant below these. */
const withoutPrivacy: ReadonlySet<string> = new Set(['us', 'in', 'tickets', 'nl', 'eu', 'uk', 'at']);

/** The API takes `ns1` to `ns13`, and `ip1` to `ip13`. */
const most = 13;

/** Whether domains with this ending can hide their registrant. */
export function privacyKnown(domain: string): boolean {
  return !withoutPrivacy.has(domain.slice(domain.lastIndexOf('.') + 1));
}

/** @throws PortError `invalid-input` */
export function yearsOf(years: number): number {
  if (Number.isInteger(years) && years >= 1 && years <= 10) return years;
  throw new PortError('invalid-input', 'Domains are registered and renewed for 1 to 10 years.');
}

/** @throws PortError `invalid-input` */
export function nameserversOf(nameservers: readonly string[]): string[] {
  if (nameservers.length < 2 || nameservers.length > most) {
    throw new PortError('invalid-input', `A domain has 2 to ${most} name servers.`);
  }
  return nameservers.map(canonicalHostName);
}

/** @throws PortError `invalid-input`; its text does not repeat the code */
export function authCodeOf(authCode: string): string {
  const trimmed = authCode.trim();
  if (/^[\x21-\x7e]{1,255}$/.test(trimmed)) return trimmed;
  throw new PortError('invalid-input', 'This is no auth code: it is 1 to 255 printable characters without blanks.');
}

/** A host below a registered domain, and its name relative to it. @throws PortError `invalid-input` */
export function hostOf(host: string): { name: string; domain: string; label: string } {
  const name = canonicalHostName(host);
  const domain = registrableDomain(name);
  if (name === domain) throw new PortError('invalid-input', `${name} is a domain, and not a host below one.`);
  return { name, domain, label: name.slice(0, -domain.length - 1) };
}

/** @throws PortError `invalid-input` */
export function addressesOf(addresses: readonly string[]): string[] {
  if (addresses.length < 1 || addresses.length > most || addresses.some((address) => isIP(address) === 0)) {
    throw new PortError('invalid-input', `A name server has 1 to ${most} IP addresses.`);
  }
  return [...new Set(addresses)];
}

/** The page that a cursor of `listDomains` stands for. @throws PortError `invalid-input` */
export function pageOf(cursor = '1'): number {
  if (/^[1-9]\d{0,8}$/.test(cursor)) return Number(cursor);
  throw new PortError('invalid-input', 'This is no cursor of a list of domains.');
}

/**
 * Refuses what cannot be had, or costs more than it may. Years beyond those of the price are reckoned at the same price.
 * @throws PortError `already-exists`, `wrong-state` for the price, `invalid-input` for the name or a maximum in another currency
 */
export function refuseUnlessFor(offer: Offer | undefined, years: number, maximum: Money | undefined): void {
  if (offer === 'taken') throw new PortError('already-exists', 'The domain is registered already.');
  if (offer === undefined || offer === 'not-sold') {
    throw new PortError('invalid-input', 'The registrar does not sell such names.');
  }
  const { price, premium, duration } = offer;
  if (maximum === undefined) {
    if (!premium) return;
    throw new PortError('wrong-state', 'The domain costs more than others of its ending, and no price was agreed on.');
  }
  if (maximum.currency !== price.currency) {
    throw new PortError('invalid-input', `The registrar bills in ${price.currency}, not in ${maximum.currency}.`);
  }
  if (price.amount * Math.ceil(years / duration) > maximum.amount) {
    throw new PortError('wrong-state', 'The domain costs more than the price agreed on.');
  }
}
