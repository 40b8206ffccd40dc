import { expect } from '@jest/globals';
import { dnsPort, supports, type AdapterOf, type CapabilityMethods } from '@keelson/core';
import {
  guard,
  newZone,
  setOf,
  specOf,
  type DnsCapability,
  type DnsCase,
  type DnsEnvironment,
} from './dns-environment.js';
import { expectFailure } from './failures.js';

type Able<C extends DnsCapability> = AdapterOf<typeof dnsPort> & CapabilityMethods<typeof dnsPort, C>;

/** A case of a capability. An adapter that declares the capability but lacks its methods fails the case about methods, not this one. */
function caseOf<C extends DnsCapability>(
  capability: C,
  name: string,
  run: (dns: Able<C>, environment: DnsEnvironment) => Promise<void>,
): DnsCase {
  return {
    name,
    capability,
    run: async (environment) => {
      const dns = guard(environment);
      if (supports(dns, dnsPort, capability)) await run(dns, environment);
    },
  };
}

/** What the optional capabilities promise. */
export const dnsExtraCases: readonly DnsCase[] = [
  caseOf('zone-listing', 'lists the zones it holds, and no longer those it removed', async (dns, environment) => {
    const kept = await newZone(dns, environment, 'kept');
    const removed = await newZone(dns, environment, 'removed');
    expect(await dns.listZones()).toEqual(expect.arrayContaining([kept, removed]));
    await dns.removeZone(removed);
    const names = await dns.listZones();
    expect(names).toContain(kept);
    expect(names).not.toContain(removed);
  }),
  caseOf(
    'dnssec',
    'signs a zone once, with the same DS records however often it is asked',
    async (dns, environment) => {
      const zone = await newZone(dns, environment);
      await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1')]);
      const ds = await dns.ensureDnssec(zone);
      expect(ds.length).toBeGreaterThan(0);
      for (const { keyTag, algorithm, digestType, digest } of ds) {
        expect(Number.isInteger(keyTag) && keyTag >= 0 && keyTag <= 65_535).toBe(true);
        expect([8, 10, 13, 14, 15, 16]).toContain(algorithm);
        expect(digest).toMatch(digestType === 4 ? /^[0-9a-f]{96}$/ : /^[0-9a-f]{64}$/);
      }
      const serial = (await dns.findZone(zone))?.serial;
      expect(await dns.ensureDnssec(zone)).toEqual(ds);
      expect((await dns.findZone(zone))?.serial).toBe(serial);
      expect(await dns.listRecords(zone)).toContainEqual(setOf(`www.${zone}`, 'A', '192.0.2.1'));
    },
  ),
  caseOf('dnssec', 'stops signing as often as asked', async (dns, environment) => {
    const zone = await newZone(dns, environment);
    await dns.removeDnssec(zone);
    await dns.ensureDnssec(zone);
    await dns.removeDnssec(zone);
    await dns.removeDnssec(zone);
    await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1')]);
    expect(await dns.listRecords(zone)).toContainEqual(setOf(`www.${zone}`, 'A', '192.0.2.1'));
  }),
  caseOf('dnssec', 'reports an absent zone as not-found to whoever signs it', async (dns, environment) => {
    const { zone } = specOf(environment);
    await expectFailure('not-found', () => dns.ensureDnssec(zone));
    await expectFailure('not-found', () => dns.removeDnssec(zone));
  }),
  caseOf('export', 'exports a zone as master file text', async (dns, environment) => {
    const zone = await newZone(dns, environment);
    await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.77'), setOf(zone, 'MX', '10 mx1.mail.example')]);
    const lines = (await dns.exportZone(zone)).split('\n').map((line) => line.split(/\s+/).join(' '));
    expect(lines).toContain(`www.${zone}. 300 IN A 192.0.2.77`);
    expect(lines).toContain(`${zone}. 300 IN MX 10 mx1.mail.example.`);
    await expectFailure('not-found', () => dns.exportZone(specOf(environment, 'absent').zone));
  }),
  caseOf('notify', 'asks secondaries to fetch a zone, as often as asked', async (dns, environment) => {
    const zone = await newZone(dns, environment);
    await dns.notifyZone(zone);
    await dns.notifyZone(zone);
    await expectFailure('not-found', () => dns.notifyZone(specOf(environment, 'absent').zone));
  }),
];
