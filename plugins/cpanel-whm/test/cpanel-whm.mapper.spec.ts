import { describe, expect, it } from '@jest/globals';
import {
  accountOf,
  addressOf,
  limitOf,
  listOf,
  mailboxOf,
  nameserversOf,
  packageOf,
  soleNumber,
  usageOf,
} from '../src/cpanel-whm.mapper.js';
import { fixture } from './canned-server.js';

const [summary = {}] = listOf(fixture('accountsummary').data.acct, 'data.acct');

describe('an account of accountsummary', () => {
  it('becomes ours, with lower-case domain and the reason of its suspension', () => {
    expect(accountOf(summary)).toEqual({
      remoteId: 'demo01',
      username: 'demo01',
      domain: 'demo.example',
      package: 'reseller1_silver',
      email: 'a@b.example, second@b.example',
      state: 'suspended',
      suspendReason: 'Overdue',
      ip: '192.0.2.10',
    });
  });

  it('has no reason while it is active, whatever the field says', () => {
    const account = accountOf({ ...summary, suspended: '0', suspendreason: 'not suspended', email: '*unknown*' });
    expect(account).toMatchObject({ state: 'active', suspendReason: undefined, email: undefined });
  });

  it.each([[{}], [{ user: 'demo01' }], [{ user: null, domain: 'demo.example' }], [{ user: {}, domain: [] }]])(
    'is refused without name and domain: %j',
    (item) => {
      expect(() => accountOf(item)).toThrow(expect.objectContaining({ code: 'internal' }));
    },
  );

  it('takes the configured address in place of none and of a private one', () => {
    expect(addressOf('192.0.2.10', '198.51.100.1')).toBe('192.0.2.10');
    for (const ip of [undefined, '', '10.0.0.5', '172.16.3.4', '192.168.1.1']) {
      expect(addressOf(ip, '198.51.100.1')).toBe('198.51.100.1');
    }
    expect(addressOf('10.0.0.5')).toBe('10.0.0.5');
  });
});

describe('sizes', () => {
  it('are no limit when they are 0', () => {
    expect(limitOf('0')).toBeUndefined();
    expect(limitOf('0M')).toBeUndefined();
    expect(limitOf('unlimited')).toBeUndefined();
    expect(limitOf('1M')).toBe(1);
  });
});

describe('packages of listpkgs', () => {
  it('keep name and limits, and what is no package is dropped', () => {
    expect(listOf(fixture('listpkgs').data.pkg, 'data.pkg').flatMap((item) => packageOf(item) ?? [])).toEqual([
      { name: 'starter', diskMb: 5120, bandwidthMb: 51_200 },
      { name: 'business', diskMb: undefined, bandwidthMb: undefined },
      { name: 'numbers', diskMb: 2048, bandwidthMb: undefined },
    ]);
  });

  it('are refused when they are no list', () => {
    for (const value of [undefined, null, {}, 'x']) {
      expect(() => listOf(value, 'data.pkg')).toThrow(expect.objectContaining({ code: 'internal' }));
    }
  });
});

describe('usage', () => {
  it('joins disk of the account and traffic of showbw', () => {
    const [traffic, unlimited] = listOf(fixture('showbw').data.acct, 'data.acct');
    expect(usageOf(summary, traffic)).toEqual({
      username: 'demo01',
      diskMb: 14,
      diskLimitMb: 1000,
      bandwidthMb: 1.5,
      bandwidthLimitMb: 1000,
    });
    expect(usageOf({ user: 'demo02', diskused: '3M', disklimit: 'unlimited' }, unlimited)).toEqual({
      username: 'demo02',
      diskMb: 3,
      bandwidthMb: 0,
    });
  });
});

describe('mailboxes of list_pops_with_disk', () => {
  it('keep address, quota and use, without the system mailbox of the account', () => {
    const { uapi } = fixture<{ data: { uapi: { data: unknown } } }>('list-pops-with-disk').data;
    expect(listOf(uapi.data, 'mailboxes').flatMap((item) => mailboxOf(item) ?? [])).toEqual([
      { address: 'ann@demo.example', quotaMb: 512, usedMb: 1, suspended: true },
      { address: 'bob@demo.example', quotaMb: undefined, usedMb: 0, suspended: false },
    ]);
  });
});

describe('small parts of replies', () => {
  it('name servers are those that are named', () => {
    expect(nameserversOf(fixture('createacct').data)).toEqual(['ns1.h.example', 'ns2.h.example']);
    expect(nameserversOf({})).toBeUndefined();
  });

  it('a counter is the only number of its reply, whatever it is called', () => {
    expect(soleNumber({ maximum_users: '30' })).toBe(30);
    expect(soleNumber({ a: 1, b: 2 })).toBeUndefined();
    expect(soleNumber({})).toBeUndefined();
  });
});
