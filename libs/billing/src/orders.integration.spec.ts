import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { toPublicId } from '@keelson/database';
import { Alerts } from '@keelson/notifications';
import { type BillingHarness, startBilling } from '../test/billing-harness.js';
import { orderDesk, reason } from '../test/order-desk.js';
import type { StartedCheckout } from './checkout-order.types.js';
import { OrderConflictError, OrderNotFoundError } from './checkout.errors.js';
import { OrdersService } from './orders.service.js';
import { VendorReader } from './vendor-reader.service.js';

jest.setTimeout(60_000);

let billing: BillingHarness;
beforeAll(async () => {
  billing = await startBilling();
}, 120_000);
afterEach(() => {
  billing.vendor.calls.clear();
  jest.restoreAllMocks();
});
afterAll(() => billing?.close());

const { accept, reject, held, pageOf, paymentOf, refundByHand, giveBackDue, query } = orderDesk(() => billing);
const orders = () => billing.app.get(OrdersService, { strict: false });

/** A second paid order for the domain of another. */
async function heldForDomain(): Promise<{ first: StartedCheckout; second: StartedCheckout }> {
  const first = await billing.order();
  const [row] = await query<{ email: string; domain: string }>(
    `SELECT email, domain_info ->> 'value' AS domain FROM checkout_sessions WHERE id = $1`,
    first.checkoutSessionId,
  );
  const second = await billing.order({ email: row!.email, domain: { name: row!.domain, mode: 'external' } });
  for (const { publicId } of [first, second]) {
    billing.vendor.pay(publicId);
    await billing.tell('checkout', publicId);
  }
  return { first, second };
}

/** Has the next reading of the provider overtaken by something else. */
function overtakeNextReading(work: () => Promise<unknown>): void {
  const reader = billing.app.get(VendorReader, { strict: false });
  const read = reader.read.bind(reader);
  jest.spyOn(reader, 'read').mockImplementationOnce(async (...given) => {
    const state = await read(...given);
    await work();
    return state;
  });
}

describe('a held order', () => {
  it('is listed with what was quoted, what was paid and why it is held', async () => {
    const order = await held();
    const { items, total } = await orders().list({ status: 'review', limit: 1, offset: 0 });
    expect(total).toBe((await query(`SELECT 1 FROM checkout_sessions WHERE status = 'review'`)).length);
    expect(items).toMatchObject([
      {
        session: { id: order.checkoutSessionId, amount: 999, reviewReason: expect.stringContaining('quoted 9.99 USD') },
        payments: [{ amount: 1, refundedAmount: 0 }],
      },
    ]);
  });

  it('is given to the customer when it is accepted, and says who decided', async () => {
    const order = await held();
    expect(await accept(order)).toMatchObject({
      session: { status: 'completed', decidedBy: 'user:1', decisionReason: 'A good customer.' },
    });
    expect(await billing.outcomeOf(order)).toMatchObject({
      checkout: 'completed',
      subscription: 'active',
      has_user: true,
      has_period: true,
      invoices: [['paid', 1, 1]],
      payments: [['succeeded', 1, 0, true]],
      services: 1,
      tasks: 1,
      stopping: 0,
    });
    expect(
      await query(
        'SELECT actor, action, detail FROM audit_log WHERE subject_id = $1',
        toPublicId('cs', order.checkoutSessionId),
      ),
    ).toEqual([
      {
        actor: 'user:1',
        action: 'order.accepted',
        detail: { reason: 'A good customer.', held: expect.stringContaining('quoted') },
      },
    ]);
  });

  it('has an invoice over what was paid also when the provider writes none', async () => {
    const order = await billing.order();
    pageOf(order).total = { amount: 500, currency: 'EUR' };
    billing.vendor.pay(order.publicId);
    delete pageOf(order).vendorInvoiceId;
    await billing.tell('checkout', order.publicId);
    await accept(order);
    expect(
      await query('SELECT amount_paid, currency FROM invoices WHERE subscription_id = $1', order.subscriptionId),
    ).toEqual([{ amount_paid: 500, currency: 'EUR' }]);
  });

  it('is accepted once by operators who decide at the same time, and again', async () => {
    const order = await held();
    const views = await Promise.all(['user:1', 'user:2', 'user:3', 'user:4'].map((by) => accept(order, by)));
    views.push(await accept(order, 'user:5'));
    expect(new Set(views.map(({ session }) => session.decidedBy)).size).toBe(1);
    expect(await billing.outcomeOf(order)).toMatchObject({ checkout: 'completed', services: 1, tasks: 1 });
    expect(
      await query(`SELECT 1 FROM audit_log WHERE subject_id = $1`, toPublicId('cs', order.checkoutSessionId)),
    ).toHaveLength(1);
  });

  it.each(['accept', 'reject'] as const)(
    'that is being accepted and rejected at once ends one way (%s first)',
    async (first) => {
      const order = await held();
      const begin = { accept: () => accept(order, 'user:1'), reject: () => reject(order, 'user:2') };
      const other = first === 'accept' ? 'reject' : 'accept';
      const [one, two] = await Promise.allSettled([begin[first](), begin[other]()]);
      const refused = [one, two].filter(({ status }) => status === 'rejected');
      expect(refused).toMatchObject([{ reason: expect.any(OrderConflictError) }]);
      const { checkout, services } = await billing.outcomeOf(order);
      expect([
        ['completed', 1],
        ['rejected', 0],
      ]).toContainEqual([checkout, services]);
    },
  );

  it('is not accepted when it is rejected while the provider is read', async () => {
    const order = await held();
    overtakeNextReading(() => reject(order));
    await expect(accept(order)).rejects.toThrow(OrderConflictError);
    expect(await billing.outcomeOf(order)).toMatchObject({ checkout: 'rejected', services: 0, tasks: 0 });
  });

  it('is not accepted when its money goes back while the provider is read', async () => {
    const order = await held();
    overtakeNextReading(() => refundByHand(order));
    await expect(accept(order)).rejects.toThrow('The order is rejected');
    expect(await billing.outcomeOf(order)).toMatchObject({
      checkout: 'rejected',
      subscription: 'refunded',
      services: 0,
    });
  });

  it('is not accepted when its money went back and nobody has told us yet', async () => {
    const order = await held();
    paymentOf(order).refunded = 1;
    await expect(accept(order)).rejects.toThrow('The money was given back');
    expect(await billing.outcomeOf(order)).toMatchObject({ checkout: 'review', services: 0 });
  });

  it('stops its job when it is accepted while the message of its refund is worked', async () => {
    const order = await held();
    overtakeNextReading(async () => {
      paymentOf(order).refunded = 0;
      await accept(order);
      paymentOf(order).refunded = 1;
    });
    await refundByHand(order);
    expect(await billing.outcomeOf(order)).toMatchObject({
      checkout: 'completed',
      subscription: 'refunded',
      services: 1,
      stopping: 1,
    });
  });

  it('is not accepted while its domain serves another service, and is once it is free', async () => {
    const { first, second } = await heldForDomain();
    await expect(accept(second)).rejects.toThrow(/already belongs to another service here\. Reject the order/);
    expect(await billing.outcomeOf(second)).toMatchObject({ checkout: 'review', services: 0 });
    for (const change of [`domains SET status = 'cancelled'`, `dns_zones SET status = 'removed'`]) {
      await query(
        `UPDATE ${change} WHERE service_id IN (SELECT id FROM services WHERE subscription_id = $1)`,
        first.subscriptionId,
      );
    }
    await accept(second);
    expect(await billing.outcomeOf(second)).toMatchObject({ checkout: 'completed', services: 1, tasks: 1 });
  });

  it('is not accepted with the subscription and the money of another order', async () => {
    const [first, second] = [await billing.order(), await billing.order()];
    for (const { publicId } of [first, second]) billing.vendor.pay(publicId);
    await billing.tell('checkout', first.publicId);
    pageOf(second).vendorSubscriptionId = pageOf(first).vendorSubscriptionId;
    await billing.tell('checkout', second.publicId);
    expect(await billing.outcomeOf(second)).toMatchObject({
      checkout: 'review',
      review_reason: 'the subscription at the payment provider belongs to another order',
    });
    await expect(accept(second)).rejects.toThrow('belongs to another order');
    await reject(second);
    await giveBackDue();
    expect(await billing.outcomeOf(first)).toMatchObject({
      subscription: 'active',
      payments: [['succeeded', 999, 0, true]],
    });
    expect(billing.vendor.subscriptions.get(pageOf(first).vendorSubscriptionId!)?.status).toBe('active');
  });

  it('is held when its coupon was used up before it was paid, and can be accepted', async () => {
    await query(
      `INSERT INTO coupons (id, code, percent_off, maximum_redemptions) VALUES (gen_random_uuid(), 'FIRST2', 50, 2)`,
    );
    const started = [];
    for (let count = 0; count < 3; count += 1) started.push(await billing.order({ couponCode: 'FIRST2' }));
    for (const { publicId } of started) billing.vendor.pay(publicId);
    await Promise.all(started.map(({ publicId }) => billing.tell('checkout', publicId)));
    const outcomes = await Promise.all(started.map((order) => billing.outcomeOf(order)));
    expect(outcomes.map(({ checkout }) => checkout).sort()).toEqual(['completed', 'completed', 'review']);
    const last = started[outcomes.findIndex(({ checkout }) => checkout === 'review')]!;
    expect(await billing.outcomeOf(last)).toMatchObject({
      review_reason: expect.stringContaining('"FIRST2"'),
      has_user: false,
    });
    await accept(last);
    expect(await billing.outcomeOf(last)).toMatchObject({ checkout: 'completed', services: 1 });
    expect(await query(`SELECT times_redeemed FROM coupons WHERE code = 'FIRST2'`)).toEqual([{ times_redeemed: 2 }]);
  });

  it('is told of until it is decided', async () => {
    const order = await held();
    const alerts = billing.app.get(Alerts, { strict: false });
    const open = async () => {
      await alerts.look();
      const { items } = await alerts.list({ status: 'open', kind: 'order.held', limit: 200, offset: 0 });
      return items.map(({ facts }) => facts.order);
    };
    expect(await open()).toContain(toPublicId('cs', order.checkoutSessionId));
    await accept(order);
    expect(await open()).not.toContain(toPublicId('cs', order.checkoutSessionId));
  });

  it.each([
    [
      'completed',
      async () => {
        const order = await billing.order();
        billing.vendor.pay(order.publicId);
        await billing.tell('checkout', order.publicId);
        return order;
      },
    ],
    ['open', () => billing.order()],
  ])('is not what is %s: nobody decides about that', async (status, make) => {
    const order = await make();
    const before = await billing.outcomeOf(order);
    await expect(accept(order)).rejects.toThrow(`The order is ${status}`);
    await expect(reject(order)).rejects.toThrow(`The order is ${status}`);
    expect(await billing.outcomeOf(order)).toEqual(before);
    await expect(orders().reject('00000000-0000-7000-8000-000000000000', { by: 'user:1', reason })).rejects.toThrow(
      OrderNotFoundError,
    );
  });
});
