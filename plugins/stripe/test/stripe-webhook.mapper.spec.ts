import { describe, expect, it } from '@jest/globals';
import { Stripe } from 'stripe';
import { eventOf, isSigned } from '../src/stripe-webhook.mapper.js';
import { adapterWith } from './stripe-environment.js';

const secret = 'whsec_0123456789abcdef0123456789';
const older = 'whsec_9876543210fedcba9876543210';
const now = new Date('2026-11-20T12:00:00.900Z');
const at = Math.floor(now.getTime() / 1000);
const payload =
  '{\n  "id": "evt_1",  "type": "invoice.paid", "created": 1763640000, "data": {"object": {"id": "in_ü"}}\n}';
const body = Buffer.from(payload);

function header(timestamp: number, signedWith = secret): string {
  return new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload, secret: signedWith, timestamp });
}

describe('the signature of a webhook', () => {
  it('is the one that the SDK makes', () => {
    expect(isSigned(body, header(at), [secret], now)).toBe(true);
  });

  it('holds for 300 s into the past and into the future, and not a second longer', () => {
    const ages = [300, 301, -300, -301].map((age) => isSigned(body, header(at - age), [secret], now));
    expect(ages).toEqual([true, false, true, false]);
  });

  it('may be one of several, and of either secret while one is rolled', () => {
    const signature = header(at).split('v1=')[1] ?? '';
    expect(isSigned(body, `t=${at},v1=${'0'.repeat(64)},v0=x,v1=${signature}`, [secret], now)).toBe(true);
    expect(isSigned(body, header(at, older), [secret, older], now)).toBe(true);
    expect(isSigned(body, header(at, older), [secret], now)).toBe(false);
  });

  it('counts only in the scheme v1', () => {
    expect(isSigned(body, header(at).replace('v1=', 'v0='), [secret], now)).toBe(false);
  });

  it('is not found in headers that make no sense', () => {
    const good = header(at);
    const bad = [
      undefined,
      '',
      ',,,',
      't',
      't=',
      `t=${at}`,
      `${good},t=1`,
      good.replace(`t=${at}`, `t=${at}.0`),
      good.replace('t=', 't=-'),
    ];
    for (const value of [...bad, 't='.repeat(100_000)]) expect(isSigned(body, value, [secret], now)).toBe(false);
  });

  it('covers the exact bytes, also where they are no valid text', () => {
    const odd = Buffer.from([0x7b, 0xff, 0x7d]);
    const replaced = Buffer.from('{\uFFFD}');
    const signed = new Stripe('sk_test_x').webhooks.generateTestHeaderString({
      payload: '{\uFFFD}',
      secret,
      timestamp: at,
    });
    expect(isSigned(replaced, signed, [secret], now)).toBe(true);
    expect(isSigned(odd, signed, [secret], now)).toBe(false);
  });
});

describe('an event', () => {
  const event = (type: string, object: unknown = { id: 'x_1', payment_intent: 'pi_1' }) =>
    eventOf(Buffer.from(JSON.stringify({ id: 'evt_1', type, created: 1763640000, livemode: true, data: { object } })));

  it.each([
    ['checkout.session.completed', 'checkout'],
    ['checkout.session.async_payment_succeeded', 'checkout'],
    ['checkout.session.async_payment_failed', 'checkout'],
    ['checkout.session.expired', 'checkout'],
    ['payment_intent.succeeded', 'payment'],
    ['payment_intent.payment_failed', 'payment'],
    ['customer.subscription.created', 'subscription'],
    ['customer.subscription.updated', 'subscription'],
    ['customer.subscription.deleted', 'subscription'],
    ['customer.subscription.paused', 'subscription'],
    ['customer.subscription.resumed', 'subscription'],
    ['customer.subscription.trial_will_end', 'subscription'],
    ['invoice.created', 'invoice'],
    ['invoice.finalized', 'invoice'],
    ['invoice.paid', 'invoice'],
    ['invoice.payment_succeeded', 'invoice'],
    ['invoice.payment_failed', 'invoice'],
    ['invoice.voided', 'invoice'],
    ['invoice.marked_uncollectible', 'invoice'],
    ['refund.created', 'refund'],
    ['refund.updated', 'refund'],
    ['refund.failed', 'refund'],
    ['charge.dispute.created', 'dispute'],
    ['charge.dispute.closed', 'dispute'],
  ])('%s is about a %s', (type, kind) => {
    expect(event(type)).toEqual({
      id: 'evt_1',
      type,
      subject: { kind, id: 'x_1' },
      createdAt: new Date(1763640000_000),
      live: true,
    });
  });

  it('of a refunded charge is about its payment', () => {
    expect(event('charge.refunded').subject).toEqual({ kind: 'payment', id: 'pi_1' });
    expect(event('charge.refunded', { id: 'ch_1', payment_intent: null }).subject).toBeUndefined();
  });

  it('of another type, or without an object, is about nothing', () => {
    for (const type of ['customer.created', 'toString', '__proto__', '']) expect(event(type).subject).toBeUndefined();
    for (const object of [null, {}, { id: 7 }, { id: '' }, 'x'])
      expect(event('invoice.paid', object).subject).toBeUndefined();
  });

  it('is refused when it is none', () => {
    const none = [
      '',
      'x',
      'null',
      '[]',
      '{}',
      '{"id":"evt_1"}',
      '{"id":1,"type":"x","created":1}',
      '{"id":"e","type":"x","created":"1"}',
    ];
    for (const text of none) expect(() => eventOf(Buffer.from(text))).toThrow('The webhook is not valid.');
    expect(() => eventOf(Buffer.from([0x22, 0xff, 0x22]))).toThrow('The webhook is not valid.');
  });
});

describe('the adapter', () => {
  it('tells the age of a webhook by the clock it was given, and takes both secrets', async () => {
    const settings = { secretKey: 'sk_test_x', webhookSecret: secret, previousWebhookSecret: older };
    const adapter = adapterWith(settings, { now: () => now });
    for (const one of [secret, older]) {
      expect(await adapter.parseWebhook(body, { 'stripe-signature': header(at, one) })).toMatchObject({
        id: 'evt_1',
        subject: { kind: 'invoice', id: 'in_ü' },
      });
    }
  });
});
