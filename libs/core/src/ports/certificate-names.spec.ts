import { describe, expect, it } from '@jest/globals';
import { canonicalCertificateNames, challengeRecordSets } from './certificate-names.js';
import type { Challenge } from './ssl.port.js';

const names = (domains: string[], method: 'http-01' | 'dns-01' = 'dns-01') =>
  canonicalCertificateNames({ domains, method });

describe('the names of a certificate', () => {
  it('are in lower case and A-labels, none twice, in their order', () => {
    expect(names(['Www.Example.com', 'example.com', 'www.example.com', 'münchen.example'])).toEqual([
      'www.example.com',
      'example.com',
      'xn--mnchen-3ya.example',
    ]);
  });

  it('leave out what a wildcard of the same order covers, and only that', () => {
    expect(names(['example.com', 'www.example.com', '*.example.com', 'a.www.example.com'])).toEqual([
      'example.com',
      '*.example.com',
      'a.www.example.com',
    ]);
  });

  it.each([
    ['no names', []],
    ['too many names', Array.from({ length: 101 }, (_, n) => `h${n}.example.com`)],
    ['a public suffix', ['co.uk']],
    ['a wildcard below a public suffix', ['*.co.uk']],
    ['a star elsewhere', ['www.*.example.com']],
    ['two stars', ['*.*.example.com']],
    ['an address', ['192.0.2.1']],
    ['text with a line break inside', ['exam\nple.com']],
  ])('are refused: %s', (_what, domains) => {
    expect(() => names(domains)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('with a wildcard are refused for HTTP', () => {
    expect(() => names(['*.example.com'], 'http-01')).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});

describe('the record sets of challenges', () => {
  it('hold all values of one name, and nothing of other methods', () => {
    const challenge = (domain: string, recordValue: string): Challenge => ({
      type: 'dns-01',
      domain,
      recordName: `_acme-challenge.${domain}`,
      recordValue,
    });
    const http: Challenge = { type: 'http-01', domain: 'example.com', path: '/x', body: 'y' };
    expect(
      challengeRecordSets([
        challenge('example.com', 'one'),
        challenge('www.example.com', 'two'),
        challenge('example.com', 'three'),
        http,
      ]),
    ).toEqual([
      { name: '_acme-challenge.example.com', type: 'TXT', ttl: 60, values: ['one', 'three'] },
      { name: '_acme-challenge.www.example.com', type: 'TXT', ttl: 60, values: ['two'] },
    ]);
  });
});
