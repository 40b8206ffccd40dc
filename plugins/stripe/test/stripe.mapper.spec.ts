import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { CheckoutSpec } from '@keelson/core';
import type { Stripe } from 'stripe';
import { couponParamsOf, productParamsOf, sessionParamsOf } from '../src/stripe-checkout.mapper.js';
import { checkoutOf, disputeOf, invoiceOf, paymentOf, refundOf, subscriptionOf } from '../src/stripe.mapper.js';
import { plan, purchase } from './stripe-environment.js';

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

const date = (seconds: number) => new Date(seconds * 1000);

describe('an invoice', () => {
  it('names its subscription through its parent, and the time paid for through its recurring lines', () => {
    expect(invoiceOf(fixture<Stripe.Invoice>('invoice-2026-10-28'))).toEqual({
      id: 'in_1New',
      number: 'ACME-0008',
      status: 'paid',
      vendorSubscriptionId: 'sub_1New',
      vendorCustomerId: 'cus_1New',
      total: { amount: 1399, currency: 'USD' },
      paid: { amount: 1399, currency: 'USD' },
      attemptCount: 1,
      periodStart: date(1760000000),
      periodEnd: date(1762678400),
    });
  });

  it('of an older API version names its subscription directly', () => {
    expect(invoiceOf(fixture<Stripe.Invoice>('invoice-2025-02-24'))).toEqual({
      id: 'in_1Old',
      number: 'ACME-0007',
      status: 'open',
      vendorSubscriptionId: 'sub_1Old',
      vendorCustomerId: 'cus_1Old',
      total: { amount: 1190, currency: 'EUR' },
      paid: { amount: 0, currency: 'EUR' },
      attemptCount: 2,
      nextAttemptAt: date(1764000000),
      periodStart: date(1760000000),
      periodEnd: date(1762678400),
      hostedUrl: 'https://invoice.example.com/i/1',
    });
  });
});

describe('a subscription', () => {
  it('takes its period from the item that runs out first', () => {
    expect(subscriptionOf(fixture<Stripe.Subscription>('subscription-mixed-intervals'))).toEqual({
      id: 'sub_1',
      status: 'past-due',
      vendorCustomerId: 'cus_1',
      currentPeriodStart: date(1760000000),
      currentPeriodEnd: date(1762678400),
      cancelAtPeriodEnd: true,
      metadata: { planId: 'basic' },
      items: [
        { id: 'si_year', vendorPriceId: 'price_year', unitAmount: 9999, quantity: 1 },
        { id: 'si_month', vendorPriceId: 'price_month', unitAmount: 0, quantity: 1 },
      ],
    });
  });

  it.each([
    ['incomplete', 'incomplete'],
    ['incomplete_expired', 'cancelled'],
    ['trialing', 'trialing'],
    ['active', 'active'],
    ['past_due', 'past-due'],
    ['unpaid', 'unpaid'],
    ['paused', 'paused'],
    ['canceled', 'cancelled'],
    ['of_a_later_api', 'incomplete'],
  ])('that is %s is %s', (status, expected) => {
    const subscription = fixture<Stripe.Subscription>('subscription-mixed-intervals');
    expect(subscriptionOf({ ...subscription, status }).status).toBe(expected);
  });
});

describe('a payment page', () => {
  const session = {
    id: 'cs_1',
    status: 'complete',
    payment_status: 'unpaid',
    url: null,
    currency: 'jpy',
    amount_total: 500,
    total_details: { amount_discount: 50, amount_tax: 5, amount_shipping: 0 },
    customer: { id: 'cus_1' },
    subscription: 'sub_1',
    payment_intent: null,
    metadata: null,
    livemode: true,
    invoice: {
      id: 'in_1',
      payments: {
        data: [
          { status: 'open', payment: { payment_intent: 'pi_0' } },
          { status: 'paid', payment: { payment_intent: 'pi_1' } },
        ],
      },
    },
  } as unknown as Stripe.Checkout.Session;

  it('takes the payment of a subscription from its invoice', () => {
    expect(checkoutOf(session)).toEqual({
      id: 'cs_1',
      status: 'complete',
      paymentStatus: 'unpaid',
      total: { amount: 500, currency: 'JPY' },
      discountAmount: 50,
      taxAmount: 5,
      vendorCustomerId: 'cus_1',
      vendorSubscriptionId: 'sub_1',
      vendorInvoiceId: 'in_1',
      vendorPaymentId: 'pi_1',
      metadata: {},
      live: true,
    });
  });

  it('is asked for by parameters that depend on the specification alone', () => {
    expect(sessionParamsOf(plan)).toEqual(sessionParamsOf(structuredClone(plan)));
    expect(sessionParamsOf({ ...plan, trialDays: 7, expiresAt: new Date(1763640000_999) })).toEqual({
      mode: 'subscription',
      client_reference_id: 'order-1',
      line_items: [
        {
          price_data: {
            currency: 'usd',
            unit_amount: 999,
            recurring: { interval: 'month', interval_count: 1 },
            product_data: { name: 'Basic' },
          },
          quantity: 1,
        },
      ],
      discounts: [{ coupon: couponParamsOf(plan)?.id }],
      customer_email: 'ann@example.com',
      success_url: plan.successUrl,
      cancel_url: plan.cancelUrl,
      metadata: { planId: 'basic' },
      expires_at: 1763640000,
      subscription_data: { metadata: { planId: 'basic' }, trial_period_days: 7 },
    });
  });

  it('copies metadata to the payment and keeps a customer when it is paid once', () => {
    expect(sessionParamsOf(purchase)).toMatchObject({
      payment_intent_data: { metadata: purchase.metadata },
      customer_creation: 'always',
    });
    const known = sessionParamsOf({ ...purchase, vendorCustomerId: 'cus_1' });
    expect(known).toMatchObject({ customer: 'cus_1' });
    expect(known).not.toHaveProperty('customer_creation');
    expect(known).not.toHaveProperty('customer_email');
  });

  it('takes a price that is kept at the vendor', () => {
    const lines = [{ name: 'Basic', unitAmount: 999, quantity: 2, vendorPriceId: 'price_1' }];
    expect(sessionParamsOf({ ...plan, lines }).line_items).toEqual([{ price: 'price_1', quantity: 2 }]);
  });
});

describe('a discount', () => {
  const coupon = (discount: CheckoutSpec['discount'], currency = 'USD') =>
    couponParamsOf({ ...plan, discount, currency });

  it('becomes a coupon for one payment whose id follows from its content', () => {
    const ten = coupon({ label: 'WELCOME10', percentOff: 10 });
    expect(ten).toMatchObject({ duration: 'once', name: 'WELCOME10', percent_off: 10 });
    expect(ten?.id).toMatch(/^keelson_coupon_[0-9a-f]{24}$/);
    expect(coupon({ label: 'WELCOME10', percentOff: 10 }, 'EUR')).toEqual(ten);
    const others = [
      coupon({ label: 'WELCOME10', percentOff: 11 }),
      coupon({ label: 'OTHER', percentOff: 10 }),
      coupon({ label: 'WELCOME10', amountOff: 10 }),
      coupon({ label: 'WELCOME10', amountOff: 10 }, 'EUR'),
    ];
    expect(new Set([ten, ...others].map((one) => one?.id)).size).toBe(5);
  });

  it('is absent when none is given', () => {
    expect(couponParamsOf(purchase)).toBeUndefined();
  });
});

describe('a product', () => {
  it('has an id that follows from its content', () => {
    const line = { name: 'Basic', unitAmount: 1, quantity: 1 };
    expect(productParamsOf(line)).toEqual(productParamsOf({ ...line, unitAmount: 2 }));
    expect(productParamsOf(line).id).not.toBe(productParamsOf({ ...line, description: 'x' }).id);
  });
});

describe('a payment', () => {
  const payment = { id: 'pi_1', currency: 'usd', amount: 999, amount_received: 0, customer: null, metadata: {} };

  it.each([
    ['succeeded', 'succeeded'],
    ['processing', 'processing'],
    ['canceled', 'cancelled'],
    ['requires_payment_method', 'failed'],
    ['requires_action', 'requires-action'],
    ['requires_confirmation', 'requires-action'],
  ])('that is %s is %s', (status, expected) => {
    expect(paymentOf({ ...payment, status } as unknown as Stripe.PaymentIntent, undefined).status).toBe(expected);
  });

  it('shows what was received and what was given back', () => {
    const paid = {
      ...payment,
      status: 'succeeded',
      amount_received: 900,
      latest_charge: { id: 'ch_1', amount_refunded: 100 },
    };
    expect(paymentOf(paid as unknown as Stripe.PaymentIntent, 'in_1')).toMatchObject({
      amount: { amount: 900, currency: 'USD' },
      refunded: 100,
      vendorInvoiceId: 'in_1',
    });
  });
});

describe('a refund and a dispute', () => {
  it.each([
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['canceled', 'cancelled'],
    ['pending', 'pending'],
    ['requires_action', 'pending'],
    [null, 'pending'],
  ])('a refund that is %s is %s', (status, expected) => {
    const refund = { id: 're_1', status, amount: 5, currency: 'usd', payment_intent: 'pi_1', metadata: {} };
    expect(refundOf(refund as unknown as Stripe.Refund)).toEqual({
      id: 're_1',
      status: expected,
      amount: { amount: 5, currency: 'USD' },
      vendorPaymentId: 'pi_1',
    });
  });

  it.each([
    ['needs_response', 'open'],
    ['under_review', 'open'],
    ['warning_needs_response', 'open'],
    ['appeal_under_review', 'open'],
    ['won', 'won'],
    ['prevented', 'won'],
    ['warning_closed', 'won'],
    ['lost', 'lost'],
  ])('a dispute that is %s is %s', (status, expected) => {
    const dispute = { id: 'du_1', status, amount: 5, currency: 'usd', payment_intent: 'pi_1' };
    expect(disputeOf(dispute as unknown as Stripe.Dispute).status).toBe(expected);
  });
});
