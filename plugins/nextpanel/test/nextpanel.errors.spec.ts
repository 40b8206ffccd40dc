import { describe, expect, it } from '@jest/globals';
import type { VendorResponse } from '@keelson/core';
import { refusalError, type Asked } from '../src/nextpanel.errors.js';

const reading: Asked = { acts: false, aboutOne: false, secrets: [] };
const creating: Asked = { acts: true, aboutOne: false, secrets: ['S3cure-and-l0ng', 'abc'] };
const aboutOne: Asked = { acts: true, aboutOne: true, secrets: [] };

function answer(status: number, detail?: unknown): VendorResponse {
  const text = detail === undefined ? '<html>' : JSON.stringify({ detail });
  return { status, headers: {}, text, json: () => JSON.parse(text) as unknown };
}

describe('a refusal of the panel', () => {
  it.each([
    [401, 'Invalid API key or secret', creating, 'invalid-config'],
    [401, 'API key is revoked', reading, 'invalid-config'],
    [403, "The user doesn't have super admin privileges", creating, 'invalid-config'],
    [403, 'IP address not allowed', reading, 'invalid-config'],
    [400, 'Username already exists', creating, 'already-exists'],
    [400, 'Email already registered', creating, 'already-exists'],
    [409, 'Conflict', creating, 'already-exists'],
    [400, 'Maximum account limit reached for this licence', creating, 'invalid-config'],
    [400, 'Invalid package', creating, 'invalid-input'],
    [404, 'Package not found', creating, 'invalid-input'],
    [400, 'Password is too weak', creating, 'invalid-input'],
    [422, [{ loc: ['body', 'email'], msg: 'Field required' }], creating, 'invalid-input'],
    [404, 'Account not found', aboutOne, 'not-found'],
    [404, undefined, aboutOne, 'invalid-config'],
    [404, 'Not Found', reading, 'invalid-config'],
    [405, 'Method Not Allowed', creating, 'invalid-config'],
    [307, undefined, reading, 'invalid-config'],
    [400, 'The moon is full', creating, 'internal'],
    [418, 'I am a teapot', reading, 'internal'],
    [500, 'Internal Server Error', creating, 'outcome-unknown'],
    [500, undefined, reading, 'unavailable'],
  ])('%i %j is what it means', (status, detail, asked, code) => {
    const error = refusalError(answer(status, detail), asked);
    expect([error.code, error.details.vendor?.status]).toEqual([code, status]);
    expect(error.message).not.toMatch(/panel/i);
  });

  it('quotes no secret back, and still knows what was meant', () => {
    const error = refusalError(answer(400, 'Password “S3cure-and-l0ng” is known, abc'), creating);
    expect([error.code, error.details.vendor?.message]).toEqual(['invalid-input', 'Password “***” is known, abc']);
  });

  it('is cut to a size that can be stored', () => {
    expect(refusalError(answer(400, 'x'.repeat(100_000)), creating).details.vendor?.message).toHaveLength(300);
  });

  it.each([[[null, 7, { loc: 'body', msg: 5 }]], [{ deep: true }], [null], [5]])(
    'with details of another shape is still a refusal: %j',
    (detail) => {
      expect(refusalError(answer(422, detail), creating).code).toBe('invalid-input');
    },
  );
});
