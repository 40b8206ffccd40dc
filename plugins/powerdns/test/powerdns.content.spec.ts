import { describe, expect, it } from '@jest/globals';
import type { RecordType } from '@keelson/core';
import { contentOf, valueOf } from '../src/powerdns.content.js';

describe('record content', () => {
  const pairs: [RecordType, string, string][] = [
    ['A', '192.0.2.1', '192.0.2.1'],
    ['AAAA', '2001:db8::1', '2001:db8::1'],
    ['CNAME', 'www.example.com', 'www.example.com.'],
    ['NS', 'ns1.example.net', 'ns1.example.net.'],
    ['MX', '10 mail.example.com', '10 mail.example.com.'],
    ['MX', '0 .', '0 .'],
    ['SRV', '10 5 5060 sip.example.com', '10 5 5060 sip.example.com.'],
    ['SRV', '0 0 0 .', '0 0 0 .'],
    ['CAA', '0 issue "letsencrypt.org"', '0 issue "letsencrypt.org"'],
    ['TXT', '', '""'],
    ['TXT', 'v=spf1 -all', '"v=spf1 -all"'],
    ['TXT', 'a "b" \\ c;', '"a \\"b\\" \\\\ c;"'],
    ['TXT', 'é', '"\\195\\169"'],
    ['TXT', '\\065', '"\\\\065"'],
    ['TXT', '🙂 " end\\', '"\\240\\159\\153\\130 \\" end\\\\"'],
  ];
  it.each(pairs)('writes %s %j as %s and reads it back', (type, value, content) => {
    expect(contentOf(type, value)).toBe(content);
    expect(valueOf(type, content)).toBe(value);
  });

  it('cuts TXT into strings of 255 octets, also within a character, and joins them again', () => {
    const text = `${'x'.repeat(254)}é${'y'.repeat(300)}`;
    const content = contentOf('TXT', text);
    expect(content).toBe(`"${'x'.repeat(254)}\\195" "\\169${'y'.repeat(254)}" "${'y'.repeat(46)}"`);
    expect(valueOf('TXT', content)).toBe(text);
  });

  it.each<[string, RecordType, string, string]>([
    ['host names in any case', 'SRV', '10 5 5060 sip.Fact.Example.', '10 5 5060 sip.fact.example'],
    ['long IPv6', 'AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['bare UTF-8, as 4.7 keeps it', 'TXT', '"é"', 'é'],
    ['strings without quotes', 'TXT', 'one two', 'onetwo'],
    ['several strings', 'TXT', '"a " "b"  "c"', 'a bc'],
    ['a tab as a number', 'TXT', '"tab\\009end"', 'tab\tend'],
    ['content that is not valid', 'MX', 'nonsense', 'nonsense'],
    ['the root as a target', 'CNAME', '.', '.'],
  ])('reads %s', (_what, type, content, value) => {
    expect(valueOf(type, content)).toBe(value);
  });

  it('replaces octets that are no UTF-8', () => {
    expect(valueOf('TXT', '"\\255"')).toBe('\ufffd');
  });
});
