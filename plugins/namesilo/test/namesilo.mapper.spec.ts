import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { contactFrom, contactIdsFrom, contactParametersOf, sameContact } from '../src/namesilo-contact.mapper.js';
import { parseReply, type NameSiloReply } from '../src/namesilo-reply.js';
import { transferFrom } from '../src/namesilo-transfer.mapper.js';
import { nameSiloError } from '../src/namesilo.errors.js';
import {
  availabilityOf,
  dateFrom,
  domainFrom,
  domainPageFrom,
  dsParametersOf,
  dsRecordsFrom,
  glueRecordsFrom,
  moneyFrom,
  offersFrom,
  pricesFrom,
} from '../src/namesilo.mapper.js';
import { contact } from './namesilo-environment.js';

function fixture(name: string, change = (text: string) => text): NameSiloReply {
  return parseReply(change(readFileSync(new URL(`fixtures/${name}.xml`, import.meta.url), 'utf8')));
}

function usd(amount: number) {
  return { amount, currency: 'USD' };
}

describe('domains', () => {
  it('are read with their name servers in order and lower case', () => {
    expect(domainFrom(fixture('get-domain-info'), 'demo.com')).toEqual({
      domain: 'demo.com',
      state: 'active',
      expiresAt: new Date('2027-01-11T00:00:00Z'),
      nameservers: ['ns1.names.example', 'ns2.names.example'],
      locked: true,
      privacy: false,
      autoRenew: true,
    });
  });

  it.each([
    ['Active', 'active'],
    ['Pending Outbound Transfer', 'active'],
    ['Suspended (no email verification)', 'suspended'],
    ['Suspended (default contact values)', 'suspended'],
    ['Suspended (both cases)', 'suspended'],
    ['Expired (grace period)', 'expired'],
    ['Expired (restore period)', 'redemption'],
    ['Expired (pending delete)', 'redemption'],
    ['Something that is new', 'pending'],
    ['Inactive', undefined],
    ['External Domain', undefined],
  ])('with the status %s are %s', (status, state) => {
    const reply = fixture('get-domain-info', (text) => text.replace('<status>Active', `<status>${status}`));
    expect(domainFrom(reply, 'demo.com')?.state).toBe(state);
  });

  it('without an expiry are no answer', () => {
    const reply = fixture('get-domain-info', (text) => text.replace(/<expires>.*<\/expires>/, ''));
    expect(() => domainFrom(reply, 'demo.com')).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('are listed page by page, as long as the pager says so', () => {
    const items = [
      { domain: 'demo.com', expiresAt: new Date('2027-02-03T00:00:00Z') },
      { domain: 'demo.net', expiresAt: new Date('2028-02-29T00:00:00Z') },
    ];
    expect(domainPageFrom(fixture('list-domains'), 2)).toEqual({ items, cursor: '3' });
    const last = fixture('list-domains', (text) => text.replace('<total>12', '<total>10'));
    expect(domainPageFrom(last, 2)).toEqual({ items });
    const whole = fixture('list-domains', (text) => text.replace(/<pager>.*<\/pager>/, ''));
    expect(domainPageFrom(whole, 1)).toEqual({ items });
  });

  it('are never cut short by a pager that does not page', () => {
    for (const [from, to] of [
      ['<page>2', '<page>1'],
      ['<pageSize>5', '<pageSize>many'],
      ['<total>12</total>', ''],
    ] as const) {
      const reply = fixture('list-domains', (text) => text.replace(from, to));
      expect(() => domainPageFrom(reply, 2)).toThrow(expect.objectContaining({ code: 'internal' }));
    }
  });
});

describe('availability', () => {
  it('knows prices, premium names, taken names and names that are not sold', () => {
    const offers = offersFrom(fixture('check-register-availability'));
    expect(Object.fromEntries(offers)).toEqual({
      'demo-one.com': { price: usd(999), premium: false, duration: 1 },
      'demo-two.org': { price: usd(1_999), premium: false, duration: 10 },
      'demo.io': { price: usd(124_900), premium: true, duration: 1 },
      'demo.net': 'taken',
      'd#mo.com': 'not-sold',
    });
    const answer = (domain: string) => availabilityOf(domain, offers.get(domain));
    expect(answer('demo-one.com')).toEqual({ domain: 'demo-one.com', available: true });
    expect(answer('demo.io')).toEqual({ domain: 'demo.io', available: true, premium: { price: usd(124_900) } });
    for (const domain of ['demo.net', 'd#mo.com']) expect(answer(domain)).toEqual({ domain, available: false });
  });
});

describe('transfers', () => {
  const now = new Date('2026-11-20T12:00:00Z');
  const status = (text: string, date = '2026-11-20 08:00:00') =>
    transferFrom(
      parseReply(`<namesilo><reply><code>300</code><date>${date}</date><status>${text}</status></reply></namesilo>`),
      now,
    );

  it.each([
    ['Pending at Registry', 'registry'],
    ['Waiting for approval of the admin e-mail', 'registrant'],
    ['A text that is new', 'registrar'],
  ])('with the status %s wait for the %s', (text, waitingFor) => {
    expect(status(text)).toEqual({ state: 'pending', waitingFor });
  });

  it.each([
    ['Missing Authorization Code', 'auth-code'],
    ['Incorrect Authorization Code', 'auth-code'],
    ['Domain is Locked', 'unlock'],
    ['Registry Transfer Request Failed', 'wait'],
    ['On Hold - Created in last 60 days', 'wait'],
    ['On Hold - Transferred in last 60 days', 'wait'],
    ['Transfer Rejected', undefined],
    ['Registrar Rejected', undefined],
    ['Registry Rejected', undefined],
    ['Domain Transferred Elsewhere', undefined],
    ['User Cancelled', undefined],
    ['Domain has a pendingDelete status', undefined],
    ['Domain has a pendingTransfer status', undefined],
  ])('with the status %s have failed, with the remedy %s', (text, remedy) => {
    const failed = status(text);
    if (failed.state !== 'failed') throw new Error(`expected a failure, not ${failed.state}`);
    expect(failed.remedy).toBe(remedy);
    expect(failed.reason).toMatch(/^[A-Z].*\.$/);
  });

  it('have arrived when they are completed, unless that is long ago', () => {
    expect(status('Transfer Completed')).toEqual({ state: 'arrived' });
    expect(status('Transfer Completed', '2025-01-01 00:00:00')).toMatchObject({ state: 'failed' });
    expect(status('Transfer Completed', 'someday')).toEqual({ state: 'arrived' });
  });
});

describe('contacts', () => {
  it('are read from a profile, whatever its encoding', () => {
    expect(contactFrom(fixture('contact-list'))).toEqual({
      firstName: 'Änne',
      lastName: "O'Müller & Söhne",
      company: 'Käse & Brot GmbH',
      email: 'anne@customer.example',
      phone: '49301234567',
      street: 'Weg 1, Hinterhaus',
      city: 'Berlin',
      state: '',
      postalCode: '10115',
      country: 'DE',
    });
    expect(contactIdsFrom(fixture('get-domain-info'))).toEqual(['444444', '555555', '666666', '777777']);
  });

  it('are the same when only the writing of the phone number differs', () => {
    expect(sameContact(contact, { ...contact, phone: '49301234567' })).toBe(true);
    expect(sameContact(contact, { ...contact, phone: '49301234568' })).toBe(false);
    expect(sameContact(contact, { ...contact, company: 'Ltd' })).toBe(false);
  });

  it('become parameters, without those that are absent', () => {
    const parameters = { fn: 'Ann', ln: 'Lee', ad: 'Weg 1', cy: 'Berlin', st: '', zp: '10115', ct: 'DE' };
    expect(contactParametersOf(contact)).toEqual({
      ...parameters,
      em: contact.email,
      ph: contact.phone,
      cp: undefined,
    });
    expect(() => contactParametersOf({ ...contact, city: ' ', phone: '' })).toThrow(/city, phone/);
  });
});

describe('records', () => {
  it('of DNSSEC are read in lower case and written in upper case', () => {
    const records = dsRecordsFrom(fixture('dnssec-list-records'));
    expect(records).toEqual([
      { keyTag: 1234, algorithm: 13, digestType: 2, digest: '123456789abcdef0' },
      { keyTag: 9876, algorithm: 8, digestType: 1, digest: '0fedcba987654321' },
    ]);
    expect(records.slice(0, 1).map(dsParametersOf)).toEqual([
      { digest: '123456789ABCDEF0', keyTag: 1234, digestType: 2, alg: 13 },
    ]);
  });

  it('of hosts carry absolute names, whether the vendor writes them so or not', () => {
    expect(glueRecordsFrom(fixture('list-registered-name-servers'), 'demo.com')).toEqual([
      { host: 'ns1.demo.com', addresses: ['192.0.2.1', '2001:db8::1'] },
      { host: 'ns2.demo.com', addresses: ['192.0.2.2'] },
    ]);
  });
});

describe('prices', () => {
  it('are read for every ending, dotted and coded ones too', () => {
    const price = (tld: string, register: number, renew: number, transfer: number) => ({
      tld,
      register: usd(register),
      renew: usd(renew),
      transfer: usd(transfer),
    });
    expect(pricesFrom(fixture('get-prices'))).toEqual([
      price('com', 1_000, 1_195, 1_040),
      price('com.au', 1_299, 1_299, 0),
      price('xn--p1ai', 750, 850, 700),
      price('makeup', 575_000, 575_000, 575_000),
    ]);
  });

  it.each([
    ['8.99', 899],
    ['8.9', 890],
    ['8', 800],
    ['$8.99', 899],
    ['1,234,567.80', 123_456_780],
    ['-3.50', -350],
    ['8.9900', 899],
    ['0.29', 29],
  ])('take %s for %i cents', (text, amount) => {
    expect(moneyFrom(text)).toEqual(usd(amount));
  });

  it.each([undefined, '', 'free', '8.999', '8,99 EUR', '1e3', 'NaN'])('take %j for no amount', (text) => {
    expect(() => moneyFrom(text)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('dates', () => {
  it('are midnight UTC of their day', () => {
    expect(dateFrom('2027-01-11')).toEqual(new Date('2027-01-11T00:00:00Z'));
    expect(dateFrom('2027-01-11 23:59:59')).toEqual(new Date('2027-01-11T00:00:00Z'));
    for (const text of [undefined, '', '11.01.2027', '2027-13-01']) expect(() => dateFrom(text)).toThrow();
  });
});

describe('answers', () => {
  it('of a trademark notice are told from others', () => {
    expect(nameSiloError(fixture('trademark-claims'), true).message).toMatch(/trademark/);
  });

  it.each([
    ['', 'nothing'],
    ['<namesilo>', 'an open element'],
    ['<namesilo><reply><code>300</code></reply>', 'a truncated one'],
    ['<html><body>Bad gateway</body></html>', 'a page'],
    ['{"reply":{"code":300}}', 'JSON'],
    ['<namesilo><reply><detail>success</detail></reply></namesilo>', 'one without a code'],
    ['<namesilo><reply><code>three</code></reply></namesilo>', 'one with a code that is none'],
    ['<namesilo><request/></namesilo>', 'one without a reply'],
    ['<!DOCTYPE x [<!ENTITY a "b">]><namesilo><reply><code>300</code></reply></namesilo>', 'one with a document type'],
    ['<namesilo><reply><code>300</code></reply></namesilo><namesilo/>', 'two'],
  ])('%j are none: %s', (text) => {
    expect(() => parseReply(text)).toThrow();
  });
});
