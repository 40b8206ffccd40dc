import { expect } from '@jest/globals';
import type { DomainSummary, RegistrarPort } from '@keelson/core';
import { expectFailure } from './failures.js';
import {
  guard,
  nameOf,
  newDomain,
  otherRegistrant,
  registrant,
  specOf,
  type GuardedRegistrar,
  type RegistrarCase,
} from './registrar-environment.js';

const numbers = [1, 2, 3, 4, 5, 6, 7] as const;
const switches = { setLock: 'locked', setPrivacy: 'privacy', setAutoRenew: 'autoRenew' } as const;

/** All domains, page by page. */
async function listAll(registrar: RegistrarPort): Promise<DomainSummary[]> {
  const domains: DomainSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await registrar.listDomains(cursor);
    domains.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return domains;
}

/** A switch works: on and off as often as asked, with no effect on the neighbour. */
function switchCase(method: keyof typeof switches): RegistrarCase {
  const field = switches[method];
  return {
    name: `${method} switches on and off, each as often as asked, and leaves the neighbour alone`,
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment);
      const neighbour = await registrar.registerDomain(specOf(environment, 'two'));
      for (const on of [true, true, false, false, true]) {
        await registrar[method](domain, on);
        expect(await registrar.findDomain(domain)).toMatchObject({ [field]: on });
      }
      expect(await registrar.findDomain(neighbour.domain)).toEqual(neighbour);
    },
  };
}

/** What can be seen and changed about domains of the account. */
export const registrarDomainCases: readonly RegistrarCase[] = [
  {
    name: 'tells which names can be had, one answer a name and in the order asked, premium ones with their price',
    run: async (environment) => {
      const registrar = guard(environment);
      const [free, premium, ours, theirs] = ['free', 'premium', 'ours', 'theirs'].map((label) =>
        nameOf(environment, label),
      );
      if (free === undefined || premium === undefined || ours === undefined || theirs === undefined)
        throw new Error('names');
      const price = { amount: 250_000, currency: 'USD' };
      await newDomain(registrar, environment, 'ours');
      await environment.vendor.registerElsewhere(theirs, 'whatever');
      await environment.vendor.makePremium(premium, price);
      expect(await registrar.checkAvailability([theirs, premium, ours, free])).toEqual([
        { domain: theirs, available: false },
        { domain: premium, available: true, premium: { price } },
        { domain: ours, available: false },
        { domain: free, available: true },
      ]);
      const many = Array.from({ length: 120 }, (_, index) => nameOf(environment, `many-${index}`));
      expect((await registrar.checkAvailability(many)).map(({ domain }) => domain)).toEqual(many);
      expect(await registrar.checkAvailability([])).toEqual([]);
    },
  },
  {
    name: 'refuses names that are no domains as invalid-input, and reaches no others with them',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment);
      const before = await registrar.findDomain(domain);
      for (const odd of [
        '',
        'label',
        `${domain},${nameOf(environment, 'two')}`,
        `a b.${environment.ending}`,
        `a\n.example`,
      ]) {
        await expectFailure('invalid-input', () => registrar.registerDomain({ ...specOf(environment), domain: odd }));
        await expectFailure('invalid-input', () => registrar.checkAvailability([odd]));
        await expectFailure('invalid-input', () => registrar.findDomain(odd));
        await expectFailure('invalid-input', () => registrar.setLock(odd, true));
        await expectFailure('invalid-input', () =>
          registrar.putNameservers(odd, ['ns8.names.example', 'ns9.names.example']),
        );
      }
      expect(await registrar.findDomain(domain)).toEqual(before);
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: "finds no domain that is free or somebody else's",
    run: async (environment) => {
      const registrar = guard(environment);
      await environment.vendor.registerElsewhere(nameOf(environment, 'theirs'), 'whatever');
      expect(await registrar.findDomain(nameOf(environment, 'theirs'))).toBeUndefined();
      expect(await registrar.findDomain(nameOf(environment, 'free'))).toBeUndefined();
    },
  },
  {
    name: 'reports a domain that is not here as not-found, whatever is asked of it',
    run: async (environment) => {
      const registrar = guard(environment);
      const absent = nameOf(environment, 'absent');
      const calls: Record<string, (one: GuardedRegistrar) => Promise<unknown>> = {
        renewDomain: (one) => one.renewDomain(absent, 1, new Date('2030-01-01T00:00:00Z')),
        putNameservers: (one) => one.putNameservers(absent, ['ns1.names.example', 'ns2.names.example']),
        getContacts: (one) => one.getContacts(absent),
        putContacts: (one) => one.putContacts(absent, registrant),
        setLock: (one) => one.setLock(absent, true),
        setPrivacy: (one) => one.setPrivacy(absent, true),
        setAutoRenew: (one) => one.setAutoRenew(absent, false),
      };
      for (const [name, call] of Object.entries(calls)) {
        const failure = await expectFailure('not-found', () => call(registrar));
        expect([name, failure.code]).toEqual([name, 'not-found']);
      }
      expect(await environment.vendor.payments()).toBe(0);
    },
  },
  {
    name: 'lists every domain exactly once, with its expiry',
    run: async (environment) => {
      const registrar = guard(environment);
      const held = new Map<string, Date>();
      for (const n of numbers) {
        const { domain, expiresAt } = await registrar.registerDomain(specOf(environment, `n${n}`, { years: n }));
        held.set(domain, expiresAt);
      }
      const listed = await listAll(registrar);
      expect(listed.map(({ domain }) => domain).sort()).toEqual([...held.keys()].sort());
      for (const { domain, expiresAt } of listed) expect(expiresAt).toEqual(held.get(domain));
    },
  },
  {
    name: 'delegates a domain to exactly the name servers given, as often as asked, and leaves the neighbour alone',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment);
      const neighbour = await registrar.registerDomain(specOf(environment, 'two'));
      const sets = [
        ['ns9.names.example', 'ns8.names.example', 'ns7.names.example'],
        ['ns1.names.example', 'ns7.names.example'],
      ];
      for (const nameservers of [...sets, ...sets.slice(-1)]) {
        await registrar.putNameservers(domain, nameservers);
        expect((await registrar.findDomain(domain))?.nameservers.toSorted()).toEqual(nameservers.toSorted());
      }
      expect(await registrar.findDomain(neighbour.domain)).toEqual(neighbour);
    },
  },
  {
    name: 'refuses too few name servers and what is no host as invalid-input, and changes nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const registered = await registrar.registerDomain(specOf(environment));
      const wrong = [[], ['ns1.names.example'], ['ns1.names.example', 'not a host'], ['ns1.names.example', '']];
      for (const nameservers of wrong) {
        await expectFailure('invalid-input', () => registrar.putNameservers(registered.domain, nameservers));
        await expectFailure('invalid-input', () =>
          registrar.registerDomain({ ...specOf(environment, 'two'), nameservers }),
        );
      }
      expect(await registrar.findDomain(registered.domain)).toEqual(registered);
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'keeps the registrant that it was given, and changes it as often as asked without touching the neighbour',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment);
      const neighbour = await newDomain(registrar, environment, 'two');
      expect(await registrar.getContacts(domain)).toEqual(registrant);
      await registrar.putContacts(domain, otherRegistrant);
      await registrar.putContacts(domain, otherRegistrant);
      expect(await registrar.getContacts(domain)).toEqual(otherRegistrant);
      expect(await registrar.getContacts(neighbour)).toEqual(registrant);
    },
  },
  {
    name: 'refuses a contact that lacks what every registry asks for as invalid-input, and pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment);
      for (const field of ['lastName', 'email', 'phone', 'street', 'city', 'country'] as const) {
        const contact = { ...registrant, [field]: '' };
        await expectFailure('invalid-input', () =>
          registrar.registerDomain({ ...specOf(environment, 'two'), contact }),
        );
        await expectFailure('invalid-input', () => registrar.putContacts(domain, contact));
      }
      expect(await registrar.getContacts(domain)).toEqual(registrant);
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  switchCase('setLock'),
  switchCase('setPrivacy'),
  switchCase('setAutoRenew'),
  {
    name: 'keeps parallel calls on different domains apart',
    run: async (environment) => {
      const registrar = guard(environment);
      const held = await Promise.all(
        numbers.map(async (n) => {
          const nameservers = [`ns${n}.names.example`, `ns${n + 1}.names.example`];
          const domain = await newDomain(registrar, environment, `n${n}`);
          await Promise.all([registrar.setLock(domain, n % 2 === 0), registrar.putNameservers(domain, nameservers)]);
          return registrar.findDomain(domain);
        }),
      );
      for (const [index, domain] of held.entries()) {
        const n = index + 1;
        expect(domain).toMatchObject({ domain: nameOf(environment, `n${n}`), locked: n % 2 === 0 });
        expect(domain?.nameservers.toSorted()).toEqual([`ns${n}.names.example`, `ns${n + 1}.names.example`]);
      }
      expect(await environment.vendor.payments()).toBe(numbers.length);
    },
  },
];
