import { describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { Stripe } from 'stripe';
import { portErrorOf } from '../src/stripe.errors.js';

/** The error that the SDK makes of an answer. */
function answered(statusCode: number, error: object): unknown {
  return Stripe.errors.generateV1Error({ ...error, statusCode, requestId: 'req_1' });
}

describe('errors of the API', () => {
  it.each([
    [401, { type: 'invalid_request_error', message: 'Invalid API Key provided' }, 'invalid-config'],
    [401, { type: 'invalid_request_error', code: 'api_key_expired' }, 'invalid-config'],
    [403, { type: 'invalid_request_error' }, 'invalid-config'],
    [429, { type: 'invalid_request_error', code: 'rate_limit' }, 'rate-limited'],
    [429, { type: 'invalid_request_error', code: 'lock_timeout' }, 'rate-limited'],
    [409, { type: 'idempotency_error', code: 'idempotency_key_in_use' }, 'unavailable'],
    [400, { type: 'idempotency_error' }, 'wrong-state'],
    [404, { type: 'invalid_request_error', code: 'resource_missing' }, 'not-found'],
    [400, { type: 'invalid_request_error', code: 'resource_missing' }, 'not-found'],
    [400, { type: 'invalid_request_error', code: 'resource_already_exists' }, 'already-exists'],
    [400, { type: 'invalid_request_error', code: 'charge_already_refunded' }, 'wrong-state'],
    [400, { type: 'invalid_request_error', code: 'charge_disputed' }, 'wrong-state'],
    [400, { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' }, 'wrong-state'],
    [400, { type: 'invalid_request_error', code: 'balance_insufficient' }, 'no-funds'],
    [402, { type: 'card_error', code: 'card_declined' }, 'wrong-state'],
    [400, { type: 'invalid_request_error', code: 'parameter_unknown', param: 'x' }, 'invalid-input'],
    [418, { type: 'teapot_error' }, 'internal'],
  ])('%i %j become %s', (status, error, code) => {
    const portError = portErrorOf(answered(status, error));
    expect(portError).toBeInstanceOf(PortError);
    expect(portError).toMatchObject({ code, details: { vendor: { status, requestId: 'req_1' } } });
    expect(portError.message).not.toMatch(/stripe/i);
  });

  it('keep the sentence of the vendor for operators, not for customers', () => {
    const message = `No such checkout.session: 'cs_1' ${'x'.repeat(1000)}`;
    const portError = portErrorOf(answered(404, { type: 'invalid_request_error', code: 'resource_missing', message }));
    expect(portError.details.vendor).toMatchObject({ code: 'resource_missing', message: message.slice(0, 300) });
    expect(portError.message).not.toContain('cs_1');
  });
});

describe('other failures', () => {
  it('give back the PortError that the SDK wrapped', () => {
    const cause = new PortError('outcome-unknown', 'The connection broke off.');
    const lost = new Stripe.errors.StripeConnectionError({ detail: cause });
    const unreadable = new Stripe.errors.StripeAPIError({ exception: cause });
    expect([portErrorOf(cause), portErrorOf(lost), portErrorOf(unreadable)]).toEqual([cause, cause, cause]);
  });

  it('are internal, whatever was thrown', () => {
    for (const thrown of [undefined, null, 'text', 42, {}, new TypeError('x'), Object.freeze({ code: 1 })]) {
      expect(portErrorOf(thrown).code).toBe('internal');
    }
  });
});
