import { expect } from '@jest/globals';
import { paymentPort, runCall, type CallRecord } from '@keelson/core';
import { describeCases } from './conformance-cases.js';
import { expectMethodsOf, expectNoSecret, failureOf } from './failures.js';
import { paymentBillingCases } from './payment-billing.conformance.js';
import { paymentCheckoutCases } from './payment-checkout.conformance.js';
import {
  guard,
  purchaseSpec,
  subscriptionSpec,
  type PaymentCase,
  type PaymentEnvironment,
} from './payment-environment.js';
import { paymentWebhookCases } from './payment-webhook.conformance.js';

const retryable = ['outcome-unknown', 'unavailable', 'rate-limited'];

const connectionCases: readonly PaymentCase[] = [
  {
    name: 'accepts right credentials',
    run: async (environment) => {
      await guard(environment).testConnection();
    },
  },
  {
    name: 'reports wrong credentials as invalid-config, when testing, reading and acting',
    run: async (environment) => {
      const stranger = guard(environment, environment.withWrongCredentials);
      const calls = [
        () => stranger.testConnection(),
        () => stranger.getCheckout('cs_none'),
        () => stranger.createCheckout(subscriptionSpec),
      ];
      for (const call of calls) expect(await failureOf(call)).toMatchObject({ code: 'invalid-config' });
    },
  },
  {
    name: 'has the methods of the capabilities it declares, and of no others',
    run: async ({ adapter, capabilities }) => expectMethodsOf(paymentPort, capabilities, adapter),
  },
  {
    name: 'reports what does not exist as not-found',
    run: async (environment) => {
      const payment = guard(environment);
      const lines = subscriptionSpec.lines;
      const calls = {
        getCheckout: () => payment.getCheckout('cs_none'),
        getSubscription: () => payment.getSubscription('sub_none'),
        getInvoice: () => payment.getInvoice('in_none'),
        getPayment: () => payment.getPayment('pi_none'),
        getRefund: () => payment.getRefund('re_none'),
        refund: () => payment.refund({ reference: 'refund-1', vendorPaymentId: 'pi_none', amount: 100 }),
        cancelNow: () => payment.cancelSubscription('sub_none', 'now'),
        cancelLater: () => payment.cancelSubscription('sub_none', 'period-end'),
        changeSubscription: () => payment.changeSubscription('sub_none', { lines, proration: 'none' }),
        createPortalLink: () => payment.createPortalLink('cus_none', 'https://shop.example.com/'),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect([name, (await failureOf(call)).code]).toEqual([name, 'not-found']);
      }
    },
  },
  {
    name: 'takes ids that are no ids for objects that do not exist, and reaches nothing else with them',
    run: async (environment) => {
      const payment = guard(environment);
      const { id } = await payment.createCheckout(purchaseSpec);
      for (const odd of [
        '',
        '.',
        '..',
        `../sessions/${id}`,
        `${id}/expire`,
        `${id}?expand=x`,
        `${id}#`,
        'a b',
        '\0',
        '%2e%2e',
        '\u{1F600}',
      ]) {
        expect([odd, (await failureOf(() => payment.getCheckout(odd))).code]).toEqual([odd, 'not-found']);
        expect([odd, (await failureOf(() => payment.getSubscription(odd))).code]).toEqual([odd, 'not-found']);
        expect([odd, (await failureOf(() => payment.getPayment(odd))).code]).toEqual([odd, 'not-found']);
      }
      expect(await payment.getCheckout(id)).toMatchObject({ status: 'open' });
    },
  },
  {
    name: 'does nothing for a caller who gave up before',
    run: async (environment) => {
      const signal = AbortSignal.abort();
      const calls: (() => Promise<unknown>)[] = [
        () => environment.adapter.createCheckout(subscriptionSpec),
        () => environment.adapter.getInvoice('in_1'),
      ];
      for (const call of calls) expect(retryable).toContain((await failureOf(() => runCall({ signal }, call))).code);
      const made = await guard(environment).createCheckout({ ...subscriptionSpec, email: 'bob@example.com' });
      expect(made.email).toBe('bob@example.com');
    },
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const records: CallRecord[] = [];
      const record = (one: CallRecord) => void records.push(one);
      const stranger = guard(environment, environment.withWrongCredentials, record);
      const payment = guard(environment, environment.adapter, record);
      const { body, headers } = environment.vendor.webhook({ kind: 'invoice', id: 'in_1' }, new Date(0));
      const failures = [
        await failureOf(() => stranger.testConnection()),
        await failureOf(() => stranger.createCheckout(subscriptionSpec)),
        await failureOf(() => stranger.parseWebhook(body, headers)),
        await failureOf(() => payment.parseWebhook(body, headers)),
        await failureOf(() => payment.getInvoice('in_none')),
        await failureOf(() => payment.createCheckout({ ...subscriptionSpec, lines: [] })),
      ];
      expect(records).toHaveLength(failures.length);
      expectNoSecret([failures, records], environment.secrets);
    },
  },
];

/** What holds for every adapter of the payment port. */
export const paymentCases: readonly PaymentCase[] = [
  ...connectionCases,
  ...paymentCheckoutCases,
  ...paymentWebhookCases,
  ...paymentBillingCases,
];

/**
 * Registers all cases for one adapter of the payment port.
 * @param start a fresh vendor and adapters, for each case anew
 */
export function describePaymentAdapter(title: string, start: () => Promise<PaymentEnvironment>): void {
  describeCases(`${title}: payment port`, paymentCases, start);
}
