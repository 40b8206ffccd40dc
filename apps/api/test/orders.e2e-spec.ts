import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CheckoutsService, InboxService } from '@keelson/billing';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_RATE_LIMIT: '1000' });
}, 120_000);
afterAll(() => api?.close());

/** Sends the provider's message and works it, as a worker does. */
async function tell(kind: 'checkout' | 'payment', id: string): Promise<void> {
  const { body, headers } = api.vendor.webhook({ kind, id }, new Date());
  await api.call('POST', '/api/webhooks/memory', body, headers);
  const rows = await api.dataSource.query<{ id: string }[]>(`SELECT id FROM inbox_events WHERE state = 'received'`);
  for (const row of rows) await api.app.get(InboxService).process(row.id);
}

/** Begins an order of the plan `basic` and pays for it, what is quoted or less. Returns the id of its page. */
async function paid(name: string, amount = 999): Promise<string> {
  const { body } = await api.call('POST', '/api/public/checkout', {
    planId: 'basic',
    email: `${name}@buyer.example`,
    domain: `${name}-shop.com`,
    successUrl: 'https://www.shop.example/success?session_id={CHECKOUT_SESSION_ID}',
    cancelUrl: 'https://www.shop.example/cancel',
  });
  api.vendor.pages.get(body.id)!.checkout.total = { amount, currency: 'USD' };
  api.vendor.pay(body.id);
  await tell('checkout', body.id);
  return body.id as string;
}

const heldOrder = async (email: string) =>
  (await api.admin('GET', '/api/orders')).body.data.find(
    ({ customer }: { customer: { email: string } }) => customer.email === email,
  );
const reason = { reason: 'Paid the rest by transfer.' };

describe('held orders over REST', () => {
  it('are listed with what was quoted and paid, and why they are held', async () => {
    const page = await paid('listed', 1);
    const { status, body } = await api.admin('GET', '/api/orders?status=review&limit=10');
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 1, limit: 10, offset: 0 });
    expect(body.data).toEqual([
      {
        id: expect.stringMatching(/^cs_/),
        status: 'review',
        reviewReason: 'quoted 9.99 USD, but the payment page asked for 0.01 USD',
        customer: { id: expect.stringMatching(/^cust_/), email: 'listed@buyer.example', name: null },
        plan: 'basic',
        billingCycle: 'monthly',
        domain: 'listed-shop.com',
        couponCode: null,
        quoted: { amount: 999, currency: 'USD' },
        payments: [
          {
            id: expect.stringMatching(/^pay_/),
            vendorId: api.vendor.pages.get(page)?.checkout.vendorPaymentId,
            amount: 1,
            currency: 'USD',
            status: 'succeeded',
            refunded: 0,
          },
        ],
        decision: null,
        refundDue: false,
        refundError: null,
        createdAt: expect.any(String),
      },
    ]);
    expect((await api.admin('GET', '/api/orders?status=completed')).body.data).toEqual([]);
  });

  it('are accepted: the customer gets the services, and the decision stands', async () => {
    const page = await paid('accepted', 1);
    const { id } = await heldOrder('accepted@buyer.example');
    const { status, body } = await api.admin('POST', `/api/orders/${id}/accept`, reason);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ id, status: 'completed', decision: { by: 'bootstrap', ...reason } });
    const again = await api.admin('POST', `/api/orders/${id}/accept`, { reason: 'Again.' });
    expect(again.body.data.decision).toEqual(body.data.decision);
    const other = await api.admin('POST', `/api/orders/${id}/reject`, reason);
    expect(other).toMatchObject({ status: 409, body: { code: 'order-conflict' } });
    const progress = await api.call('GET', `/api/checkout/session/${page}`);
    expect(progress.body).toMatchObject({ status: 'completed', provisioning: { status: 'queued' } });
  });

  it('are rejected: the money goes back, and nothing is ever made', async () => {
    const page = await paid('rejected', 1);
    const { id } = await heldOrder('rejected@buyer.example');
    const { status, body } = await api.admin('POST', `/api/orders/${id}/reject`, reason);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ status: 'rejected', refundDue: true, decision: reason });
    await api.app.get(CheckoutsService).reconcileDue();
    await tell('payment', api.vendor.pages.get(page)!.checkout.vendorPaymentId!);
    const [order] = (await api.admin('GET', '/api/orders?status=rejected')).body.data;
    expect(order).toMatchObject({ id, refundDue: false, payments: [{ amount: 1, refunded: 1 }] });
    const progress = await api.call('GET', `/api/checkout/session/${page}`);
    expect(progress.body).toMatchObject({
      status: 'rejected',
      subscription: { status: 'refunded' },
      provisioning: null,
    });
    expect((await api.admin('POST', `/api/orders/${id}/accept`, reason)).status).toBe(409);
  });

  it('answer a request that is repeated with its key as the first time', async () => {
    await paid('repeated', 1);
    const { id } = await heldOrder('repeated@buyer.example');
    const accept = () => api.admin('POST', `/api/orders/${id}/accept`, reason, { 'idempotency-key': 'accept-1' });
    const [first, second] = [await accept(), await accept()];
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
  });

  it.each(['status=gone', 'limit=0', 'surprise=1'])('refuse the list with %s', async (query) => {
    expect((await api.admin('GET', `/api/orders?${query}`)).status).toBe(400);
  });

  it('are for operators, for those that exist, and for a reason', async () => {
    const unknown = '/api/orders/cs_01h455vb4pex5vsknk084sn02q/accept';
    expect((await api.call('GET', '/api/orders')).status).toBe(401);
    expect((await api.call('POST', unknown, reason)).status).toBe(401);
    expect(await api.admin('POST', unknown, reason)).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
    expect((await api.admin('POST', '/api/orders/sub_01h455vb4pex5vsknk084sn02q/reject', reason)).status).toBe(404);
    expect((await api.admin('POST', unknown, {})).status).toBe(400);
    expect((await api.admin('POST', unknown, { reason: ' ' })).status).toBe(400);
  });
});

describe('a refunded order over REST', () => {
  it('is not provisioned by a retry: 409 says why', async () => {
    const page = await paid('refunded');
    const [task] = (await api.admin('GET', '/api/provisioning/tasks')).body.tasks as [{ id: string }];
    await api.dataSource.query(`UPDATE provisioning_tasks SET status = 'failed' WHERE status = 'queued'`);
    const payment = api.vendor.payments.get(api.vendor.pages.get(page)!.checkout.vendorPaymentId!)!;
    payment.refunded = 999;
    await tell('payment', payment.id);
    expect(await api.admin('POST', `/api/provisioning/retry/${task.id}`)).toMatchObject({
      status: 409,
      body: { code: 'job-conflict', detail: expect.stringContaining('The money was given back.') },
    });
  });
});
