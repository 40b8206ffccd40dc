import { describe, expect, it } from '@jest/globals';
import { cloudflareError } from '../src/cloudflare.errors.js';

const answer = (status: number, body: unknown) => ({
  status,
  headers: { 'cf-ray': '8a1b' },
  text: typeof body === 'string' ? body : JSON.stringify(body),
  json: () => undefined,
});
const refusal = (code: number, message = 'text') => ({ success: false, errors: [{ code, message }], result: null });

describe('errors of the API', () => {
  it.each([
    [400, 1061, 'already-exists'],
    [400, 6003, 'invalid-config'],
    [403, 9109, 'invalid-config'],
    [403, 10000, 'invalid-config'],
    [404, 7003, 'not-found'],
    [400, 81053, 'wrong-state'],
    [400, 81054, 'wrong-state'],
    [400, 81058, 'unavailable'],
    [400, 9005, 'invalid-input'],
    [403, 99999, 'invalid-config'],
  ])('are told by their code before their status: %i with %i is %s', (status, code, meant) => {
    const error = cloudflareError(answer(status, refusal(code, 'what it said')), true);
    expect(error).toMatchObject({
      code: meant,
      details: { vendor: { status, code: String(code), message: 'what it said', requestId: '8a1b' } },
    });
    expect(error.message).not.toMatch(/cloudflare|what it said/i);
  });

  it('prove nothing when they lack the envelope, as from something in front of the API', () => {
    for (const body of ['<html>', '{}', '{"errors":[]}', '{"errors":"none"}']) {
      expect(cloudflareError(answer(404, body), true).code).toBe('outcome-unknown');
      expect(cloudflareError(answer(404, body), false).code).toBe('unavailable');
    }
    expect(cloudflareError(answer(500, refusal(1)), true).code).toBe('outcome-unknown');
  });
});
