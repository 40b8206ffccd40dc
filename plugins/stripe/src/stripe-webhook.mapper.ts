import { createHmac, timingSafeEqual } from 'node:crypto';
import { PortError, type PaymentEvent } from '@keelson/core';

const toleranceSeconds = 300;

type Subject = NonNullable<PaymentEvent['subject']>;

/** The events that Keelson acts on, and what is read again because of them. */
const subjectKinds = new Map<string, Subject['kind']>(
  Object.entries({
    'checkout.session.completed': 'checkout',
    'checkout.session.async_payment_succeeded': 'checkout',
    'checkout.session.async_payment_failed': 'checkout',
    'checkout.session.expired': 'checkout',
    'payment_intent.succeeded': 'payment',
    'payment_intent.payment_failed': 'payment',
    'customer.subscription.created': 'subscription',
    'customer.subscription.updated': 'subscription',
    'customer.subscription.deleted': 'subscription',
    'customer.subscription.paused': 'subscription',
    'customer.subscription.resumed': 'subscription',
    'customer.subscription.trial_will_end': 'subscription',
    'invoice.created': 'invoice',
    'invoice.finalized': 'invoice',
    'invoice.paid': 'invoice',
    'invoice.payment_succeeded': 'invoice',
    'invoice.payment_failed': 'invoice',
    'invoice.voided': 'invoice',
    'invoice.marked_uncollectible': 'invoice',
    'refund.created': 'refund',
    'refund.updated': 'refund',
    'refund.failed': 'refund',
    'charge.refunded': 'payment',
    'charge.dispute.created': 'dispute',
    'charge.dispute.updated': 'dispute',
    'charge.dispute.closed': 'dispute',
    'charge.dispute.funds_withdrawn': 'dispute',
    'charge.dispute.funds_reinstated': 'dispute',
  }),
);

/**
 * Whether one of the secrets signed exactly these bytes, at most 300 s ago and not more than 300 s ahead of our clock. Signatures
 * are `t=<seconds>,v1=<HMAC-SHA256 in hex>` with several `v1` while a secret is rolled: https://docs.stripe.com/webhooks/signature.
 *
 * Written here because the SDK decodes the body first, takes any time in the future, and costs its 12 MB.
 */
export function isSigned(body: Uint8Array, header: string | undefined, secrets: readonly string[], now: Date): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('=', 2));
  const times = parts.flatMap(([name, value]) => (name === 't' && value !== undefined ? [value] : []));
  const signatures = parts.flatMap(([name, value]) => (name === 'v1' && value !== undefined ? [value] : []));
  const [time] = times;
  if (time === undefined || times.length > 1 || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(Math.floor(now.getTime() / 1000) - Number(time)) > toleranceSeconds) return false;
  return secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
    return signatures.some((signature) => equals(expected, Buffer.from(signature, 'hex')));
  });
}

function equals(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/**
 * Reads an event whose signature was verified. Types that Keelson does not act on have no subject.
 * @throws PortError `invalid-input` when the body is no event
 */
export function eventOf(body: Uint8Array): PaymentEvent {
  const event = parse(body);
  const { id, type, created } = event;
  if (typeof id !== 'string' || id === '' || typeof type !== 'string' || typeof created !== 'number') throw noEvent();
  const subject = subjectOf(type, event);
  return {
    id,
    type,
    ...(subject === undefined ? {} : { subject }),
    createdAt: new Date(created * 1000),
    live: event.livemode === true,
  };
}

function subjectOf(type: string, event: Record<string, unknown>): Subject | undefined {
  const kind = subjectKinds.get(type);
  const object = recordOf(recordOf(event.data).object);
  if (kind === undefined) return undefined;
  const id = type === 'charge.refunded' ? object.payment_intent : object.id;
  return typeof id === 'string' && id !== '' ? { kind, id } : undefined;
}

function parse(body: Uint8Array): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    throw noEvent();
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** One text for every flaw: the sender must not learn which it was. */
export function noEvent(): PortError {
  return new PortError('invalid-input', 'The webhook is not valid.');
}
