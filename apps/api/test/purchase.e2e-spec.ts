import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CheckoutsService, InboxService } from '@keelson/billing';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
}, 120_000);
afterAll(() => api.close());

const order = (email: string, more: object = {}) => ({
  planId: 'basic',
  email,
  successUrl: 'https://www.shop.example/success?session_id={CHECKOUT_SESSION_ID}',
  cancelUrl: 'https://www.shop.example/cancel',
  ...more,
});

/** Sends the provider's message about the page and works it, as a worker does. */
async function tell(kind: 'checkout' | 'payment' | 'subscription' | 'invoice', id: string): Promise<number> {
  const { body, headers } = api.vendor.webhook({ kind, id }, new Date());
  const { status } = await api.call('POST', '/api/webhooks/memory', body, headers);
  const rows = await api.dataSource.query<{ id: string }[]>(`SELECT id FROM inbox_events WHERE state = 'received'`);
  for (const row of rows) await api.app.get(InboxService).process(row.id);
  return status;
}

describe('a purchase', () => {
  it('shows what is for sale, in major units, by slug', async () => {
    const { status, body } = await api.call('GET', '/api/public/plans');
    expect(status).toBe(200);
    const basic = body.plans.find(({ id }: { id: string }) => id === 'basic');
    expect(basic).toMatchObject({ currency: 'USD', type: 'hosting', price: { monthly: 9.99, annually: 99.99 } });
    expect(body.plans).toHaveLength(10);
  });

  it('leads from the order over the payment page to a job, once', async () => {
    const begun = await api.call(
      'POST',
      '/api/public/checkout',
      order('first@buyer.example', { domain: 'first-shop.com' }),
    );
    expect(begun.status).toBe(200);
    expect(Object.keys(begun.body)).toEqual(['url', 'id']);
    const before = await api.call('GET', `/api/checkout/session/${begun.body.id}`);
    expect(before.body).toMatchObject({ success: true, status: 'open', tenant: null, provisioning: null });

    api.vendor.pay(begun.body.id);
    expect(await tell('checkout', begun.body.id)).toBe(200);
    const after = await api.call('GET', `/api/checkout/session/${begun.body.id}`);
    expect(after.body).toMatchObject({
      status: 'completed',
      subscription: { status: 'active', planId: 'basic', billingCycle: 'monthly' },
      tenant: { status: 'active' },
      provisioning: { status: 'queued', progress: 0 },
    });
    expect(new Date(after.body.subscription.currentPeriodEnd).getTime()).toBeGreaterThan(Date.now());
    expect(JSON.stringify(after.body)).not.toContain('first@buyer.example');

    await tell('checkout', begun.body.id);
    const tasks = await api.admin('GET', '/api/provisioning/tasks');
    expect(tasks.body.total).toBe(1);
    expect(tasks.body.tasks[0].steps).toMatchObject({ create_account: 'pending', setup_dns: 'pending' });
  });

  it('writes what reports read: invoice, payment, subscription and services', async () => {
    const [row] = await api.dataSource.query<Record<string, unknown>[]>(
      `SELECT s.metadata, i.series, i.number AS invoice, i.amount_paid, p.amount, c.product_code, d.status AS domain, w.status AS website, z.status AS zone
         FROM subscriptions s JOIN invoices i ON i.subscription_id = s.id JOIN payments p ON p.invoice_id = i.id
         JOIN checkout_sessions c ON c.subscription_id = s.id JOIN services v ON v.subscription_id = s.id
         JOIN domains d ON d.service_id = v.id JOIN websites w ON w.service_id = v.id JOIN dns_zones z ON z.service_id = v.id`,
    );
    expect(row).toMatchObject({
      series: 'INV',
      invoice: 1,
      amount_paid: 999,
      amount: 999,
      product_code: 'basic',
      domain: 'pending',
      website: 'pending',
      zone: 'pending',
      metadata: {
        planId: 'basic',
        domainValue: 'first-shop.com',
        customerEmail: 'first@buyer.example',
        productTypes: ['hosting'],
      },
    });
  });

  it('takes the coupon off and compares what was paid with the quote', async () => {
    const begun = await api.call(
      'POST',
      '/api/public/checkout',
      order('coupon@buyer.example', { couponCode: 'welcome10' }),
    );
    expect(api.vendor.pages.get(begun.body.id)?.checkout.total).toEqual({ amount: 899, currency: 'USD' });
    api.vendor.pay(begun.body.id);
    await tell('checkout', begun.body.id);
    expect((await api.call('GET', `/api/checkout/session/${begun.body.id}`)).body.status).toBe('completed');
    const [coupon] = await api.dataSource.query<unknown[]>(
      `SELECT times_redeemed FROM coupons WHERE code = 'WELCOME10'`,
    );
    expect(coupon).toEqual({ times_redeemed: 1 });
  });

  it('heals an order whose webhook never came', async () => {
    const begun = await api.call('POST', '/api/public/checkout', order('quiet@buyer.example'));
    api.vendor.pay(begun.body.id);
    await api.dataSource.query(
      `UPDATE checkout_sessions SET next_check_at = now() - interval '1 second' WHERE stripe_session_id = $1`,
      [begun.body.id],
    );
    expect(await api.app.get(CheckoutsService).reconcileDue()).toBe(1);
    expect((await api.call('GET', `/api/checkout/session/${begun.body.id}`)).body.status).toBe('completed');
  });

  it('lets the customer in with the temporary password, only to change it first', async () => {
    const [secret] = await api.dataSource.query<{ service_id: string; name: string; value: string }[]>(
      `SELECT service_id, name, value FROM service_secrets WHERE name = 'login_password' ORDER BY created_at LIMIT 1`,
    );
    expect(secret?.value).toMatch(/^v1\./);
    const { ServiceSecrets } = await import('@keelson/hosting');
    const password = (await api.app.get(ServiceSecrets).find(secret!.service_id, 'login_password')) as string;
    expect(password).toHaveLength(16);
    const login = await api.call('POST', '/api/auth/login', { email: 'First@Buyer.example', password });
    expect(login.body).toMatchObject({ user: { role: 'customer', mustChangePassword: true } });
    const as = { authorization: `Bearer ${login.body.token}` };
    const refused = await api.call('GET', '/api/services', undefined, as);
    expect(refused).toMatchObject({ status: 403, body: { code: 'password-change-required' } });
    const changed = await api.call(
      'POST',
      '/api/auth/change-password',
      { currentPassword: password, newPassword: 'a better one 42' },
      as,
    );
    expect(changed.status).toBe(200);
    const own = { authorization: `Bearer ${changed.body.token}` };
    const services = await api.call('GET', '/api/services', undefined, own);
    expect(services.body).toMatchObject({ total: 1, data: [{ domain: 'first-shop.com', status: 'pending' }] });
    expect((await api.call('GET', '/api/services', undefined, as)).status).toBe(401);
  });
});
