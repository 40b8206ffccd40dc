import { expect } from '@jest/globals';
import type { DnsPort, RecordSet, RecordType } from '@keelson/core';
import { guard, newZone, ordered, setOf, type DnsCase } from './dns-environment.js';
import { expectFailure } from './failures.js';

/** The sets without the name servers that the zone was made with. */
async function written(dns: DnsPort, zone: string): Promise<RecordSet[]> {
  const sets = await dns.listRecords(zone);
  return ordered(sets.filter(({ name, type }) => name !== zone || type !== 'NS'));
}

/** What `putRecords`, `removeRecords` and `listRecords` promise. */
export const dnsRecordCases: readonly DnsCase[] = [
  {
    name: 'reads back records of every type as they were given',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const sets = ordered([
        setOf(zone, 'A', '192.0.2.1', '192.0.2.2'),
        setOf(zone, 'AAAA', '2001:db8::1'),
        setOf(zone, 'MX', '10 mx1.mail.example', `20 mail.${zone}`),
        setOf(zone, 'CAA', '0 issue "ca.example.net"', '0 iodef "mailto:security@example.com"'),
        setOf(`www.${zone}`, 'CNAME', zone),
        setOf(`*.${zone}`, 'A', '192.0.2.3'),
        setOf(`_sip._tcp.${zone}`, 'SRV', '10 5 5060 sip.voice.example'),
        setOf(`k1._domainkey.${zone}`, 'CNAME', 'k1._domainkey.mail.example'),
        setOf(`child.${zone}`, 'NS', 'ns1.elsewhere.example'),
        { ...setOf(`slow.${zone}`, 'A', '192.0.2.4'), ttl: 86_400 },
      ]);
      await dns.putRecords(zone, sets);
      expect(await written(dns, zone)).toEqual(sets);
    },
  },
  {
    name: 'carries any text in TXT records: long, quoted, with backslashes, semicolons, spaces and other scripts',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const texts = [
        'v=spf1 include:_spf.mail.example -all',
        `v=DKIM1; k=rsa; p=${'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'.repeat(16)}`,
        'a "quoted" word; and a \\ backslash, \\"both\\", \\065',
        '  spaces   at both ends ',
        'grüße 你好 🙂',
        'é'.repeat(200),
      ];
      const sets = ordered(texts.map((text, index) => setOf(`t${index}.${zone}`, 'TXT', text)));
      await dns.putRecords(zone, [...sets, setOf(zone, 'TXT', ...texts)]);
      expect(await written(dns, zone)).toEqual(ordered([...sets, setOf(zone, 'TXT', ...texts)]));
    },
  },
  {
    name: 'replaces exactly the sets it is given and leaves their neighbours alone',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const neighbours = [setOf(`www.${zone}`, 'AAAA', '2001:db8::1'), setOf(`mail.${zone}`, 'A', '192.0.2.9')];
      await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1', '192.0.2.2'), ...neighbours]);
      const replaced = { ...setOf(`www.${zone}`, 'A', '192.0.2.2', '192.0.2.3'), ttl: 60 };
      await dns.putRecords(zone, [replaced]);
      expect(await written(dns, zone)).toEqual(ordered([replaced, ...neighbours]));
    },
  },
  {
    name: 'leaves zone and serial as they are when it is given what the zone holds already',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const sets = [
        setOf(zone, 'A', '192.0.2.1', '192.0.2.2'),
        setOf(zone, 'TXT', 'v=spf1 -all', 'a "quoted" word é'),
        setOf(`www.${zone}`, 'AAAA', '2001:db8::1'),
        setOf(`mail.${zone}`, 'MX', '10 mx1.mail.example'),
      ];
      await dns.putRecords(zone, sets);
      const before = [await dns.findZone(zone), await written(dns, zone)];
      await dns.putRecords(
        zone,
        sets.map((set) => ({ ...set, values: [...set.values].reverse() })),
      );
      await dns.putRecords(zone, []);
      expect([await dns.findZone(zone), await written(dns, zone)]).toEqual(before);
    },
  },
  {
    name: 'refuses a CNAME beside other records as wrong-state, and then writes none of the sets',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const present = [setOf(`www.${zone}`, 'A', '192.0.2.1'), setOf(`alias.${zone}`, 'CNAME', `www.${zone}`)];
      await dns.putRecords(zone, present);
      const more = setOf(`new.${zone}`, 'A', '192.0.2.5');
      for (const conflict of [setOf(`www.${zone}`, 'CNAME', 'a.example'), setOf(`alias.${zone}`, 'TXT', 'text')]) {
        await expectFailure('wrong-state', () => dns.putRecords(zone, [more, conflict]));
      }
      expect(await written(dns, zone)).toEqual(ordered(present));
    },
  },
  {
    name: 'refuses names outside the zone and values that are not valid as invalid-input, and then writes none of the sets',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const good = setOf(`good.${zone}`, 'A', '192.0.2.1');
      const bad: RecordSet[] = [
        setOf('www.elsewhere.example', 'A', '192.0.2.1'),
        setOf(`evil${zone}`, 'A', '192.0.2.1'),
        setOf(`a\n.${zone}`, 'A', '192.0.2.1'),
        setOf(`www.${zone}`, 'A', '999.1.1.1'),
        setOf(`www.${zone}`, 'AAAA', '192.0.2.1'),
        setOf(`www.${zone}`, 'CNAME', 'a.example', 'b.example'),
        setOf(`www.${zone}`, 'CNAME', 'a.example\n'),
        setOf(`www.${zone}`, 'MX', 'mx1.mail.example'),
        setOf(`www.${zone}`, 'TXT', 'two\nlines'),
        setOf(`www.${zone}`, 'SOA' as RecordType, 'a.example b.example 1 2 3 4 5'),
        setOf(`www.${zone}`, 'A'),
        { ...setOf(`www.${zone}`, 'A', '192.0.2.1'), ttl: -1 },
        setOf(zone, 'CNAME', 'a.example'),
        good,
      ];
      for (const set of bad) await expectFailure('invalid-input', () => dns.putRecords(zone, [good, set]));
      expect(await written(dns, zone)).toEqual([]);
    },
  },
  {
    name: 'removes whole sets as often as asked, and leaves the others alone',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const kept = [setOf(`www.${zone}`, 'AAAA', '2001:db8::1'), setOf(`sub.www.${zone}`, 'A', '192.0.2.9')];
      await dns.putRecords(zone, [setOf(`www.${zone}`, 'A', '192.0.2.1', '192.0.2.2'), ...kept]);
      const unwanted = { name: `www.${zone}`, type: 'A' as const };
      await dns.removeRecords(zone, [unwanted, { name: `never.${zone}`, type: 'TXT' }]);
      const serial = (await dns.findZone(zone))?.serial;
      await dns.removeRecords(zone, [unwanted, unwanted]);
      expect(await written(dns, zone)).toEqual(ordered(kept));
      expect((await dns.findZone(zone))?.serial).toBe(serial);
    },
  },
  {
    name: 'removes nothing outside the zone, and not its SOA',
    run: async (environment) => {
      const dns = guard(environment);
      const zone = await newZone(dns, environment);
      const soa = { name: zone, type: 'SOA' as RecordType };
      await expectFailure('invalid-input', () => dns.removeRecords(zone, [soa]));
      await expectFailure('invalid-input', () =>
        dns.removeRecords(zone, [{ name: 'www.elsewhere.example', type: 'A' }]),
      );
      expect((await dns.listRecords(zone)).map(({ type }) => type)).toEqual(['NS']);
    },
  },
];
