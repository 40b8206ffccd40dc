import { expect } from '@jest/globals';
import {
  canonicalRecordSet,
  dnsPort,
  runCall,
  type CallRecord,
  type PortError,
  type RecordSet,
  type RecordType,
} from '@keelson/core';
import { describeCases } from './conformance-cases.js';
import {
  guard,
  newZone,
  ordered,
  setOf,
  specOf,
  type DnsCapability,
  type DnsCase,
  type DnsEnvironment,
} from './dns-environment.js';
import { dnsExtraCases } from './dns-extras.conformance.js';
import { dnsRecordCases } from './dns-records.conformance.js';
import { expectFailure, expectMethodsOf, expectNoSecret, failureOf } from './failures.js';

export type { DnsCapability, DnsCase, DnsEnvironment } from './dns-environment.js';

const zoneCases: readonly DnsCase[] = [
  {
    name: 'accepts right credentials',
    run: async (environment) => {
      expect(await guard(environment).testConnection()).toBeUndefined();
    },
  },
  {
    name: 'reports wrong credentials as invalid-config, whether it reads or acts',
    run: async (environment) => {
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials });
      const spec = specOf(environment);
      await expectFailure('invalid-config', () => stranger.testConnection());
      await expectFailure('invalid-config', () => stranger.findZone(spec.zone));
      await expectFailure('invalid-config', () => stranger.ensureZone(spec));
      await expectFailure('invalid-config', () => stranger.removeZone(spec.zone));
      expect(await guard(environment).findZone(spec.zone)).toBeUndefined();
    },
  },
  {
    name: 'has the methods of the port and of the capabilities it declares, and of no others',
    run: async ({ adapter, capabilities }) => expectMethodsOf(dnsPort, capabilities, adapter),
  },
  {
    name: 'creates a zone with its name servers and finds it again',
    run: async (environment) => {
      const dns = guard(environment);
      const { owner, ...spec } = specOf(environment);
      expect(await dns.findZone(spec.zone)).toBeUndefined();
      const created = await dns.ensureZone({ ...spec, owner });
      const nameservers = environment.assignsNameservers === true ? created.nameservers : spec.nameservers;
      expect(nameservers.length).toBeGreaterThan(0);
      const zone = { zone: spec.zone, nameservers, ...(environment.keepsOwner ? { owner } : {}) };
      expect(created).toMatchObject(zone);
      const found = await dns.findZone(spec.zone);
      expect({ ...found, nameservers: [...(found?.nameservers ?? [])].sort() }).toMatchObject({
        ...zone,
        nameservers: [...nameservers].sort(),
      });
      expect(found?.owner).toBe(environment.keepsOwner ? owner : undefined);
      expect(await dns.listRecords(spec.zone)).toEqual([
        { name: spec.zone, type: 'NS', ttl: expect.any(Number), values: expect.arrayContaining(nameservers) },
      ]);
    },
  },
  {
    name: 'leaves a zone as it is when asked for it again, records and serial included',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1')]);
      const before = [await dns.findZone(zone), ordered(await dns.listRecords(zone))];
      await dns.ensureZone(specOf(environment));
      expect([await dns.findZone(zone), ordered(await dns.listRecords(zone))]).toEqual(before);
    },
  },
  {
    name: 'makes one zone of five calls at once',
    run: async (environment) => {
      const dns = guard(environment);
      const zones = await Promise.all([1, 2, 3, 4, 5].map(() => dns.ensureZone(specOf(environment))));
      expect(new Set(zones.map(({ zone }) => zone))).toEqual(new Set([specOf(environment).zone]));
    },
  },
  {
    name: 'reports a zone of another owner as already-exists, where owners are kept, and never changes it',
    run: async (environment) => {
      const dns = guard(environment);
      const spec = specOf(environment);
      const before = await dns.ensureZone(spec);
      const taking = () => dns.ensureZone({ ...spec, owner: 'srv_somebody_else', nameservers: ['ns9.names.example'] });
      if (environment.keepsOwner) await expectFailure('already-exists', taking);
      else await taking();
      expect(await dns.findZone(spec.zone)).toEqual(before);
    },
  },
  {
    name: 'refuses names that are no domains as invalid-input',
    run: async (environment) => {
      const dns = guard(environment);
      const spec = specOf(environment);
      for (const zone of [
        '',
        'label',
        `${spec.zone}.`,
        `a b.${spec.zone}`,
        `a\n.${spec.zone}`,
        `münchen.${spec.zone}`,
      ]) {
        await expectFailure('invalid-input', () => dns.ensureZone({ ...spec, zone }));
        await expectFailure('invalid-input', () => dns.removeZone(zone));
      }
      await expectFailure('invalid-input', () => dns.ensureZone({ ...spec, nameservers: [] }));
      await expectFailure('invalid-input', () => dns.ensureZone({ ...spec, nameservers: ['not a host'] }));
      expect(await dns.findZone(spec.zone)).toBeUndefined();
    },
  },
  {
    name: 'removes a zone as often as asked, and its records do not come back with it',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const neighbour = await newZone(dns, environment, 'neighbour');
      await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1')]);
      await dns.removeZone(zone);
      await dns.removeZone(zone);
      expect(await dns.findZone(zone)).toBeUndefined();
      expect(await dns.findZone(neighbour)).toMatchObject({ zone: neighbour });
      await newZone(dns, environment);
      expect((await dns.listRecords(zone)).map(({ type }) => type)).toEqual(['NS']);
    },
  },
  {
    name: 'reports an absent zone as not-found to whoever lists its records',
    run: async (environment) => {
      await expectFailure('not-found', () => guard(environment).listRecords(specOf(environment).zone));
    },
  },
  {
    name: 'reports an absent zone as not-found to whoever changes its records, and does not create it',
    run: async (environment) => {
      const dns = guard(environment);
      const { zone } = specOf(environment);
      await expectFailure('not-found', () => dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1')]));
      await expectFailure('not-found', () => dns.removeRecords(zone, [{ name: `www.${zone}`, type: 'A' }]));
      expect(await dns.findZone(zone)).toBeUndefined();
    },
  },
  {
    name: 'keeps parallel calls on different zones apart',
    run: async (environment) => {
      const dns = guard(environment);
      const numbers = [1, 2, 3, 4, 5, 6];
      const lists = await Promise.all(
        numbers.map(async (n) => {
          const zone = await newZone(dns, environment, `zone${n}`);
          await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', `192.0.2.${n}`)]);
          return dns.listRecords(zone);
        }),
      );
      for (const [index, list] of lists.entries()) {
        const { zone } = specOf(environment, `zone${index + 1}`);
        expect(list.filter(({ type }) => type === 'A')).toEqual([setOf(`www.${zone}`, 'A', `192.0.2.${index + 1}`)]);
      }
    },
  },
  {
    name: 'does nothing for a caller that has given up',
    run: async (environment) => {
      const spec = specOf(environment);
      const gone = AbortSignal.abort();
      const failure = await failureOf(() => runCall({ signal: gone }, () => environment.adapter.ensureZone(spec)));
      expect(['unavailable', 'outcome-unknown']).toContain(failure.code);
      expect(await guard(environment).findZone(spec.zone)).toBeUndefined();
    },
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const calls: CallRecord[] = [];
      const record = (call: CallRecord) => calls.push(call);
      const dns = guard(environment, { record });
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials }, { record });
      const { zone } = specOf(environment);
      const failures: PortError[] = [
        await failureOf(() => stranger.testConnection()),
        await failureOf(() => stranger.ensureZone(specOf(environment))),
        await failureOf(() => dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1')])),
        await failureOf(() => dns.ensureZone({ ...specOf(environment), zone: 'label' })),
      ];
      expect(calls).toHaveLength(failures.length);
      expectNoSecret([failures, calls], environment.secrets);
    },
  },
  {
    name: 'lists records in the one spelling of the port',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const mixed: [RecordType, string][] = [
        ['AAAA', '2001:DB8:0:0:0:0:0:1'],
        ['MX', '10 Mail.Example.COM'],
        ['CAA', '0 ISSUE ca.example.net'],
      ];
      const sets: RecordSet[] = mixed.map(([type, value], index) =>
        setOf(`H${index}.${zone.toUpperCase()}`, type, value),
      );
      await dns.putRecords(zone, sets);
      const listed = await dns.listRecords(zone);
      for (const set of sets) expect(listed).toContainEqual(canonicalRecordSet(zone, set));
    },
  },
];

/** The promises of the port that an adapter with these capabilities makes. */
export function dnsCases(capabilities: readonly DnsCapability[]): DnsCase[] {
  return [...zoneCases, ...dnsRecordCases, ...dnsExtraCases].filter(
    ({ capability }) => capability === undefined || capabilities.includes(capability),
  );
}

/**
 * Registers all cases for one adapter.
 * @param start a vendor without zones of the suite's and an adapter in front of it, for each case anew
 */
export function describeDnsAdapter(
  title: string,
  capabilities: readonly DnsCapability[],
  start: () => Promise<DnsEnvironment>,
): void {
  describeCases(`${title}: dns port`, dnsCases(capabilities), start);
}
