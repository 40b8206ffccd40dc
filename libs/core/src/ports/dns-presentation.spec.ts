import { describe, expect, it } from '@jest/globals';
import { quoteTxt, refuseCnameConflicts, sameRecordSet, unquoteTxt } from './dns-presentation.js';
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
