import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PortError } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { Alerts } from '@keelson/notifications';
import { ProvisioningService, TaskConflictError } from '@keelson/provisioning';
import { type BillingHarness, startBilling } from '../test/billing-harness.js';
import { orderDesk } from '../test/order-desk.js';

jest.setTimeout(60_000);

let billing: BillingHarness;
beforeAll(async () => {
  billing = await startBilling();
}, 120_000);
afterEach(() => billing.vendor.calls.clear());
afterAll(() => billing?.close());

const { accept, reject, held, pageOf, paymentOf, refundByHand, giveBackDue, query } = orderDesk(() => billing);
const calls = (method: string) =>
  billing.vendor.calls.ledger.entries().filter(({ operation, changed }) => operation === method && changed).length;

describe('a rejected order', () => {
  it('gives the money back once, ends the subscription, and is never fulfilled', async () => {
    const order = await held();
    const before = calls('refund');
    await reject(order);
    expect(await reject(order, 'user:2')).toMatchObject({ session: { status: 'rejected', decidedBy: 'user:1' } });
    expect(await billing.outcomeOf(order)).toMatchObject({
      subscription: 'cancelled',
      payments: [['succeeded', 1, 0, true]],
    });
    await giveBackDue();
    await giveBackDue();
    expect(calls('refund') - before).toBe(1);
    expect(billing.vendor.subscriptions.get(pageOf(order).vendorSubscriptionId!)?.status).toBe('cancelled');
    await billing.tell('checkout', order.publicId);
    await billing.tell('subscription', pageOf(order).vendorSubscriptionId!);
    await billing.tell('payment', pageOf(order).vendorPaymentId!);
    await giveBackDue();
    expect(await billing.outcomeOf(order)).toMatchObject({
      checkout: 'rejected',
      subscription: 'refunded',
      payments: [['succeeded', 1, 1, true]],
      services: 0,
      tasks: 0,
    });
    await expect(accept(order)).rejects.toThrow('The order is rejected');
    const [left] = await query(
      'SELECT next_check_at, refund_error FROM checkout_sessions WHERE id = $1',
      order.checkoutSessionId,
    );
    expect(left).toEqual({ next_check_at: null, refund_error: null });
  });

  it('gives nothing back twice when the answer is lost', async () => {
    await giveBackDue();
    const order = await held();
    await reject(order);
    const before = calls('refund');
    billing.vendor.calls.loseNextAnswer('refund');
    await giveBackDue();
    expect(paymentOf(order).refunded).toBe(1);
    await giveBackDue();
    expect(paymentOf(order).refunded).toBe(1);
    expect(calls('refund') - before).toBe(1);
    expect(await billing.outcomeOf(order)).toMatchObject({
      subscription: 'refunded',
      payments: [['succeeded', 1, 1, true]],
    });
  });

  it('is told of while its money cannot be given back, until somebody does it at the provider', async () => {
    const order = await held();
    await reject(order);
    billing.vendor.calls.set({ method: 'refund', error: new PortError('wrong-state', 'The payment is disputed.') });
    await giveBackDue();
    const alerts = billing.app.get(Alerts, { strict: false });
    const open = async () => {
      await alerts.look();
      return (await alerts.list({ status: 'open', kind: 'order.refund_due', limit: 10, offset: 0 })).items;
    };
    expect(await open()).toEqual([]);
    await query(
      `UPDATE checkout_sessions SET decided_at = now() - interval '11 minutes' WHERE id = $1`,
      order.checkoutSessionId,
    );
    expect(await open()).toMatchObject([{ detail: expect.stringContaining('The payment is disputed.') }]);
    await refundByHand(order);
    await giveBackDue();
    expect(await open()).toEqual([]);
    expect(await billing.outcomeOf(order)).toMatchObject({ checkout: 'rejected', subscription: 'refunded' });
  });

  it('gives back also what is charged later', async () => {
    const order = await held();
    await reject(order);
    await giveBackDue();
    const id = billing.vendor.newId('payment');
    const { vendorInvoiceId } = pageOf(order);
    billing.vendor.payments.set(id, {
      ...paymentOf(order),
      id,
      refunded: 0,
      vendorInvoiceId,
      amount: { amount: 999, currency: 'USD' },
    });
    await billing.tell('payment', id);
    await giveBackDue();
    expect(billing.vendor.payments.get(id)?.refunded).toBe(999);
  });

  it('leaves its domain to others', async () => {
    const domain = { name: 'kept-for-nobody.com', mode: 'external' as const };
    const order = await held({ domain, reserveDomain: true });
    await expect(billing.order({ domain })).rejects.toThrow('already belongs');
    await reject(order);
    await expect(billing.order({ domain })).resolves.toMatchObject({ url: expect.any(String) });
  });

  it('is what becomes of a held order whose money an operator gives back at the provider', async () => {
    const domain = { name: 'free-again.com', mode: 'external' as const };
    const order = await held({ domain, reserveDomain: true });
    await refundByHand(order);
    await expect(billing.order({ domain })).resolves.toMatchObject({ url: expect.any(String) });
    await giveBackDue();
    expect(await billing.outcomeOf(order)).toMatchObject({
      checkout: 'rejected',
      subscription: 'refunded',
      services: 0,
    });
    expect(billing.vendor.subscriptions.get(pageOf(order).vendorSubscriptionId!)?.status).toBe('cancelled');
  });
});

describe('a refunded order', () => {
  /** One whose job has failed, and was taken back. */
  async function failed() {
    const domain = { name: `failed${Date.now()}.com`, mode: 'external' as const };
    const order = await billing.order({ domain });
    billing.vendor.pay(order.publicId);
    await billing.tell('checkout', order.publicId);
    const [row] = await query<{ task: string; service: string }>(
      `SELECT t.id AS task, v.id AS service FROM provisioning_tasks t JOIN services v ON v.id = t.service_id WHERE v.subscription_id = $1`,
      order.subscriptionId,
    );
    const { task, service } = row!;
    await query(`UPDATE provisioning_tasks SET status = 'failed', completed_at = now() WHERE id = $1`, task);
    await query(`UPDATE services SET status = 'failed' WHERE id = $1`, service);
    return { order, domain, task, service };
  }

  it('is not provisioned by a retry of its job, nor by a new one', async () => {
    const { order, task, service } = await failed();
    await refundByHand(order);
    const provisioning = billing.app.get(ProvisioningService, { strict: false });
    const refusal = /The money was given back\. It takes a new order/;
    const retried = provisioning.retry(task);
    await expect(retried).rejects.toThrow(TaskConflictError);
    await expect(retried).rejects.toThrow(refusal);
    await expect(
      inTransaction(billing.dataSource, (manager) => provisioning.start(manager, { serviceId: service })),
    ).rejects.toThrow(refusal);
    expect(await query('SELECT status FROM provisioning_tasks WHERE service_id = $1', service)).toEqual([
      { status: 'failed' },
    ]);
  });

  it('is stopped when its job was retried just before', async () => {
    const { order, task } = await failed();
    await billing.app.get(ProvisioningService, { strict: false }).retry(task);
    await refundByHand(order);
    expect(await billing.outcomeOf(order)).toMatchObject({ subscription: 'refunded', tasks: 1, stopping: 1 });
  });

  it('leaves its domain to a new order, and its failed job troubles nobody any more', async () => {
    const { order, domain, service, task } = await failed();
    const alerts = billing.app.get(Alerts, { strict: false });
    const open = async () => {
      await alerts.look();
      const { items } = await alerts.list({ status: 'open', kind: 'task.failed', limit: 50, offset: 0 });
      return items.map(({ key }) => key);
    };
    expect(await open()).toContain(task);
    await expect(billing.order({ domain })).rejects.toThrow('already belongs');
    await refundByHand(order);
    expect(await query('SELECT status FROM services WHERE id = $1', service)).toEqual([{ status: 'cancelled' }]);
    expect(await open()).not.toContain(task);
    const again = await billing.order({ domain });
    billing.vendor.pay(again.publicId);
    await billing.tell('checkout', again.publicId);
    expect(await billing.outcomeOf(again)).toMatchObject({ checkout: 'completed', tasks: 1 });
  });
});
