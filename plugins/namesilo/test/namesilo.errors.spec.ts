import { describe, expect, it } from '@jest/globals';
import type { PortErrorCode } from '@keelson/core';
import { nameSiloError, succeeded, unclearAnswer } from '../src/namesilo.errors.js';
import { parseReply, type NameSiloReply } from '../src/namesilo-reply.js';

function reply(code: number, detail = 'a sentence of the vendor', more = ''): NameSiloReply {
  return parseReply(`<namesilo><reply><code>${code}</code><detail>${detail}</detail>${more}</reply></namesilo>`);
}

/** Code, and what it means to a call that acts; `outcome-unknown` is `unavailable` to one that reads. */
const failures: [number, PortErrorCode][] = [
  [101, 'invalid-config'],
  [102, 'internal'],
  [103, 'internal'],
  [104, 'internal'],
  [105, 'internal'],
  [106, 'internal'],
  [107, 'internal'],
  [108, 'invalid-input'],
  [109, 'invalid-config'],
  [110, 'invalid-config'],
  [111, 'invalid-config'],
  [112, 'invalid-config'],
  [113, 'invalid-config'],
  [114, 'invalid-input'],
  [115, 'outcome-unknown'],
  [116, 'invalid-config'],
  [117, 'invalid-config'],
  [118, 'invalid-config'],
  [119, 'no-funds'],
  [120, 'internal'],
  [200, 'not-found'],
  [201, 'outcome-unknown'],
  [210, 'wrong-state'],
  [254, 'invalid-input'],
  [261, 'wrong-state'],
  [262, 'already-exists'],
  [263, 'invalid-input'],
  [264, 'invalid-input'],
  [265, 'wrong-state'],
  [266, 'not-found'],
  [267, 'invalid-input'],
  [280, 'invalid-input'],
  [400, 'outcome-unknown'],
];
const successes = [300, 301, 302, 250, 251, 252, 253, 255, 256];

describe('reply codes', () => {
  it.each(failures)('%i becomes %s', (code, meaning) => {
    expect(succeeded(code)).toBe(false);
    const acting = nameSiloError(reply(code), true);
    expect(acting).toMatchObject({ name: 'PortError', code: meaning, details: { vendor: { code: String(code) } } });
    expect(acting.message).not.toMatch(/namesilo|sentence of the vendor/i);
    const reading = nameSiloError(reply(code), false);
    expect(reading.code).toBe(meaning === 'outcome-unknown' ? 'unavailable' : meaning);
  });

  it.each(successes)('%i is success', (code) => {
    expect(succeeded(code)).toBe(true);
  });

  it('outside the documentation are internal, whatever the call', () => {
    for (const code of [0, 1, 257, 299, 303, 500, 999]) {
      expect(succeeded(code)).toBe(false);
      expect(nameSiloError(reply(code), true).code).toBe('internal');
      expect(nameSiloError(reply(code), false).code).toBe('internal');
    }
  });
});

describe('texts', () => {
  it('of 261 mean that the name is taken only where the vendor says so', () => {
    expect(nameSiloError(reply(261, 'Domain unavailable for registration.'), true).code).toBe('already-exists');
    expect(nameSiloError(reply(261, 'Domain cannot be renewed at this time.'), true).code).toBe('wrong-state');
  });

  it('of 210 with a claims notice send a person to the registrar', () => {
    const claims = reply(210, 'Trademark notice', '<claims><notice_id>1</notice_id></claims>');
    expect(nameSiloError(claims, true)).toMatchObject({ code: 'wrong-state' });
    expect(nameSiloError(claims, true).message).toMatch(/trademark/);
    expect(nameSiloError(reply(210), true).message).not.toMatch(/trademark/);
  });

  it('are kept for operators, shortened', () => {
    expect(nameSiloError(reply(210, 'x'.repeat(1_000)), true).details.vendor?.message).toHaveLength(300);
  });
});

describe('answers that are none', () => {
  it('are unknown to calls that act and unavailable to others', () => {
    expect(unclearAnswer(true, { status: 403 })).toMatchObject({
      code: 'outcome-unknown',
      details: { vendor: { status: 403 } },
    });
    expect(unclearAnswer(false, { status: 403 }).code).toBe('unavailable');
  });
});
