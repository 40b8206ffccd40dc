import { expect } from '@jest/globals';
import { registrarPort, supports, type CapabilityMethods, type DsRecord } from '@keelson/core';
import { expectFailure } from './failures.js';
import {
  guard,
  nameOf,
  newDomain,
  type GuardedRegistrar,
  type RegistrarCapability,
  type RegistrarCase,
  type RegistrarEnvironment,
} from './registrar-environment.js';

type Capable<C extends RegistrarCapability> = GuardedRegistrar & CapabilityMethods<typeof registrarPort, C>;

interface Domains {
  /** In the account, like `neighbour`. */
  domain: string;
  neighbour: string;
  absent: string;
}

/** A case for the adapters that declare the capability. */
function capable<C extends RegistrarCapability>(
  capability: C,
  name: string,
  run: (registrar: Capable<C>, domains: Domains, environment: RegistrarEnvironment) => Promise<void>,
): RegistrarCase {
  return {
    name: `${capability}: ${name}`,
    capability,
    run: async (environment) => {
      const registrar = guard(environment);
      if (!supports(registrar, registrarPort, capability)) throw new Error(`${capability} is not declared`);
      const domain = await newDomain(registrar, environment);
      const neighbour = await newDomain(registrar, environment, 'two');
      await run(registrar, { domain, neighbour, absent: nameOf(environment, 'absent') }, environment);
    },
  };
}

function dsRecord(keyTag: number, digit: string): DsRecord {
  return { keyTag, algorithm: 13, digestType: 2, digest: digit.repeat(64) };
}

function byKeyTag(records: DsRecord[]): DsRecord[] {
  return records.toSorted((a, b) => a.keyTag - b.keyTag);
}

/** What holds for adapters of the registrar port that declare a capability. */
export const registrarExtraCases: readonly RegistrarCase[] = [
  capable(
    'auth-code',
    'gives the code out, or has it sent, as often as asked',
    async (registrar, { domain, absent }) => {
      for (let repetition = 0; repetition < 2; repetition += 1) {
        const { authCode } = await registrar.requestAuthCode(domain);
        expect(authCode).not.toBe('');
      }
      await expectFailure('not-found', () => registrar.requestAuthCode(absent));
    },
  ),
  capable(
    'dnssec',
    'has the registry hold exactly the records given, as often as asked, and leaves the neighbour alone',
    async (registrar, { domain, neighbour }) => {
      const [first, second, third] = [dsRecord(101, 'a'), dsRecord(202, 'b'), dsRecord(303, 'c')];
      expect(await registrar.listDsRecords(domain)).toEqual([]);
      await registrar.putDsRecords(neighbour, [third]);
      for (const records of [[first, second], [first, second], [second, third], []]) {
        await registrar.putDsRecords(domain, records);
        expect(byKeyTag(await registrar.listDsRecords(domain))).toEqual(records);
      }
      expect(await registrar.listDsRecords(neighbour)).toEqual([third]);
    },
  ),
  capable('dnssec', 'refuses domains that are not here, and digests that are none', async (registrar, domains) => {
    await expectFailure('not-found', () => registrar.putDsRecords(domains.absent, [dsRecord(101, 'a')]));
    await expectFailure('not-found', () => registrar.listDsRecords(domains.absent));
    const broken = { ...dsRecord(101, 'a'), digest: 'xyz' };
    await expectFailure('invalid-input', () => registrar.putDsRecords(domains.domain, [broken]));
    expect(await registrar.listDsRecords(domains.domain)).toEqual([]);
  }),
  capable(
    'glue-records',
    'gives a host exactly the addresses given, as often as asked, and removes it as often',
    async (registrar, { domain, neighbour }) => {
      const host = `ns1.${domain}`;
      await registrar.putGlueRecord(`ns1.${neighbour}`, ['192.0.2.9']);
      for (const addresses of [['192.0.2.1'], ['192.0.2.1'], ['192.0.2.2', '2001:db8::2'], ['2001:db8::2']]) {
        await registrar.putGlueRecord(host, addresses);
        expect(await registrar.listGlueRecords(domain)).toEqual([{ host, addresses }]);
      }
      await registrar.putGlueRecord(`ns2.${domain}`, ['192.0.2.3']);
      await registrar.removeGlueRecord(host);
      await registrar.removeGlueRecord(host);
      expect(await registrar.listGlueRecords(domain)).toEqual([{ host: `ns2.${domain}`, addresses: ['192.0.2.3'] }]);
      expect(await registrar.listGlueRecords(neighbour)).toEqual([
        { host: `ns1.${neighbour}`, addresses: ['192.0.2.9'] },
      ]);
    },
  ),
  capable(
    'glue-records',
    'refuses hosts below no domain of ours and what is no address',
    async (registrar, domains) => {
      const { domain, absent } = domains;
      await expectFailure('not-found', () => registrar.putGlueRecord(`ns1.${absent}`, ['192.0.2.1']));
      await expectFailure('not-found', () => registrar.listGlueRecords(absent));
      await registrar.removeGlueRecord(`ns1.${absent}`);
      for (const addresses of [[], ['192.0.2'], ['ns1.names.example']]) {
        await expectFailure('invalid-input', () => registrar.putGlueRecord(`ns1.${domain}`, addresses));
      }
      for (const host of [domain, '', 'not a host']) {
        await expectFailure('invalid-input', () => registrar.putGlueRecord(host, ['192.0.2.1']));
      }
      expect(await registrar.listGlueRecords(domain)).toEqual([]);
    },
  ),
  capable('price-list', 'names every ending once, with prices a year', async (registrar, _domains, environment) => {
    const prices = await registrar.listPrices();
    const endings = prices.map(({ tld }) => tld);
    expect(endings).toContain(environment.ending);
    expect(new Set(endings).size).toBe(endings.length);
    for (const { tld, register, renew, transfer } of prices) {
      expect(tld).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/);
      for (const { amount, currency } of [register, renew, transfer]) {
        expect(Number.isInteger(amount) && amount >= 0).toBe(true);
        expect(currency).toMatch(/^[A-Z]{3}$/);
      }
    }
  }),
  capable('host-records', 'lists the records that the registrar answers for itself', async (registrar, domains) => {
    for (const { name, type, value, ttl } of await registrar.listHostRecords(domains.domain)) {
      for (const text of [name, type, value]) expect(text).not.toBe('');
      expect(ttl).toBeGreaterThan(0);
    }
    await expectFailure('not-found', () => registrar.listHostRecords(domains.absent));
  }),
  capable(
    'restore',
    'brings a domain back from redemption, and pays nothing for one that needs it not',
    async (registrar, { domain, absent }, { vendor }) => {
      await vendor.expire(domain, 'redemption');
      const restored = await registrar.restoreDomain(domain);
      expect(restored).toMatchObject({ domain, state: 'active' });
      const paid = await vendor.payments();
      expect(await registrar.restoreDomain(domain)).toEqual(restored);
      expect(await vendor.payments()).toBe(paid);
      await expectFailure('not-found', () => registrar.restoreDomain(absent));
    },
  ),
];
