import { describe, expect, it } from '@jest/globals';
import type { Account, RecordSet } from '@keelson/core';
import { isPackage } from '../lifecycle/account-match.js';
import type { KeptMailbox } from '../lifecycle/kept-mailboxes.js';
import { type AccountBelief, accountsObserver } from './accounts-observer.js';
import { certificatesObserver } from './certificates-observer.js';
import { domainsObserver } from './domains-observer.js';
import { mailboxesObserver } from './mailboxes-observer.js';
import { allPages, type Difference } from './reconcile.types.js';
import { type ZoneBelief, zonesObserver } from './zones-observer.js';

const now = new Date('2026-05-01T12:00:00Z');
const short = (differences: Difference[]) => differences.map(({ kind, key }) => `${kind} ${key}`);

describe('comparing accounts', () => {
  const belief = (more: Partial<AccountBelief> = {}): AccountBelief => ({
    ...{ serviceId: 's1', username: 'ada', domain: 'ada.example', package: 'starter', status: 'active' },
    externalIds: ['s1'],
    ...more,
  });
  const account = (more: Partial<Account> = {}): Account => ({
    ...{ remoteId: 'ada', username: 'ada', domain: 'ada.example', package: 'starter', state: 'active' },
    ...more,
  });
  const compare = (beliefs: AccountBelief[], accounts: Account[], packages = ['starter', 'pro']) =>
    short(accountsObserver.compare(beliefs, { accounts, packages: packages.map((name) => ({ name })) }, now));

  it.each<[string, Partial<AccountBelief>, Partial<Account>, string[]]>([
    ['all is as it should be', {}, {}, []],
    ['it is suspended', {}, { state: 'suspended' }, ['account.suspension ada']],
    ['it is not suspended', { status: 'suspended' }, {}, ['account.suspension ada']],
    ['it is suspended as it should be', { status: 'suspended' }, { state: 'suspended' }, []],
    ['it is on another package', {}, { package: 'pro' }, ['account.package ada']],
    ['the vendor shows no package', {}, { package: undefined }, []],
    ['the vendor keeps no domain', {}, { domain: '' }, []],
    ['we know no domain', { domain: null }, { domain: 'any.example' }, []],
    ['another stands in its place', {}, { domain: 'eve.example', state: 'suspended' }, ['account.domain ada']],
    [
      'it is ours under another domain',
      {},
      { domain: 'new.example', externalId: 's1', state: 'suspended' },
      ['account.domain ada', 'account.suspension ada'],
    ],
    ['it carries the mark of another', {}, { externalId: 's2', state: 'suspended' }, []],
    [
      'it carries the mark that it was adopted with',
      { externalIds: ['s1', 'crm'] },
      { externalId: 'crm', package: 'pro' },
      ['account.package ada'],
    ],
    ['it is given up, its data kept', { status: 'quarantined' }, { state: 'suspended' }, []],
    ['it is being made', { status: 'provisioning' }, { package: 'pro' }, []],
  ])('says what differs when %s', (_when, mine, theirs, expected) => {
    expect(compare([belief(mine)], [account(theirs)])).toEqual(expected);
  });

  it('knows missing ones from those that are not made yet, and strangers from both', () => {
    expect(compare([belief()], [])).toEqual(['account.missing ada']);
    expect(compare([belief({ username: null, status: 'provisioning' })], [])).toEqual([]);
    expect(compare([belief({ username: null, status: 'provisioning' })], [account()])).toEqual([]);
    expect(compare([belief()], [account(), account({ username: 'eve', domain: 'eve.example' })])).toEqual([
      'account.unmanaged eve',
    ]);
  });

  it('takes a reseller’s spelling of a package for ours only where there is none of the plain name', () => {
    expect(isPackage('starter', 'bob_starter', [{ name: 'bob_starter' }])).toBe(true);
    expect(isPackage('starter', 'bob_starter', [{ name: 'bob_starter' }, { name: 'starter' }])).toBe(false);
    expect(isPackage('starter', 'kickstarter', [])).toBe(false);
  });
});

describe('comparing zones', () => {
  const set = (more: Partial<RecordSet> = {}): RecordSet => ({
    ...{ name: 'ada.example', type: 'A', ttl: 3600, values: ['192.0.2.1', '192.0.2.2'] },
    ...more,
  });
  const belief = (more: Partial<ZoneBelief> = {}): ZoneBelief => ({
    ...{ serviceId: 's1', zone: 'ada.example', status: 'active', serviceStatus: 'active', connectionId: 'c1' },
    records: [set()],
    ...more,
  });
  const compare = (beliefs: ZoneBelief[], zones: Record<string, { owner?: string; records: RecordSet[] } | null>) =>
    short(zonesObserver.compare(beliefs, { names: Object.keys(zones), zones: new Map(Object.entries(zones)) }, now));

  it.each<[string, { owner?: string; records: RecordSet[] }, string[]]>([
    ['the same in another order', { owner: 's1', records: [set({ values: ['192.0.2.2', '192.0.2.1'] })] }, []],
    ['another value', { owner: 's1', records: [set({ values: ['192.0.2.1'] })] }, ['zone.records ada.example A']],
    ['another time to live', { owner: 's1', records: [set({ ttl: 60 })] }, ['zone.records ada.example A']],
    ['nothing of ours', { owner: 's1', records: [] }, ['zone.records ada.example A']],
    ['more than ours', { owner: 's1', records: [set(), set({ type: 'AAAA', values: ['2001:db8::1'] })] }, []],
    ['another owner', { owner: 's2', records: [] }, ['zone.foreign ada.example']],
    ['no owner, because the vendor keeps none', { records: [set()] }, []],
  ])('holds %s', (_what, zone, expected) => {
    expect(compare([belief()], { 'ada.example': zone })).toEqual(expected);
  });

  it('knows which zones are gone, not looked at, not kept by us, or strange', () => {
    expect(compare([belief()], { 'ada.example': null })).toEqual(['zone.missing ada.example']);
    expect(compare([belief()], {})).toEqual([]);
    expect(compare([belief({ status: 'skipped' })], { 'ada.example': null })).toEqual([]);
    expect(compare([], { 'eve.example': null })).toEqual(['zone.unmanaged eve.example']);
  });
});

describe('comparing the rest', () => {
  it('says which certificates should have been renewed by now', () => {
    const belief = (certificateId: string, domain: string) => ({
      ...{ certificateId, serviceId: 's1', domains: [domain], certificatePem: 'pem', notAfter: new Date('2026-05-20') },
    });
    const seen = new Map([
      ['late', { renewBy: new Date('2026-04-30') }],
      ['fine', { renewBy: new Date('2026-05-02') }],
    ]);
    const beliefs = [belief('late', 'late.example'), belief('fine', 'fine.example'), belief('new', 'new.example')];
    expect(certificatesObserver.compare(beliefs, seen, now)).toMatchObject([
      { kind: 'certificate.overdue', key: 'late.example', actual: { expiresAt: '2026-05-20T00:00:00.000Z' } },
    ]);
  });

  it('knows a missing mailbox, one of an unknown domain, and one that is closed or open when it should not be', () => {
    const belief = (
      address: string,
      status: KeptMailbox['status'] = 'active',
      serviceStatus: KeptMailbox['serviceStatus'] = 'active',
      made = true,
    ): KeptMailbox => ({ serviceId: 's1', connectionId: 'c1', address, status, serviceStatus, made });
    const beliefs = [
      belief('gone@ada.example'),
      belief('shut@ada.example'),
      belief('shut@ada.example', 'active', 'suspended'),
      belief('shut@ada.example', 'suspended', 'suspended'),
      belief('open@ada.example', 'active', 'suspended'),
      belief('open@ada.example', 'suspended', 'suspended', false),
      belief('theirs@ada.example', 'suspended', 'suspended', false),
      belief('x@lost.example'),
      belief('y@unasked.example'),
    ];
    const seen = new Map([
      [
        'ada.example',
        [
          { address: 'shut@ada.example', suspended: true },
          { address: 'open@ada.example', suspended: false },
        ],
      ],
      ['lost.example', null],
    ]);
    expect(short(mailboxesObserver.compare(beliefs, seen, now))).toEqual([
      'mailbox.missing gone@ada.example',
      'mailbox.suspension shut@ada.example',
      'mailbox.suspension open@ada.example',
      'mailbox.missing x@lost.example',
    ]);
  });

  it('compares the day on which a domain expires, not the hour', () => {
    const belief = (
      domain: string,
      expiresAt: string | null,
      status = 'active',
      connectionId: string | null = 'c1',
    ) => ({
      ...{ serviceId: null, domain, status, connectionId, expiresAt: expiresAt === null ? null : new Date(expiresAt) },
    });
    const held = (domain: string) => ({ domain, expiresAt: new Date('2027-01-01T00:00:00Z') });
    const beliefs = [
      belief('same.example', '2027-01-01T15:00:00Z'),
      belief('late.example', '2026-01-01T00:00:00Z'),
      belief('new.example', null),
      belief('gone.example', '2027-01-01T00:00:00Z'),
      belief('ordered.example', null, 'pending', null),
    ];
    const seen = ['same', 'late', 'new', 'ordered', 'other'].map((name) => held(`${name}.example`));
    expect(short(domainsObserver.compare(beliefs, seen, now))).toEqual([
      'domain.expiry late.example',
      'domain.expiry new.example',
      'domain.missing gone.example',
      'domain.unmanaged other.example',
    ]);
  });
});

describe('reading a list to its end', () => {
  it('follows the cursors, and gives up on a vendor that goes round in circles', async () => {
    const pages = [{ items: [1, 2], cursor: 'b' }, { items: [3] }];
    expect(await allPages((cursor) => Promise.resolve(pages[cursor === undefined ? 0 : 1]!))).toEqual([1, 2, 3]);
    await expect(allPages(() => Promise.resolve({ items: [1], cursor: 'a' }))).rejects.toThrow('comes back to a');
  });
});
