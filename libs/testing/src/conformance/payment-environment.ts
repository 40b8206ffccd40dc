import {
  guardAdapter,
  paymentPort,
  type AdapterOf,
  type CallRecord,
  type CapabilityOf,
  type Checkout,
  type CheckoutSpec,
  type PaymentEvent,
  type PaymentPort,
} from '@keelson/core';
import type { ConformanceCase, StoppableEnvironment } from './conformance-cases.js';

/** A webhook as it arrives over HTTP: raw body, header names in lower case. */
export interface RawWebhook {
  body: Uint8Array;
  headers: Record<string, string>;
}

/** What customers, banks and time do at the vendor, beside what the adapter asks. */
export interface PaymentVendorControl {
  /** Pays the page as a customer does. */
  pay(checkoutId: string): Promise<void>;
  /** The page's time runs out. */
  expire(checkoutId: string): Promise<void>;
  /** The customer's bank takes a payment back. Returns the dispute's id. */
  dispute(paymentId: string): Promise<string>;
  /**
   * A webhook about an object, correctly signed at that time. Without a subject: one of a type that Keelson does not act on.
   * The body holds non-ASCII text, and blanks that JSON does not need.
   */
  webhook(about: PaymentEvent['subject'], signedAt: Date): RawWebhook;
}

export interface PaymentEnvironment extends StoppableEnvironment {
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: PaymentPort;
  /** The same with credentials and a webhook secret that the vendor does not know. */
  withWrongCredentials: PaymentPort;
  capabilities: readonly CapabilityOf<typeof paymentPort>[];
  vendor: PaymentVendorControl;
  /** Values that may appear in no error and no call record. */
  secrets: readonly string[];
}

export type PaymentCase = ConformanceCase<PaymentEnvironment>;

/** A hosting plan by the month. */
export const subscriptionSpec: CheckoutSpec = {
  reference: 'order-1',
  mode: 'subscription',
  currency: 'USD',
  lines: [
    {
      name: 'Basic',
      description: 'Shared hosting',
      unitAmount: 999,
      quantity: 1,
      recurring: { interval: 'month', count: 1 },
    },
  ],
  email: 'ann@example.com',
  successUrl: 'https://shop.example.com/thanks?session={CHECKOUT_SESSION_ID}',
  cancelUrl: 'https://shop.example.com/plans',
  metadata: { planId: 'basic', domainValue: 'example.com' },
};

/** Something that is paid once. */
export const purchaseSpec: CheckoutSpec = {
  ...subscriptionSpec,
  reference: 'order-2',
  mode: 'payment',
  lines: [
    { name: 'example.com, one year', unitAmount: 1299, quantity: 1 },
    { name: 'Setup', unitAmount: 500, quantity: 2 },
  ],
};

export function guard(
  { adapter, capabilities }: PaymentEnvironment,
  guarded: PaymentPort = adapter,
  record?: (call: CallRecord) => void,
): AdapterOf<typeof paymentPort> {
  return guardAdapter(guarded, { connection: 'under test', port: paymentPort, capabilities, record });
}

/** Makes a page, has it paid and reads it again. */
export async function paidCheckout(environment: PaymentEnvironment, spec: CheckoutSpec): Promise<Checkout> {
  const payment = guard(environment);
  const { id } = await payment.createCheckout(spec);
  await environment.vendor.pay(id);
  return payment.getCheckout(id);
}

/** A value that the case cannot go on without. */
export function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`expected ${name}, but it is undefined`);
  return value;
}
