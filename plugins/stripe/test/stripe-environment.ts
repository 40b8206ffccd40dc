import { randomUUID } from 'node:crypto';
import { systemClock, type CheckoutSpec, type Clock, type PaymentEvent } from '@keelson/core';
import type { PaymentEnvironment, RawWebhook } from '@keelson/testing';
import { signWebhook, startSimulator, type StripeSimulator, type StripeSimulatorOptions } from '../simulator/index.js';
import { StripeAdapter, StripeSettings } from '../src/index.js';
import { StripeClient } from '../src/stripe.client.js';

/** Something that is paid once. */
export const purchase: CheckoutSpec = {
  reference: 'order-1',
  mode: 'payment',
  currency: 'USD',
  lines: [{ name: 'example.com, one year', unitAmount: 1299, quantity: 1 }],
  email: 'ann@example.com',
  successUrl: 'https://shop.example.com/thanks?session={CHECKOUT_SESSION_ID}',
  cancelUrl: 'https://shop.example.com/plans',
  metadata: { planId: 'domain' },
};

/** A hosting plan by the month, with a discount on the first payment. */
export const plan: CheckoutSpec = {
  ...purchase,
  mode: 'subscription',
  lines: [{ name: 'Basic', unitAmount: 999, quantity: 1, recurring: { interval: 'month', count: 1 } }],
  discount: { label: 'WELCOME10', percentOff: 10 },
  metadata: { planId: 'basic' },
};

/** An adapter with these settings, as the plugin makes it. */
export function adapterWith(settings: object, clock: Clock = systemClock): StripeAdapter {
  const complete = Object.assign(new StripeSettings(), settings);
  return new StripeAdapter(new StripeClient(complete), complete, clock);
}

export async function startStripe(
  options?: StripeSimulatorOptions,
): Promise<{ simulator: StripeSimulator; adapter: StripeAdapter }> {
  const simulator = await startSimulator(options);
  return { simulator, adapter: adapterWith(simulator.settings) };
}

/** What the payment suite runs in. */
export async function environmentOf(): Promise<PaymentEnvironment> {
  const { simulator, adapter } = await startStripe();
  const wrong = { secretKey: 'sk_test_of_somebody_else', webhookSecret: 'whsec_of_somebody_else_entirely' };
  const { secretKey, webhookSecret } = simulator.settings;
  return {
    adapter,
    withWrongCredentials: adapterWith({ ...simulator.settings, ...wrong }),
    capabilities: ['disputes'],
    vendor: {
      pay: async (id) => simulator.pay(id),
      expire: async (id) => simulator.expireCheckout(id),
      dispute: async (id) => simulator.disputePayment(id),
      webhook: (about, signedAt) => webhookAbout(about, signedAt, String(webhookSecret)),
    },
    secrets: [String(secretKey), String(webhookSecret), wrong.secretKey, wrong.webhookSecret],
    stop: () => simulator.stop(),
  };
}

const types = {
  checkout: 'checkout.session.completed',
  subscription: 'customer.subscription.updated',
  invoice: 'invoice.paid',
  payment: 'payment_intent.succeeded',
  refund: 'refund.updated',
  dispute: 'charge.dispute.created',
};

/** An event as Stripe writes and signs it. */
export function webhookAbout(about: PaymentEvent['subject'], signedAt: Date, secret: string): RawWebhook {
  const at = Math.floor(signedAt.getTime() / 1000);
  const event = {
    id: `evt_${randomUUID().replaceAll('-', '')}`,
    object: 'event',
    created: at,
    livemode: false,
    type: about === undefined ? 'customer.tax_id.created' : types[about.kind],
    data: { object: { id: about?.id ?? 'txi_1', description: 'Käse & Brot ✓' } },
  };
  const body = JSON.stringify(event, null, 2);
  return { body: Buffer.from(body), headers: { 'stripe-signature': signWebhook(body, secret, at) } };
}
