import { expect } from '@jest/globals';
import type { Money, RegisteredDomain } from '@keelson/core';
import { expectFailure, failureOf } from './failures.js';
import {
  guard,
  nameOf,
  newDomain,
  otherRegistrant,
  specOf,
  yearsAfter,
  type RegistrarCase,
} from './registrar-environment.js';

const retryable = ['outcome-unknown', 'unavailable', 'rate-limited'];
const premium: Money = { amount: 250_000, currency: 'USD' };

/** Registration and renewal: what is bought, and that nothing is bought twice. */
export const registrarOrderCases: readonly RegistrarCase[] = [
  {
    name: 'registers a domain as asked, finds it again, and pays once',
    run: async (environment) => {
      const registrar = guard(environment);
      const spec = specOf(environment, 'one', { years: 2 });
      const before = await registrar.getBalance();
      const registered = await registrar.registerDomain(spec);
      const { domain, nameservers } = spec;
      expect(registered).toMatchObject({ domain, nameservers, state: 'active', privacy: true, autoRenew: false });
      expect(registered.replaced).toBeUndefined();
      const days = (registered.expiresAt.getTime() - Date.now()) / 86_400_000;
      expect(Math.round(days / 365)).toBe(2);
      expect(registered.expiresAt.toISOString()).toMatch(/T00:00:00\.000Z$/);
      expect(await registrar.findDomain(domain)).toEqual(registered);
      expect(await environment.vendor.payments()).toBe(1);
      const after = await registrar.getBalance();
      expect(after.currency).toBe(before.currency);
      expect(after.amount).toBeLessThan(before.amount);
      for (const { amount } of [before, after]) expect(Number.isInteger(amount)).toBe(true);
    },
  },
  {
    name: 'returns the domain when its registration is repeated, changes nothing and pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const registered = await registrar.registerDomain(specOf(environment));
      const change = {
        nameservers: ['ns8.names.example', 'ns9.names.example'],
        autoRenew: true,
        contact: otherRegistrant,
      };
      expect(await registrar.registerDomain(specOf(environment, 'one', change))).toEqual(registered);
      expect(await registrar.findDomain(registered.domain)).toEqual(registered);
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'pays once when the same registration is asked for five times at once',
    run: async (environment) => {
      const registrar = guard(environment);
      const tries = await Promise.allSettled([1, 2, 3, 4, 5].map(() => registrar.registerDomain(specOf(environment))));
      const held = tries.filter((one): one is PromiseFulfilledResult<RegisteredDomain> => one.status === 'fulfilled');
      expect(held.length).toBeGreaterThan(0);
      for (const one of tries) {
        if (one.status === 'rejected') expect(retryable).toContain((one.reason as { code?: string }).code);
      }
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: "reports somebody else's domain as already-exists, and pays nothing",
    run: async (environment) => {
      const registrar = guard(environment);
      await environment.vendor.registerElsewhere(nameOf(environment), 'whatever');
      await expectFailure('already-exists', () => registrar.registerDomain(specOf(environment)));
      expect(await registrar.findDomain(nameOf(environment))).toBeUndefined();
      expect(await environment.vendor.payments()).toBe(0);
    },
  },
  {
    name: 'refuses what costs more than the price agreed on, or than the list price without one',
    run: async (environment) => {
      const registrar = guard(environment);
      await environment.vendor.makePremium(nameOf(environment), premium);
      const maximumPrice = { ...premium, amount: premium.amount - 1 };
      await expectFailure('wrong-state', () => registrar.registerDomain(specOf(environment)));
      await expectFailure('wrong-state', () => registrar.registerDomain(specOf(environment, 'one', { maximumPrice })));
      await expectFailure('wrong-state', () =>
        registrar.registerDomain(specOf(environment, 'two', { maximumPrice: { ...premium, amount: 1 } })),
      );
      expect(await environment.vendor.payments()).toBe(0);
      const bought = await registrar.registerDomain(specOf(environment, 'one', { maximumPrice: premium }));
      expect(bought.domain).toBe(nameOf(environment));
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'reports an empty account as no-funds, keeps nothing, and goes on when it is filled',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment, 'kept');
      const kept = await registrar.findDomain(domain);
      await environment.vendor.setBalance(1);
      await expectFailure('no-funds', () => registrar.registerDomain(specOf(environment)));
      await expectFailure('no-funds', () => registrar.renewDomain(domain, 1, kept?.expiresAt ?? new Date(0)));
      expect(await registrar.findDomain(nameOf(environment))).toBeUndefined();
      expect(await registrar.findDomain(domain)).toEqual(kept);
      expect((await registrar.getBalance()).amount).toBe(1);
      await environment.vendor.setBalance(100_000);
      expect(await registrar.registerDomain(specOf(environment))).toMatchObject({ domain: nameOf(environment) });
    },
  },
  {
    name: 'reports a lost answer to a registration as outcome-unknown; the domain can then be found, and a repetition adopts it',
    run: async (environment) => {
      const registrar = guard(environment);
      environment.vendor.loseNextAnswer('registration');
      await expectFailure('outcome-unknown', () => registrar.registerDomain(specOf(environment)));
      const found = await registrar.findDomain(nameOf(environment));
      expect(found).toMatchObject({ domain: nameOf(environment), state: 'active' });
      expect(await registrar.registerDomain(specOf(environment))).toEqual(found);
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'renews from the expiry it is given, by whole years, and leaves the neighbour alone',
    run: async (environment) => {
      const registrar = guard(environment);
      const { domain, expiresAt } = await registrar.registerDomain(specOf(environment));
      const neighbour = await registrar.registerDomain(specOf(environment, 'two'));
      const renewed = await registrar.renewDomain(domain, 2, expiresAt);
      expect(renewed.expiresAt).toEqual(yearsAfter(expiresAt, 2));
      expect(await registrar.findDomain(domain)).toEqual(renewed);
      expect(await registrar.findDomain(neighbour.domain)).toEqual(neighbour);
      expect(await environment.vendor.payments()).toBe(3);
    },
  },
  {
    name: 'refuses to renew from another expiry as wrong-state, so that a repetition pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const { domain, expiresAt } = await registrar.registerDomain(specOf(environment));
      await expectFailure('wrong-state', () => registrar.renewDomain(domain, 1, yearsAfter(expiresAt, 1)));
      await expectFailure('wrong-state', () => registrar.renewDomain(domain, 1, yearsAfter(expiresAt, -1)));
      const renewed = await registrar.renewDomain(domain, 1, expiresAt);
      await expectFailure('wrong-state', () => registrar.renewDomain(domain, 1, expiresAt));
      expect(await registrar.findDomain(domain)).toEqual(renewed);
      expect(await environment.vendor.payments()).toBe(2);
    },
  },
  {
    name: 'reports a lost answer to a renewal as outcome-unknown; the new expiry can then be seen, and a repetition pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const { domain, expiresAt } = await registrar.registerDomain(specOf(environment));
      environment.vendor.loseNextAnswer('renewal');
      await expectFailure('outcome-unknown', () => registrar.renewDomain(domain, 1, expiresAt));
      expect(await registrar.findDomain(domain)).toMatchObject({ expiresAt: yearsAfter(expiresAt, 1) });
      await expectFailure('wrong-state', () => registrar.renewDomain(domain, 1, expiresAt));
      expect(await environment.vendor.payments()).toBe(2);
    },
  },
  {
    name: 'shows that a domain has run out, and renews it while that is possible',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment);
      const gone = await newDomain(registrar, environment, 'two');
      await environment.vendor.expire(domain, 'expired');
      await environment.vendor.expire(gone, 'redemption');
      const expired = await registrar.findDomain(domain);
      expect(expired).toMatchObject({ state: 'expired' });
      const redemption = await registrar.findDomain(gone);
      expect(redemption).toMatchObject({ state: 'redemption' });
      const renewed = await registrar.renewDomain(domain, 1, expired?.expiresAt ?? new Date(0));
      expect(renewed).toMatchObject({ state: 'active' });
      const failure = await failureOf(() => registrar.renewDomain(gone, 1, redemption?.expiresAt ?? new Date(0)));
      expect(failure.code).toBe('wrong-state');
    },
  },
  {
    name: 'refuses years that no domain is registered for as invalid-input, and pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      for (const years of [0, -1, 1.5, 11, Number.NaN]) {
        await expectFailure('invalid-input', () => registrar.registerDomain(specOf(environment, 'one', { years })));
      }
      const { domain, expiresAt } = await registrar.registerDomain(specOf(environment));
      for (const years of [0, 1.5, 11]) {
        await expectFailure('invalid-input', () => registrar.renewDomain(domain, years, expiresAt));
      }
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
];
