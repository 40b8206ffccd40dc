import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  deletionOf,
  dsRecordsFrom,
  exportFrom,
  holds,
  holdsAny,
  newZoneOf,
  portZoneOf,
  recordSetsOf,
  replacementOf,
  zoneFrom,
  zoneNamesFrom,
} from '../src/powerdns.mapper.js';

/** `cryptokeys` is an answer of PowerDNS 4.7.3; `zone` is put together from several of its answers, with a LUA set and disabled records added. */
function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as unknown;
}

const internal = expect.objectContaining({ code: 'internal' });
const zone = zoneFrom(fixture('zone'), 'fact.example');

describe('a zone', () => {
  it('is read with owner, serial and the name servers of its apex', () => {
    expect(portZoneOf(zone)).toEqual({
      zone: 'fact.example',
      nameservers: ['ns1.h.example', 'ns2.h.example'],
      owner: 'srv_01hzx9abc',
      serial: 2026112003,
    });
  });

  it('has no owner when its account is empty', () => {
    expect(portZoneOf({ ...zone, account: '' })).not.toHaveProperty('owner');
  });

  it('is read without SOA, types that the port does not know, and disabled records', () => {
    expect(recordSetsOf(zone)).toEqual([
      { name: 'fact.example', type: 'NS', ttl: 3600, values: ['ns1.h.example', 'ns2.h.example'] },
      { name: 'www.fact.example', type: 'CNAME', ttl: 300, values: ['fact.example'] },
      { name: '_sip._tcp.fact.example', type: 'SRV', ttl: 300, values: ['10 5 5060 sip.fact.example'] },
      { name: '*.fact.example', type: 'AAAA', ttl: 300, values: ['2001:db8::1'] },
      { name: 'fact.example', type: 'CAA', ttl: 300, values: ['0 issue "letsencrypt.org"'] },
      { name: 'fact.example', type: 'TXT', ttl: 300, values: ['a\\b "q" ; ésecond', 'tab\tend'] },
      { name: 'half.fact.example', type: 'A', ttl: 300, values: ['192.0.2.1'] },
    ]);
  });

  it.each([
    null,
    'text',
    [],
    {},
    { ...zone, name: 'other.example.' },
    { ...zone, serial: '1' },
    { ...zone, rrsets: [{}] },
  ])('is refused in a shape that is not documented (%#)', (answer) => {
    expect(() => zoneFrom(answer, 'fact.example')).toThrow(internal);
  });

  it('is created with its owner, its name servers and an SOA of its own', () => {
    expect(
      newZoneOf({ zone: 'a.example', nameservers: ['ns1.h.example', 'ns2.h.example'], owner: 'srv_1' }, 'Native'),
    ).toEqual({
      name: 'a.example.',
      kind: 'Native',
      account: 'srv_1',
      nameservers: ['ns1.h.example.', 'ns2.h.example.'],
      soa_edit_api: 'DEFAULT',
      api_rectify: true,
      rrsets: [
        {
          name: 'a.example.',
          type: 'SOA',
          ttl: 3600,
          records: [{ content: 'ns1.h.example. hostmaster.a.example. 0 10800 3600 604800 3600', disabled: false }],
        },
      ],
    });
  });
});

describe('changes', () => {
  const aaaa = { name: '*.fact.example', type: 'AAAA' as const, ttl: 300, values: ['2001:db8::1'] };

  it('replace and delete whole sets', () => {
    expect(replacementOf({ name: 'a.example', type: 'MX', ttl: 60, values: ['10 mail.example'] })).toEqual({
      name: 'a.example.',
      type: 'MX',
      ttl: 60,
      changetype: 'REPLACE',
      records: [{ content: '10 mail.example.', disabled: false }],
    });
    expect(deletionOf({ name: 'a.example', type: 'MX' })).toEqual({
      name: 'a.example.',
      type: 'MX',
      changetype: 'DELETE',
    });
  });

  it('are not needed where the set is held exactly so, in whatever spelling', () => {
    expect(holds(zone, aaaa)).toBe(true);
    expect(
      holds(zone, { name: '_sip._tcp.fact.example', type: 'SRV', ttl: 300, values: ['10 5 5060 sip.fact.example'] }),
    ).toBe(true);
  });

  it.each([
    { ...aaaa, ttl: 301 },
    { ...aaaa, values: ['2001:db8::2'] },
    { ...aaaa, values: ['2001:db8::1', '2001:db8::2'] },
    { ...aaaa, name: 'fact.example' },
    { name: 'half.fact.example', type: 'A' as const, ttl: 300, values: ['192.0.2.1'] },
    { name: 'off.fact.example', type: 'A' as const, ttl: 300, values: ['192.0.2.66'] },
  ])('are needed where anything differs (%#)', (set) => {
    expect(holds(zone, set)).toBe(false);
  });

  it('find disabled sets to remove as well', () => {
    expect(holdsAny(zone, { name: 'off.fact.example', type: 'A' })).toBe(true);
    expect(holdsAny(zone, { name: 'off.fact.example', type: 'AAAA' })).toBe(false);
  });
});

describe('other answers', () => {
  it('give DS records of active keys, without SHA-1', () => {
    const keys = fixture('cryptokeys') as Record<string, unknown>[];
    const ds = dsRecordsFrom([
      ...keys,
      { ...keys[0], active: false, ds: ['1 13 2 ab'] },
      { active: true, published: true },
    ]);
    expect(ds).toEqual([
      {
        keyTag: 57226,
        algorithm: 13,
        digestType: 2,
        digest: 'ac2f169ae82fff5ea01927827f145658ddb7429fe8ce31800350e53ab3830a3a',
      },
      {
        keyTag: 57226,
        algorithm: 13,
        digestType: 4,
        digest: 'ab4ad8ec7a0586538268ba24a850029219f4c526b5a8217e268b37a0692adbc792bdc8d2bf3a47db5b83b03b052c69b3',
      },
    ]);
  });

  it('give zone names and exports', () => {
    expect(zoneNamesFrom([zone, { name: 'B.example.' }])).toEqual(['fact.example', 'b.example']);
    expect(exportFrom({ zone: 'a.example.\t300\tIN\tA\t192.0.2.1\n' })).toContain('192.0.2.1');
  });

  it('are refused in shapes that are not documented', () => {
    for (const wrong of [{}, 'text', null, [null], [{}]]) expect(() => zoneNamesFrom(wrong)).toThrow(internal);
    for (const wrong of [{}, null, [{ active: true, published: true, ds: ['no ds'] }]]) {
      expect(() => dsRecordsFrom(wrong)).toThrow(internal);
    }
    expect(() => exportFrom('text')).toThrow(internal);
  });
});
