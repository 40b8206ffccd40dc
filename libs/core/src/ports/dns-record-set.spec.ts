import { describe, expect, it } from '@jest/globals';
import {
  canonicalRecordKeys,
  canonicalRecordSet,
  canonicalRecordSets,
  canonicalRecordValue,
  canonicalZoneName,
} from './dns-record-set.js';
import type { RecordType } from './dns.port.js';

const refused = expect.objectContaining({ code: 'invalid-input' });

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

describe('canonicalRecordValue', () => {
  const accepted: [RecordType, string, string][] = [
    ['A', '192.0.2.1', '192.0.2.1'],
    ['AAAA', '2001:DB8:0:0::1', '2001:db8::1'],
    ['AAAA', '::ffff:192.0.2.1', '::ffff:c000:201'],
    ['CNAME', 'Www.Example.COM', 'www.example.com'],
    ['CNAME', 'k1._domainkey.example.net', 'k1._domainkey.example.net'],
    ['NS', 'ns1.example.net', 'ns1.example.net'],
    ['MX', '010 Mail.example.com', '10 mail.example.com'],
    ['MX', '0 .', '0 .'],
    ['SRV', '10 5 5060 sip.example.com', '10 5 5060 sip.example.com'],
    ['SRV', '0 0 0 .', '0 0 0 .'],
    ['CAA', '0 issue ca.example.net', '0 issue "ca.example.net"'],
    ['CAA', '128 IssueWild ";"', '128 issuewild ";"'],
    ['TXT', 'v=spf1 "quoted" \\ and é', 'v=spf1 "quoted" \\ and é'],
    ['TXT', '', ''],
  ];
  it.each(accepted)('spells %s %j as %j', (type, value, canonical) => {
    expect(canonicalRecordValue(type, value)).toBe(canonical);
    expect(canonicalRecordValue(type, canonical)).toBe(canonical);
  });

  const rejected: [string, string][] = [
    ['A', '999.1.1.1'],
    ['A', '192.0.2.01'],
    ['A', '192.0.2.1\n'],
    ['AAAA', 'fe80::1%eth0'],
    ['AAAA', '192.0.2.1'],
    ['CNAME', 'www.example.com.'],
    ['CNAME', '-a.example.com'],
    ['CNAME', 'münchen.example'],
    ['CNAME', `${'a'.repeat(64)}.example`],
    ['NS', ''],
    ['MX', 'mail.example.com'],
    ['MX', '65536 mail.example.com'],
    ['MX', '10 mail.example.com extra'],
    ['SRV', '1 2 mail.example.com'],
    ['SRV', '1 2 70000 mail.example.com'],
    ['CAA', '256 issue "a"'],
    ['CAA', '0 issue "a"; evil'],
    ['CAA', '0 issue "a\\"'],
    ['TXT', 'line\nbreak'],
    ['TXT', 'nul\0'],
    ['TXT', 'lone \ud800 surrogate'],
    ['LUA', 'A "x"'],
    ['SOA', 'a. b. 1 2 3 4 5'],
    ['constructor', 'x'],
  ];
  it.each(rejected)('refuses %s %j', (type, value) => {
    expect(thrownBy(() => canonicalRecordValue(type as RecordType, value))).toEqual(refused);
  });
});

describe('canonicalRecordValue of a long text', () => {
  it('refuses a TXT value that does not fit into one record', () => {
    expect(canonicalRecordValue('TXT', 'x'.repeat(65_025))).toHaveLength(65_025);
    expect(thrownBy(() => canonicalRecordValue('TXT', 'x'.repeat(65_026)))).toEqual(refused);
  });
});

describe('canonicalRecordSet', () => {
  const set = { name: 'www.example.com', type: 'A' as const, ttl: 300, values: ['192.0.2.1'] };

  it('lowers the name and drops repeated values', () => {
    expect(
      canonicalRecordSet('example.com', { ...set, name: 'WWW.Example.com', values: ['192.0.2.1', '192.0.2.1'] }),
    ).toEqual(set);
  });

  it.each(['example.com', '*.example.com', '_dmarc.example.com', 'a.b.c.example.com'])('takes the name %s', (name) => {
    expect(canonicalRecordSet('example.com', { ...set, name }).name).toBe(name);
  });

  it.each([
    'www.example.org',
    'badexample.com',
    'com',
    '',
    'www.example.com.',
    'a..example.com',
    'a.*.example.com',
    'a b.example.com',
    'a\0.example.com',
    `${'abcdefgh.'.repeat(30)}example.com`,
  ])('refuses the name %j', (name) => {
    expect(thrownBy(() => canonicalRecordSet('example.com', { ...set, name }))).toEqual(refused);
  });

  it.each([-1, 1.5, Number.NaN, 2_147_483_648])('refuses the TTL %d', (ttl) => {
    expect(thrownBy(() => canonicalRecordSet('example.com', { ...set, ttl }))).toEqual(refused);
  });

  it('refuses no values, two CNAMEs, and a CNAME at the apex', () => {
    const cname = { ...set, type: 'CNAME' as const };
    for (const wrong of [
      { ...set, values: [] },
      { ...cname, values: ['a.example', 'b.example'] },
      { ...cname, name: 'example.com', values: ['a.example'] },
    ]) {
      expect(thrownBy(() => canonicalRecordSet('example.com', wrong))).toEqual(refused);
    }
  });

  it('refuses the same name and type twice in one call', () => {
    expect(thrownBy(() => canonicalRecordSets('example.com', [set, { ...set, name: 'WWW.example.com' }]))).toEqual(
      refused,
    );
  });
});

describe('canonicalRecordKeys', () => {
  it('names each set once and refuses types that are not ours to write', () => {
    const keys = [
      { name: 'WWW.example.com', type: 'A' as const },
      { name: 'www.example.com', type: 'A' as const },
    ];
    expect(canonicalRecordKeys('example.com', keys)).toEqual([keys[1]]);
    const soa = [{ name: 'example.com', type: 'SOA' as RecordType }];
    expect(thrownBy(() => canonicalRecordKeys('example.com', soa))).toEqual(refused);
  });
});

describe('canonicalZoneName', () => {
  it('lowers a domain name', () => {
    expect(canonicalZoneName('XN--Mnchen-3ya.Example')).toBe('xn--mnchen-3ya.example');
  });

  it.each(['', 'com', 'example.com.', 'exa mple.com', '_x.example.com', 'münchen.de', '../x.com', '*.example.com'])(
    'refuses %j',
    (zone) => {
      expect(thrownBy(() => canonicalZoneName(zone))).toEqual(refused);
    },
  );
});
