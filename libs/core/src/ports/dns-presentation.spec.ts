import { describe, expect, it } from '@jest/globals';
import {
  canonicalZoneSpec,
  groupRecords,
  quoteTxt,
  readRecordValue,
  refuseCnameConflicts,
  sameRecordSet,
  unquoteTxt,
} from './dns-presentation.js';
import type { RecordSet, RecordType } from './dns.port.js';

const set = (name: string, type: RecordType, ...values: string[]): RecordSet => ({ name, type, ttl: 300, values });

describe('TXT in master files', () => {
  it('is quoted in chunks of 255 octets, with escapes for what is not printable ASCII', () => {
    expect(quoteTxt('say "é" \\')).toBe('"say \\"\\195\\169\\" \\\\"');
    expect(quoteTxt('')).toBe('""');
    expect(quoteTxt('a'.repeat(256))).toBe(`"${'a'.repeat(255)}" "a"`);
  });

  it('comes back as it was', () => {
    for (const text of ['v=spf1 -all', '  both ends ', 'a "b"; \\065', 'grüße 你好 🙂', 'é'.repeat(200), '']) {
      expect(unquoteTxt(quoteTxt(text))).toBe(text);
    }
  });

  it('is read without quotes and with characters that need no escape, as some vendors write it', () => {
    expect(unquoteTxt('v=DMARC1;p=none')).toBe('v=DMARC1;p=none');
    expect(unquoteTxt('"grüße" "!"')).toBe('grüße!');
  });
});

describe('sets that a vendor holds', () => {
  it('are the same in whatever order, and not with another TTL or value', () => {
    const held = set('a.example', 'A', '192.0.2.1', '192.0.2.2');
    expect(sameRecordSet(held, { ...held, values: ['192.0.2.2', '192.0.2.1'] })).toBe(true);
    expect(sameRecordSet(held, { ...held, ttl: 60 })).toBe(false);
    expect(sameRecordSet(held, { ...held, values: ['192.0.2.2'] })).toBe(false);
    expect(sameRecordSet(undefined, held)).toBe(false);
  });

  it('have no CNAME beside another set of its name', () => {
    const alias = set('a.example', 'CNAME', 'b.example');
    expect(() => refuseCnameConflicts([alias, set('c.example', 'A', '192.0.2.1')])).not.toThrow();
    expect(() => refuseCnameConflicts([alias, set('a.example', 'TXT', 'x')])).toThrow(
      expect.objectContaining({ code: 'wrong-state' }),
    );
  });
});

describe('what a vendor answers', () => {
  it('is read in the spelling of the port, and left alone when it is not valid', () => {
    expect(readRecordValue('MX', '10 Mail.Example.COM.')).toBe('10 mail.example.com');
    expect(readRecordValue('MX', '0 .')).toBe('0 .');
    expect(readRecordValue('TXT', '"a" "b"')).toBe('ab');
    expect(readRecordValue('CAA', '0 ISSUE ca.example.net')).toBe('0 issue "ca.example.net"');
    expect(readRecordValue('A', 'not an address')).toBe('not an address');
  });

  it('becomes sets by name and type', () => {
    const record = (name: string, type: RecordType, value: string) => ({ name, type, ttl: 300, value });
    expect(
      groupRecords([
        record('a.example', 'A', '192.0.2.1'),
        record('a.example', 'TXT', 'x'),
        record('a.example', 'A', '192.0.2.2'),
      ]),
    ).toEqual([set('a.example', 'A', '192.0.2.1', '192.0.2.2'), set('a.example', 'TXT', 'x')]);
  });
});

describe('the specification of a zone', () => {
  it('gets one spelling and needs a name server', () => {
    const spec = { zone: 'Example.COM', nameservers: ['NS1.Example.NET'], owner: 'Srv_1' };
    expect(canonicalZoneSpec(spec)).toEqual({ zone: 'example.com', nameservers: ['ns1.example.net'], owner: 'Srv_1' });
    expect(() => canonicalZoneSpec({ ...spec, nameservers: [] })).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
  });
});
