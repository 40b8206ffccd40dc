import { expect } from '@jest/globals';
import type { CheckoutSpec } from '@keelson/core';
import { failureOf } from './failures.js';
import {
  guard,
  paidCheckout,
  present,
  purchaseSpec,
  subscriptionSpec,
  type PaymentCase,
} from './payment-environment.js';

const tenPercent: CheckoutSpec = { ...subscriptionSpec, discount: { label: 'WELCOME10', percentOff: 10 } };

/** Payment pages: making, repeating, paying. */
export const paymentCheckoutCases: readonly PaymentCase[] = [
  {
    name: 'makes an open page that reads back as it was made',
    run: async (environment) => {
      const payment = guard(environment);
      const made = await payment.createCheckout(subscriptionSpec);
      expect(made).toMatchObject({
        status: 'open',
        paymentStatus: 'unpaid',
        reference: 'order-1',
        total: { amount: 999, currency: 'USD' },
        discountAmount: 0,
        taxAmount: 0,
        email: 'ann@example.com',
        metadata: subscriptionSpec.metadata,
        live: false,
      });
      expect(URL.canParse(present(made.url, 'url'))).toBe(true);
      expect(await payment.getCheckout(made.id)).toEqual(made);
    },
  },
  {
    name: 'returns the page made before for the same reference, also to calls at the same time',
    run: async (environment) => {
      const payment = guard(environment);
      const made = await Promise.all([1, 2, 3].map(() => payment.createCheckout(tenPercent)));
      const again = await payment.createCheckout({ ...tenPercent });
      expect(new Set([...made, again].map(({ id }) => id)).size).toBe(1);
    },
  },
  {
    name: 'shows a repeated page as it is now, not as it was made',
    run: async (environment) => {
      const payment = guard(environment);
      const { id } = await paidCheckout(environment, subscriptionSpec);
      const again = await payment.createCheckout(subscriptionSpec);
      expect(again).toMatchObject({ id, status: 'complete', paymentStatus: 'paid' });
      expect(again.url).toBeUndefined();
    },
  },
  {
    name: 'refuses the same reference with other content as wrong-state and leaves the page alone',
    run: async (environment) => {
      const payment = guard(environment);
      const made = await payment.createCheckout(purchaseSpec);
      const dearer = { ...purchaseSpec, lines: [{ name: 'Setup', unitAmount: 9999, quantity: 1 }] };
      expect(await failureOf(() => payment.createCheckout(dearer))).toMatchObject({ code: 'wrong-state' });
      expect(await payment.getCheckout(made.id)).toEqual(made);
    },
  },
  {
    name: 'takes a percentage off the first payment',
    run: async (environment) => {
      const made = await guard(environment).createCheckout(tenPercent);
      expect(made).toMatchObject({ total: { amount: 899, currency: 'USD' }, discountAmount: 100 });
    },
  },
  {
    name: 'takes an amount off the first payment',
    run: async (environment) => {
      const spec: CheckoutSpec = { ...purchaseSpec, discount: { label: 'Sorry', amountOff: 300 } };
      const made = await guard(environment).createCheckout(spec);
      expect(made).toMatchObject({ total: { amount: 1999, currency: 'USD' }, discountAmount: 300 });
    },
  },
  {
    name: 'lets many pages share one discount',
    run: async (environment) => {
      const payment = guard(environment);
      const made = await Promise.all(
        ['a', 'b', 'c'].map((reference) => payment.createCheckout({ ...tenPercent, reference })),
      );
      expect(made.map(({ total }) => total.amount)).toEqual([899, 899, 899]);
    },
  },
  {
    name: 'keeps pages made at the same time apart',
    run: async (environment) => {
      const payment = guard(environment);
      const references = Array.from({ length: 8 }, (_, index) => `parallel-${index}`);
      const made = await Promise.all(
        references.map((reference, index) =>
          payment.createCheckout({
            ...purchaseSpec,
            reference,
            lines: [{ name: reference, unitAmount: 100 + index, quantity: 1 }],
          }),
        ),
      );
      expect(made.map(({ reference }) => reference)).toEqual(references);
      expect(made.map(({ total }) => total.amount)).toEqual(references.map((_, index) => 100 + index));
      expect(new Set(made.map(({ id }) => id)).size).toBe(references.length);
    },
  },
  {
    name: 'shows a paid page with customer, subscription, invoice and payment',
    run: async (environment) => {
      const payment = guard(environment);
      const paid = await paidCheckout(environment, tenPercent);
      expect(paid).toMatchObject({
        status: 'complete',
        paymentStatus: 'paid',
        total: { amount: 899, currency: 'USD' },
      });
      expect(paid.url).toBeUndefined();
      const subscription = await payment.getSubscription(present(paid.vendorSubscriptionId, 'subscription'));
      expect(subscription).toMatchObject({
        status: 'active',
        vendorCustomerId: paid.vendorCustomerId,
        cancelAtPeriodEnd: false,
        metadata: subscriptionSpec.metadata,
        items: [{ unitAmount: 999, quantity: 1 }],
      });
      const invoice = await payment.getInvoice(present(paid.vendorInvoiceId, 'invoice'));
      expect(invoice).toMatchObject({
        status: 'paid',
        vendorSubscriptionId: subscription.id,
        vendorCustomerId: paid.vendorCustomerId,
        total: { amount: 899, currency: 'USD' },
        paid: { amount: 899, currency: 'USD' },
        periodStart: subscription.currentPeriodStart,
        periodEnd: subscription.currentPeriodEnd,
      });
      const days = (Number(invoice.periodEnd) - Number(invoice.periodStart)) / 86_400_000;
      expect(days).toBeGreaterThanOrEqual(28);
      expect(days).toBeLessThanOrEqual(31);
      expect(await payment.getPayment(present(paid.vendorPaymentId, 'payment'))).toMatchObject({
        status: 'succeeded',
        amount: { amount: 899, currency: 'USD' },
        refunded: 0,
        vendorCustomerId: paid.vendorCustomerId,
        vendorInvoiceId: invoice.id,
      });
    },
  },
  {
    name: 'shows a page that is paid once with its payment and without a subscription',
    run: async (environment) => {
      const paid = await paidCheckout(environment, purchaseSpec);
      expect(paid).toMatchObject({
        status: 'complete',
        paymentStatus: 'paid',
        total: { amount: 2299, currency: 'USD' },
      });
      expect(paid.vendorSubscriptionId).toBeUndefined();
      expect(await guard(environment).getPayment(present(paid.vendorPaymentId, 'payment'))).toMatchObject({
        status: 'succeeded',
        amount: { amount: 2299, currency: 'USD' },
        vendorCustomerId: present(paid.vendorCustomerId, 'customer'),
        metadata: purchaseSpec.metadata,
      });
    },
  },
  {
    name: 'takes nothing for a free trial and begins the subscription',
    run: async (environment) => {
      const paid = await paidCheckout(environment, { ...subscriptionSpec, trialDays: 14 });
      expect(paid).toMatchObject({ status: 'complete', paymentStatus: 'not-required', total: { amount: 0 } });
      const subscription = await guard(environment).getSubscription(present(paid.vendorSubscriptionId, 'subscription'));
      expect(subscription.status).toBe('trialing');
      const trialMs = Number(subscription.currentPeriodEnd) - Number(subscription.currentPeriodStart);
      expect(trialMs).toBe(14 * 86_400_000);
    },
  },
  {
    name: 'needs no payment when the discount covers everything',
    run: async (environment) => {
      const free: CheckoutSpec = { ...subscriptionSpec, discount: { label: 'Gift', percentOff: 100 } };
      const paid = await paidCheckout(environment, free);
      expect(paid).toMatchObject({
        status: 'complete',
        paymentStatus: 'not-required',
        discountAmount: 999,
        total: { amount: 0 },
      });
      const subscription = await guard(environment).getSubscription(present(paid.vendorSubscriptionId, 'subscription'));
      expect(subscription.status).toBe('active');
    },
  },
  {
    name: 'takes the customer that is known already',
    run: async (environment) => {
      const { vendorCustomerId } = await paidCheckout(environment, subscriptionSpec);
      const second = await paidCheckout(environment, { ...purchaseSpec, vendorCustomerId });
      expect(second.vendorCustomerId).toBe(present(vendorCustomerId, 'customer'));
    },
  },
  {
    name: 'shows a page whose time ran out as expired, without address',
    run: async (environment) => {
      const payment = guard(environment);
      const { id } = await payment.createCheckout(subscriptionSpec);
      await environment.vendor.expire(id);
      const expired = await payment.getCheckout(id);
      expect(expired).toMatchObject({ status: 'expired', paymentStatus: 'unpaid' });
      expect(expired.url).toBeUndefined();
    },
  },
  {
    name: 'refuses content that makes no sense as invalid-input',
    run: async (environment) => {
      const payment = guard(environment);
      const wrong: Partial<CheckoutSpec>[] = [
        { lines: [] },
        { lines: [{ name: 'Basic', unitAmount: -1, quantity: 1, recurring: { interval: 'month', count: 1 } }] },
        { lines: [{ name: 'Setup', unitAmount: 500, quantity: 1 }] },
        { mode: 'payment' },
        { email: 'no address' },
        { successUrl: 'javascript:alert(1)' },
      ];
      for (const [index, part] of wrong.entries()) {
        const spec = { ...subscriptionSpec, reference: `wrong-${index}`, ...part };
        expect([index, (await failureOf(() => payment.createCheckout(spec))).code]).toEqual([index, 'invalid-input']);
      }
    },
  },
];
