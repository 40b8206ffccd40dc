import { expect } from '@jest/globals';
import { paymentPort, supports, type CheckoutLine, type Payment } from '@keelson/core';
import { failureOf } from './failures.js';
import {
  guard,
  paidCheckout,
  present,
  purchaseSpec,
  subscriptionSpec,
  type PaymentCase,
  type PaymentEnvironment,
} from './payment-environment.js';

const premium: CheckoutLine = {
  name: 'Premium',
  unitAmount: 2999,
  quantity: 1,
  recurring: { interval: 'month', count: 1 },
};
const mailboxes: CheckoutLine = {
  name: 'Mailbox',
  unitAmount: 200,
  quantity: 5,
  recurring: { interval: 'month', count: 1 },
};

/** What follows the first payment: subscriptions, refunds, disputes, the portal. */
export const paymentBillingCases: readonly PaymentCase[] = [
  {
    name: 'ends a subscription now, and takes a second end for success',
    run: async (environment) => {
      const { payment, id } = await subscribed(environment);
      const ended = await payment.cancelSubscription(id, 'now');
      expect(ended.status).toBe('cancelled');
      expect(Math.abs(Number(ended.endedAt) - Date.now())).toBeLessThan(600_000);
      expect(await payment.cancelSubscription(id, 'now')).toEqual(ended);
      expect(await payment.cancelSubscription(id, 'period-end')).toEqual(ended);
      expect(await payment.getSubscription(id)).toEqual(ended);
    },
  },
  {
    name: 'ends a subscription once when it is asked at the same time',
    run: async (environment) => {
      const { payment, id } = await subscribed(environment);
      const ended = await Promise.all([1, 2, 3].map(() => payment.cancelSubscription(id, 'now')));
      expect(ended.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    },
  },
  {
    name: 'lets a subscription run to the end of what is paid, and can still end it at once',
    run: async (environment) => {
      const { payment, id } = await subscribed(environment);
      const ending = await payment.cancelSubscription(id, 'period-end');
      expect(ending).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
      expect(await payment.cancelSubscription(id, 'period-end')).toEqual(ending);
      expect((await payment.cancelSubscription(id, 'now')).status).toBe('cancelled');
    },
  },
  {
    name: 'moves a subscription to other lines, and changes nothing the second time',
    run: async (environment) => {
      const { payment, id } = await subscribed(environment);
      for (const lines of [[premium, mailboxes], [premium]]) {
        const changed = await payment.changeSubscription(id, { lines, proration: 'next-invoice' });
        expect(changed.items.map(({ unitAmount, quantity }) => ({ unitAmount, quantity }))).toEqual(
          lines.map(({ unitAmount, quantity }) => ({ unitAmount, quantity })),
        );
        expect(changed).toMatchObject({ id, status: 'active', metadata: subscriptionSpec.metadata });
        const again = await payment.changeSubscription(id, { lines, proration: 'next-invoice' });
        expect(again).toEqual(changed);
        expect(await payment.getSubscription(id)).toEqual(changed);
      }
    },
  },
  {
    name: 'refuses lines that do not recur as invalid-input',
    run: async (environment) => {
      const { payment, id } = await subscribed(environment);
      const once = [{ name: 'Setup', unitAmount: 500, quantity: 1 }];
      for (const lines of [once, []]) {
        const failure = await failureOf(() => payment.changeSubscription(id, { lines, proration: 'none' }));
        expect(failure).toMatchObject({ code: 'invalid-input' });
      }
    },
  },
  {
    name: 'gives money back once for one reference',
    run: async (environment) => {
      const { payment, paid } = await purchased(environment);
      const spec = {
        reference: 'refund-1',
        vendorPaymentId: paid.id,
        amount: 500,
        reason: 'requested-by-customer' as const,
      };
      const first = await payment.refund(spec);
      expect(first).toMatchObject({
        amount: { amount: 500, currency: 'USD' },
        vendorPaymentId: paid.id,
        reference: 'refund-1',
      });
      expect(await payment.refund({ ...spec })).toEqual(first);
      expect(await payment.getRefund(first.id)).toEqual(first);
      expect((await payment.getPayment(paid.id)).refunded).toBe(500);
    },
  },
  {
    name: 'gives money back once for one reference that is asked at the same time',
    run: async (environment) => {
      const { payment, paid } = await purchased(environment);
      const spec = { reference: 'refund-1', vendorPaymentId: paid.id, amount: 500 };
      const refunds = await Promise.all([1, 2, 3].map(() => payment.refund(spec)));
      expect(new Set(refunds.map(({ id }) => id)).size).toBe(1);
      expect((await payment.getPayment(paid.id)).refunded).toBe(500);
    },
  },
  {
    name: 'gives back all that is left when no amount is named',
    run: async (environment) => {
      const { payment, paid } = await purchased(environment);
      await payment.refund({ reference: 'refund-1', vendorPaymentId: paid.id, amount: 299 });
      const rest = await payment.refund({ reference: 'refund-2', vendorPaymentId: paid.id });
      expect(rest.amount.amount).toBe(2000);
      expect((await payment.getPayment(paid.id)).refunded).toBe(2299);
    },
  },
  {
    name: 'refuses to give back more than is left as wrong-state',
    run: async (environment) => {
      const { payment, paid } = await purchased(environment);
      const ask = (reference: string, amount?: number) => () =>
        payment.refund({ reference, vendorPaymentId: paid.id, amount });
      expect(await failureOf(ask('refund-1', 2300))).toMatchObject({ code: 'wrong-state' });
      await ask('refund-2', 2000)();
      expect(await failureOf(ask('refund-3', 300))).toMatchObject({ code: 'wrong-state' });
      await ask('refund-4')();
      expect(await failureOf(ask('refund-5'))).toMatchObject({ code: 'wrong-state' });
      expect((await payment.getPayment(paid.id)).refunded).toBe(2299);
    },
  },
  {
    name: 'refuses the same refund reference with another amount, and an amount that is not positive',
    run: async (environment) => {
      const { payment, paid } = await purchased(environment);
      const ask = (amount: number) => () => payment.refund({ reference: 'refund-1', vendorPaymentId: paid.id, amount });
      for (const amount of [0, -1, 1.5]) expect(await failureOf(ask(amount))).toMatchObject({ code: 'invalid-input' });
      await ask(100)();
      expect(await failureOf(ask(200))).toMatchObject({ code: 'wrong-state' });
      expect((await payment.getPayment(paid.id)).refunded).toBe(100);
    },
  },
  {
    name: 'opens the portal of a customer',
    run: async (environment) => {
      const { vendorCustomerId } = await paidCheckout(environment, subscriptionSpec);
      const link = await guard(environment).createPortalLink(
        present(vendorCustomerId, 'customer'),
        'https://shop.example.com/',
      );
      expect(URL.canParse(link)).toBe(true);
    },
  },
  {
    name: 'shows a dispute with the payment that it is about, if it can',
    run: async (environment) => {
      const { payment, paid } = await purchased(environment);
      if (!supports(payment, paymentPort, 'disputes')) return;
      const id = await environment.vendor.dispute(paid.id);
      expect(await payment.getDispute(id)).toEqual({
        id,
        vendorPaymentId: paid.id,
        status: 'open',
        amount: { amount: 2299, currency: 'USD' },
      });
      expect(await failureOf(() => payment.getDispute('du_none'))).toMatchObject({ code: 'not-found' });
    },
  },
];

async function subscribed(environment: PaymentEnvironment) {
  const { vendorSubscriptionId } = await paidCheckout(environment, subscriptionSpec);
  return { payment: guard(environment), id: present(vendorSubscriptionId, 'subscription') };
}

async function purchased(
  environment: PaymentEnvironment,
): Promise<{ payment: ReturnType<typeof guard>; paid: Payment }> {
  const payment = guard(environment);
  const { vendorPaymentId } = await paidCheckout(environment, purchaseSpec);
  return { payment, paid: await payment.getPayment(present(vendorPaymentId, 'payment')) };
}
