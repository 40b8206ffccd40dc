import { describe, expect, it } from '@jest/globals';
import type { Account } from '@keelson/core';
import { type AdoptionOptions, type KnownToAdoption, planAdoption } from './adoption-plan.js';

const product = (slug: string, type: 'hosting' | 'domain' = 'hosting', packageName = slug, aliases: string[] = []) => ({
  ...{ id: `id of ${slug}`, slug, type, package: packageName, aliases },
});

const nothing: KnownToAdoption = {
  services: new Map(),
  domains: new Map(),
  customers: new Set(),
  products: [product('starter'), product('pro', 'hosting', 'gold', ['business']), product('names', 'domain')],
};

const account = (username: string, more: Partial<Account> = {}): Account => ({
  ...{ remoteId: username, username, domain: `${username}.example`, package: 'starter', email: 'Ada@Example.org' },
  state: 'active',
  ...more,
});

const decide = (
  accounts: Account[],
  options: Partial<AdoptionOptions> = {},
  known: Partial<KnownToAdoption> = {},
  packages = ['starter', 'gold'],
) =>
  planAdoption(
    accounts,
    packages.map((name) => ({ name })),
    { ...nothing, ...known },
    { match: 'email', ...options },
  ).map((decision) =>
    decision.action === 'adopt'
      ? `${decision.username}: ${decision.product.slug} for ${decision.customer.isNew ? 'new ' : ''}${decision.customer.email}`
      : `${decision.username}: ${decision.action}${'why' in decision ? `, ${decision.why}` : ''}`,
  );

describe('the plan of an adoption', () => {
  it('takes every account for whoever has its address, and makes a customer once', () => {
    expect(
      decide([account('one'), account('two'), account('three', { email: 'eve@example.org, ada@example.org' })]),
    ).toEqual([
      'one: starter for new ada@example.org',
      'two: starter for ada@example.org',
      'three: starter for new eve@example.org',
    ]);
    expect(decide([account('one')], {}, { customers: new Set(['ada@example.org']) })).toEqual([
      'one: starter for ada@example.org',
    ]);
  });

  it('finds the product by the package, also behind a reseller’s name', () => {
    expect(decide([account('one', { package: 'root_starter' })])).toEqual([expect.stringContaining('conflict')]);
    expect(decide([account('one', { package: 'root_gold' })], {}, {}, ['root_gold'])).toEqual([
      'one: pro for new ada@example.org',
    ]);
    expect(decide([account('one', { package: 'bronze' })])).toEqual([
      'one: conflict, no product is sold with its package bronze: name the product',
    ]);
    const twins = { products: [product('a', 'hosting', 'starter'), product('b', 'hosting', 'starter')] };
    expect(decide([account('one')], {}, twins)).toEqual([
      'one: conflict, a and b are sold with its package starter: name the product',
    ]);
  });

  it('takes the product that is named, by slug or alias, when accounts are sold with it', () => {
    expect(decide([account('one', { package: 'bronze' })], { product: 'Business' })).toEqual([
      'one: pro for new ada@example.org',
    ]);
    expect(decide([account('one')], { product: 'names' })).toEqual([
      'one: conflict, the product names is not sold with an account',
    ]);
    expect(decide([account('one')], { product: 'nothing' })).toEqual(['one: conflict, there is no product "nothing"']);
  });

  it('goes by a list where there is one, and says which rows fit no account', () => {
    const rows = [
      { username: 'one', email: 'Eve@example.org', product: 'pro' },
      { username: 'gone', email: 'x@example.org' },
    ];
    expect(decide([account('one'), account('two')], { match: 'csv', rows })).toEqual([
      'one: pro for new eve@example.org',
      'two: left, the list does not name it',
      'gone: conflict, the panel has no account of this name',
    ]);
  });

  it('leaves what is managed, and does not give it to somebody else', () => {
    const services = new Map([['one', { serviceId: 's1', email: 'ada@example.org' }]]);
    expect(decide([account('one', { email: 'eve@example.org' })], {}, { services })).toEqual(['one: managed']);
    const rows = [{ username: 'one', email: 'eve@example.org' }];
    expect(decide([account('one')], { match: 'csv', rows }, { services })).toEqual([
      'one: conflict, it is under management for ada@example.org already',
    ]);
  });

  it.each<[string, Partial<Account>, string]>([
    ['no address', { email: undefined }, 'no e-mail address is known for it'],
    ['an address that is none', { email: 'nobody' }, 'no e-mail address is known for it'],
    ['a domain that nobody can register', { domain: 'host.internal' }, 'its domain host.internal is not one'],
    ['no package', { package: undefined }, 'the panel tells no package'],
    ['a domain of another service', { domain: 'used.example' }, 'its domain used.example belongs to another service'],
    ['a domain of another customer', { domain: 'kept.example' }, 'its domain kept.example belongs to eve@example.org'],
  ])('reports an account with %s', (_what, more, why) => {
    const domains = new Map([
      ['used.example', { email: 'ada@example.org', serviceId: 's1' }],
      ['kept.example', { email: 'eve@example.org', serviceId: null }],
      ['free.example', { email: 'ada@example.org', serviceId: null }],
    ]);
    expect(decide([account('one', more)], {}, { domains })).toEqual([expect.stringContaining(why)]);
    expect(decide([account('one', { domain: 'free.example' })], {}, { domains })).toEqual([
      'one: starter for new ada@example.org',
    ]);
  });

  it('gives one domain to one account', () => {
    expect(decide([account('one'), account('two', { domain: 'one.example' })])).toEqual([
      'one: starter for new ada@example.org',
      'two: conflict, its domain one.example belongs to another service',
    ]);
  });
});
