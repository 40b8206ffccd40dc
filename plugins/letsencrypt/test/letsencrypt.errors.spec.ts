import { describe, expect, it } from '@jest/globals';
import type { VendorResponse } from '@keelson/core';
import { acmeError, failureReason, problemIn } from '../src/letsencrypt.errors.js';

function answer(status: number, type?: string, headers: Record<string, string> = {}): VendorResponse {
  const problem = { type: `urn:ietf:params:acme:error:${type}`, detail: 'what the authority says', status };
  const text = type === undefined ? '' : JSON.stringify(problem);
  return { status, headers, text, json: () => JSON.parse(text) as unknown };
}

describe('an answer of the authority', () => {
  it.each([
    [403, 'unauthorized', 'invalid-config'],
    [400, 'accountDoesNotExist', 'invalid-config'],
    [403, 'userActionRequired', 'invalid-config'],
    [403, 'agreementRequired', 'invalid-config'],
    [403, 'externalAccountRequired', 'invalid-config'],
    [400, 'invalidContact', 'invalid-config'],
    [400, 'unsupportedContact', 'invalid-config'],
    [400, 'invalidProfile', 'invalid-config'],
    [400, 'rejectedIdentifier', 'invalid-input'],
    [400, 'unsupportedIdentifier', 'invalid-input'],
    [403, 'caa', 'wrong-state'],
    [403, 'orderNotReady', 'wrong-state'],
    [400, 'badNonce', 'unavailable'],
    [403, 'rateLimited', 'rate-limited'],
    [400, 'malformed', 'internal'],
    [400, 'badCSR', 'internal'],
    [409, 'alreadyReplaced', 'internal'],
    [404, 'malformed', 'not-found'],
    [404, undefined, 'not-found'],
    [403, undefined, 'invalid-config'],
    [301, undefined, 'invalid-config'],
    [405, undefined, 'invalid-config'],
    [500, 'serverInternal', 'outcome-unknown'],
    [500, undefined, 'outcome-unknown'],
  ])('%i %s to an acting request is %s', (status, type, code) => {
    const error = acmeError(answer(status, type), true);
    expect(error).toMatchObject({ code, details: { vendor: { status } } });
    expect(error.message).not.toMatch(/encrypt|acme|what the authority says/i);
  });

  it('of a failure of its own to a reading request is unavailable', () => {
    expect(acmeError(answer(500, 'serverInternal'), false).code).toBe('unavailable');
  });

  it('keeps its words for operators, and the time to wait', () => {
    expect(acmeError(answer(403, 'rateLimited', { 'retry-after': '60' }), true)).toMatchObject({
      retryAfterMs: 60_000,
      details: { vendor: { status: 403, code: 'rateLimited', message: 'what the authority says' } },
    });
  });

  it('is no problem document when it is anything else', () => {
    for (const text of ['', '<html>', '[]', 'null', '42', '{"type":7}']) expect(problemIn(text)).toBeUndefined();
  });
});

describe('the reason of a failed order', () => {
  it.each([
    'dns',
    'connection',
    'tls',
    'unauthorized',
    'incorrectResponse',
    'caa',
    'rejectedIdentifier',
    'rateLimited',
    'x',
  ])('names the name and no vendor: %s', (type) => {
    const reason = failureReason({ type, detail: 'secret words' }, 'shop.example');
    expect(reason).toMatch(/^[^.]*shop\.example[^.]*\.$/);
    expect(reason).not.toMatch(/encrypt|secret words/i);
  });
});
