import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type BillingHarness, startBilling, type SubjectKind } from '../test/billing-harness.js';
import type { StartedCheckout } from './checkout-order.types.js';
import { InboxService } from './inbox.service.js';

jest.setTimeout(60_000);

let billing: BillingHarness;
beforeAll(async () => {
  billing = await startBilling();
}, 120_000);
afterAll(() => billing?.close());

const paidOutcome = {
  checkout: 'completed',
  review_reason: null,
  subscription: 'active',
  linked: true,
  has_period: true,
  cancel_at_period_end: false,
  has_user: true,
  has_tenant: true,
  invoices: [['paid', 999, 999]],
  payments: [['succeeded', 999, 0, true]],
  services: 1,
  tasks: 1,
  stopping: 0,
};

/** The objects that came of a paid page. */
function subjectsOf(order: StartedCheckout): [SubjectKind, string][] {
  const { checkout } = billing.vendor.pages.get(order.publicId)!;
  return [
    ['checkout', checkout.id],
    ['subscription', checkout.vendorSubscriptionId!],
    ['invoice', checkout.vendorInvoiceId!],
    ['payment', checkout.vendorPaymentId!],
  ];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

describe('settlement', () => {
  it('ends in the same state for every order of delivery', async () => {
    const outcomes = new Set<string>();
    for (const order of permutations([0, 1, 2, 3])) {
      const started = await billing.order();
      billing.vendor.pay(started.publicId);
      const subjects = subjectsOf(started);
      for (const index of order) await billing.tell(...subjects[index]!);
      const outcome = await billing.outcomeOf(started);
      expect(outcome).toEqual(paidOutcome);
      outcomes.add(JSON.stringify(outcome));
    }
    expect(outcomes.size).toBe(1);
  }, 60_000);

  it('ends in the same state when any one message comes alone', async () => {
    for (const index of [0, 1, 2, 3]) {
      const started = await billing.order();
      billing.vendor.pay(started.publicId);
      await billing.tell(...subjectsOf(started)[index]!);
      expect(await billing.outcomeOf(started)).toEqual(paidOutcome);
    }
  });

  it('ends in the same state when all messages are worked at the same time, several times', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    const ids = await Promise.all(
      [...subjectsOf(started), ...subjectsOf(started)].map((subject) => billing.receive(...subject)),
    );
    await Promise.all([...ids, ...ids].map((id) => billing.app.get(InboxService, { strict: false }).process(id)));
    for (const id of ids) await billing.app.get(InboxService, { strict: false }).process(id);
    expect(await billing.outcomeOf(started)).toEqual(paidOutcome);
  });

  it('numbers invoices without gaps or doublets when fifty orders are paid at once', async () => {
    const started = await Promise.all(Array.from({ length: 50 }, () => billing.order()));
    for (const { publicId } of started) billing.vendor.pay(publicId);
    await Promise.all(started.map(({ publicId }) => billing.tell('checkout', publicId)));
    const rows = await billing.dataSource.query<{ number: number }[]>('SELECT number FROM invoices ORDER BY number');
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: rows.length }, (_, index) => index + 1));
  }, 60_000);

  it('provisions once for two messages of a payment that needed none', async () => {
    const started = await billing.order({ plan: 'basic', trial: false, couponCode: await fullCoupon() });
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    await billing.tell('checkout', started.publicId);
    expect(await billing.outcomeOf(started)).toEqual({ ...paidOutcome, invoices: null, payments: null });
  });

  it('holds an order when the amount is not the quoted one, keeps the reason and the money, and makes nothing', async () => {
    const started = await billing.order();
    const { checkout } = billing.vendor.pages.get(started.publicId)!;
    checkout.total = { amount: 1, currency: 'USD' };
    billing.vendor.pay(started.publicId);
    for (const subject of subjectsOf(started)) await billing.tell(...subject);
    expect(await billing.outcomeOf(started)).toMatchObject({
      checkout: 'review',
      review_reason: 'quoted 9.99 USD, but the payment page asked for 0.01 USD',
      subscription: 'review',
      payments: [['succeeded', 1, 0, true]],
      services: 0,
      tasks: 0,
    });
  });

  it('holds an order when the currency is another one', async () => {
    const started = await billing.order();
    billing.vendor.pages.get(started.publicId)!.checkout.total = { amount: 999, currency: 'JPY' };
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    expect(await billing.outcomeOf(started)).toMatchObject({ checkout: 'review', subscription: 'review', services: 0 });
  });

  it('goes by the quote when price and coupon change between checkout and payment', async () => {
    const started = await billing.order({ couponCode: 'WELCOME10' });
    await billing.dataSource.query(
      `UPDATE prices SET amount = amount * 2 WHERE product_id IN (SELECT id FROM products WHERE slug = 'basic')`,
    );
    await billing.dataSource.query(`UPDATE coupons SET active = false WHERE code = 'WELCOME10'`);
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    await billing.dataSource.query(
      `UPDATE prices SET amount = amount / 2 WHERE product_id IN (SELECT id FROM products WHERE slug = 'basic')`,
    );
    await billing.dataSource.query(`UPDATE coupons SET active = true WHERE code = 'WELCOME10'`);
    expect(await billing.outcomeOf(started)).toMatchObject({
      checkout: 'completed',
      invoices: [['paid', 899, 899]],
      tasks: 1,
    });
  });

  it('expires an order whose page expired', async () => {
    const started = await billing.order();
    billing.vendor.expire(started.publicId);
    await billing.tell('checkout', started.publicId);
    expect(await billing.outcomeOf(started)).toMatchObject({
      checkout: 'expired',
      subscription: 'expired',
      services: 0,
    });
  });

  it('honours money that comes after the order expired, once', async () => {
    const started = await billing.order();
    const { checkout } = billing.vendor.pages.get(started.publicId)!;
    billing.vendor.expire(started.publicId);
    await billing.tell('checkout', started.publicId);
    checkout.status = 'open';
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    await billing.tell('invoice', checkout.vendorInvoiceId!);
    expect(await billing.outcomeOf(started)).toEqual(paidOutcome);
  });

  it('holds a second paid order for the same domain instead of dropping its money', async () => {
    const first = await billing.order();
    const [{ email, domain }] = (await billing.dataSource.query<{ email: string; domain: string }[]>(
      `SELECT email, domain_info ->> 'value' AS domain FROM checkout_sessions WHERE id = $1`,
      [first.checkoutSessionId],
    )) as [{ email: string; domain: string }];
    const second = await billing.order({ email, domain: { name: domain, mode: 'external' } });
    for (const { publicId } of [first, second]) {
      billing.vendor.pay(publicId);
      await billing.tell('checkout', publicId);
    }
    expect(await billing.outcomeOf(first)).toEqual(paidOutcome);
    expect(await billing.outcomeOf(second)).toMatchObject({
      checkout: 'review',
      review_reason: `The domain ${domain} already belongs to another service here.`,
      subscription: 'review',
      payments: [['succeeded', 999, 0, true]],
      services: 0,
    });
  });

  it('stops the job and ends as refunded when the money is given back while it runs', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    const [, , , [, payment]] = subjectsOf(started) as [unknown, unknown, unknown, [SubjectKind, string]];
    const paid = billing.vendor.payments.get(payment)!;
    paid.refunded = paid.amount.amount;
    await billing.tell('payment', payment);
    await billing.tell('checkout', started.publicId);
    expect(await billing.outcomeOf(started)).toMatchObject({
      subscription: 'refunded',
      payments: [['succeeded', 999, 999, true]],
      tasks: 1,
      stopping: 1,
    });
  });

  it('keeps the subscription when a part is given back', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    const payment = billing.vendor.pages.get(started.publicId)!.checkout.vendorPaymentId!;
    billing.vendor.payments.get(payment)!.refunded = 100;
    await billing.tell('payment', payment);
    expect(await billing.outcomeOf(started)).toMatchObject({
      subscription: 'active',
      payments: [['succeeded', 999, 100, true]],
      stopping: 0,
    });
  });

  it('makes nothing for an order that was refunded before we heard of it', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    const payment = billing.vendor.pages.get(started.publicId)!.checkout.vendorPaymentId!;
    billing.vendor.payments.get(payment)!.refunded = 999;
    await billing.tell('checkout', started.publicId);
    expect(await billing.outcomeOf(started)).toMatchObject({
      subscription: 'refunded',
      invoices: [['paid', 999, 999]],
      services: 0,
    });
  });

  it('mirrors the subscription and stops its job when it is cancelled', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    const id = billing.vendor.pages.get(started.publicId)!.checkout.vendorSubscriptionId!;
    const theirs = billing.vendor.subscriptions.get(id)!;
    theirs.status = 'past-due';
    await billing.tell('subscription', id);
    expect(await billing.outcomeOf(started)).toMatchObject({ subscription: 'past_due', stopping: 0 });
    Object.assign(theirs, { status: 'cancelled', endedAt: new Date() });
    await billing.tell('subscription', id);
    expect(await billing.outcomeOf(started)).toMatchObject({ subscription: 'cancelled', stopping: 1 });
  });

  it('notes a dispute', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    const dispute = billing.vendor.dispute(billing.vendor.pages.get(started.publicId)!.checkout.vendorPaymentId!);
    await billing.tell('dispute', dispute);
    const [row] = await billing.dataSource.query<unknown[]>(
      `SELECT metadata -> 'dispute' AS dispute FROM subscriptions WHERE id = $1`,
      [started.subscriptionId],
    );
    expect(row).toEqual({ dispute: { id: dispute, status: 'open' } });
  });
});

async function fullCoupon(): Promise<string> {
  await billing.dataSource.query(
    `INSERT INTO coupons (id, code, percent_off) VALUES (gen_random_uuid(), 'GIFT100', 100) ON CONFLICT DO NOTHING`,
  );
  return 'GIFT100';
}
