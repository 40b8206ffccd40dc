import { describe, expect, it } from '@jest/globals';
import type { VendorResponse } from '@keelson/core';
import { powerDnsError } from '../src/powerdns.errors.js';

function answer(status: number, text: string, type: string): VendorResponse {
  return { status, text, headers: { 'content-type': type }, json: () => JSON.parse(text) as unknown };
}

const json = 'application/json';
const error = (message: string) => JSON.stringify({ error: message });

describe('powerDnsError', () => {
  const cases: [number, string, string, string?][] = [
    [400, error('Bad Request'), 'internal'],
    [401, error('Unauthorized'), 'invalid-config'],
    [403, 'Forbidden', 'invalid-config', 'text/plain'],
    [404, error('Not Found'), 'not-found'],
    [404, '<h1>Not Found</h1>', 'invalid-config', 'text/html'],
    [405, error('Method Not Allowed'), 'invalid-config'],
    [301, '', 'invalid-config', 'text/html'],
    [409, error('Conflict'), 'already-exists'],
    [422, error('RRset x.a. IN CNAME: Conflicts with pre-existing RRset'), 'wrong-state'],
    [422, error('RRset a.other. IN A: Name is out of zone'), 'invalid-input'],
    [
      422,
      error("Record x./A '999': Parsing record content (try 'pdnsutil check-zone'): unable to parse IP address"),
      'invalid-input',
    ],
    [422, error('Multiple errors found in RRset'), 'invalid-input'],
    [422, error('Adding key failed, perhaps DNSSEC not enabled in configuration?'), 'invalid-config'],
    [422, error('Hosting backend does not support editing records.'), 'invalid-config'],
    [422, error("Failed to rectify 'a.' No SOA known"), 'outcome-unknown'],
    [422, error("Creating domain 'a.' failed: backend refused"), 'outcome-unknown'],
    [422, error('Failed to add to the queue - see server log'), 'outcome-unknown'],
    [422, '{"err', 'outcome-unknown'],
    [404, '{"err', 'outcome-unknown'],
    [500, error('Internal Server Error'), 'outcome-unknown'],
    [200, '<h1>Welcome</h1>', 'outcome-unknown', 'text/html'],
  ];
  it.each(cases.map(([status, text, code, type = json]) => ({ status, text, code, type })))(
    'reads $status $text as $code',
    ({ status, text, code, type }) => {
      expect(powerDnsError(answer(status, text, type), true)).toMatchObject({ code, details: { vendor: { status } } });
    },
  );

  it('reads unclear answers to reads as unavailable', () => {
    expect(powerDnsError(answer(500, error('Internal Server Error'), json), false).code).toBe('unavailable');
    expect(powerDnsError(answer(404, '{"err', json), false).code).toBe('unavailable');
  });

  it("keeps the server's sentence for operators, shortened, and out of the message", () => {
    const failure = powerDnsError(answer(422, error(`Record ${'x'.repeat(1000)}`), json), true);
    expect(failure.details.vendor?.message).toHaveLength(300);
    expect(failure.message).not.toContain('xxx');
    expect(failure.message).not.toMatch(/powerdns/i);
  });
});
