import { describe, expect, it } from '@jest/globals';
import type { AccountSpec } from '@keelson/core';
import { accountFrom, creationOf, isOurs, packageIdOf, packageIdsOf, usageOf } from '../src/nextpanel.mapper.js';
import { fixture } from './canned-server.js';

const spec: AccountSpec = {
  username: 'demo01',
  domain: 'demo.example',
  package: 'starter',
  email: 'Owner@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_1',
};
const packageIds = packageIdsOf('starter=1, big plan = gold');
const record = { domain: 'demo.example', package: 'starter', externalId: 'srv_1' };

describe('packages', () => {
  it('are read from their setting, ids that are numbers as numbers', () => {
    expect([...packageIds]).toEqual([
      ['starter', 1],
      ['big plan', 'gold'],
    ]);
    expect(packageIdsOf(undefined).size).toBe(0);
  });

  it('are found by name or by a configured id, and by any id where no names are configured', () => {
    expect(['starter', 'big plan', '1', 'gold', ''].map((name) => packageIdOf(name, packageIds))).toEqual([
      ...[1, 'gold', 1, 'gold', null],
    ]);
    expect(['9', 'silver'].map((name) => packageIdOf(name, packageIds))).toEqual([undefined, undefined]);
    expect(['7', '', 'starter'].map((name) => packageIdOf(name, new Map()))).toEqual([7, null, undefined]);
  });
});

describe('the body of a creation', () => {
  it('names every field, absent ones as null, and marks who made the account', () => {
    expect(creationOf(spec, 1, new Date('2026-11-20T10:00:00.5Z'))).toEqual({
      username: 'demo01',
      email: 'Owner@customer.example',
      password: 'S3cure-and-l0ng',
      full_name: null,
      phone: null,
      company: null,
      package_id: 1,
      is_admin: false,
      billing_id: 'srv_1',
      metadata: {
        created_from: 'billing_system',
        billing_customer_id: 'srv_1',
        account_type: 'panel',
        is_admin: false,
        account_level: 'panel',
        created_at: '2026-11-20T10:00:00.500',
      },
    });
  });

  it.each([
    ['standard', 'panel', false],
    ['reseller', 'reseller', true],
    ['master-reseller', 'master-reseller', true],
  ] as const)('makes a %s account a %s', (accountType, type, isAdmin) => {
    const body = creationOf({ ...spec, accountType, fullName: 'Ann', phone: '+1', company: 'Co' }, null, new Date(0));
    expect(body).toMatchObject({ is_admin: isAdmin, metadata: { account_type: type, account_level: type } });
    expect([body.full_name, body.phone, body.company, body.package_id]).toEqual(['Ann', '+1', 'Co', null]);
  });
});

describe('an account', () => {
  it('is what the panel tells, completed by what we keep', () => {
    const item = { id: 42, username: 'demo01', email: 'a@b.example', is_active: true };
    expect(accountFrom(item, { record, packageIds, ip: '192.0.2.1' })).toEqual({
      remoteId: '42',
      username: 'demo01',
      domain: 'demo.example',
      package: 'starter',
      email: 'a@b.example',
      state: 'active',
      ip: '192.0.2.1',
      externalId: 'srv_1',
    });
  });

  it('shows what the panel tells where both know', () => {
    const item = { id: 'u-1', username: 'demo01', billing_id: 'srv_9', package_id: 'gold', is_active: false };
    expect(accountFrom(item, { record, packageIds })).toMatchObject({
      remoteId: 'u-1',
      package: 'big plan',
      externalId: 'srv_9',
      state: 'suspended',
    });
    expect(accountFrom({ ...item, package_id: 9 }, { packageIds })).toMatchObject({ package: '9', domain: '' });
    expect(accountFrom({ id: 1, username: 'a', status: 'suspended' }, { packageIds }).state).toBe('suspended');
  });

  it('is ours by our id or by the address, and never with another domain', () => {
    const account = accountFrom({ id: 1, username: 'demo01', email: 'owner@customer.example' }, { packageIds });
    expect(isOurs(account, spec)).toBe(true);
    expect(isOurs({ ...account, email: 'x@y.example' }, spec)).toBe(false);
    expect(isOurs({ ...account, email: undefined, externalId: 'srv_1' }, spec)).toBe(true);
    expect(isOurs({ ...account, domain: 'other.example' }, spec)).toBe(false);
  });
});

describe('usage', () => {
  it('is read from the counts of the panel', () => {
    expect(usageOf(fixture('stats'), 'customer1')).toEqual({
      username: 'customer1',
      diskMb: 0,
      domains: 3,
      databases: 5,
      mailboxes: 10,
      certificates: 2,
      lastLoginAt: new Date('2025-10-11T10:30:00Z'),
      ageDays: 30,
    });
  });

  it('leaves out what the panel does not count, and is nothing without storage', () => {
    const usage = usageOf({ storage_used: '1.5 GB', last_login: 'never', total_domains: -1 }, 'a');
    expect(usage).toEqual({ username: 'a', diskMb: 1536 });
    expect(() => usageOf({ total_domains: 1 }, 'a')).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
