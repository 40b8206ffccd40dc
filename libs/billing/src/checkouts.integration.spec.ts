import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PortError } from '@keelson/core';
import { DomainTakenError } from '@keelson/hosting';
import { basicOrder, type BillingHarness, startBilling } from '../test/billing-harness.js';
import {
  CouponRefusedError,
  DomainRefusedError,
  PaymentUnavailableError,
  TermNotOfferedError,
  TestModeRefusedError,
  UnknownPlanError,
} from './checkout.errors.js';
import { CheckoutsService } from './checkouts.service.js';
import { FulfilmentService } from './fulfilment.service.js';

jest.setTimeout(60_000);

let billing: BillingHarness;
beforeAll(async () => {
  billing = await startBilling({ MARKETING_TEST_MODE: 'true', MARKETING_OVERRIDE_CODE: 'let-me-try' });
}, 120_000);
afterEach(() => billing.vendor.calls.clear());
afterAll(() => billing?.close());

const checkouts = () => billing.app.get(CheckoutsService, { strict: false });
const one = async (sql: string, ...values: unknown[]) =>
  (await billing.dataSource.query<Record<string, unknown>[]>(sql, values))[0];
const count = async (table: string) => (await one(`SELECT count(*)::int AS n FROM ${table}`))?.n as number;

describe('CheckoutsService', () => {
  it('writes the order before it is paid, as reports read it', async () => {
    const order = { ...basicOrder(), term: 'yearly', campaign: { source: 'news' } };
    const started = await checkouts().create(order);
    expect(
      await one(
        'SELECT status, billing_cycle, amount, metadata FROM subscriptions WHERE id = $1',
        started.subscriptionId,
      ),
    ).toEqual({
      status: 'pending_payment',
      billing_cycle: 'annually',
      amount: 9999,
      metadata: {
        planId: 'basic',
        billingCycle: 'yearly',
        trialActive: false,
        addonIds: [],
        domainMode: 'external',
        domainValue: order.domain?.name,
        customerEmail: order.email,
        productTypes: ['hosting'],
        couponCode: null,
        utm: { source: 'news' },
      },
    });
    expect(await one('SELECT user_id, tenant_id FROM customers WHERE id = $1', started.customerId)).toEqual({
      user_id: null,
      tenant_id: null,
    });
    expect(
      await one(
        'SELECT status, stripe_session_id, product_code, amount, url FROM checkout_sessions WHERE id = $1',
        started.checkoutSessionId,
      ),
    ).toEqual({
      status: 'open',
      stripe_session_id: started.publicId,
      product_code: 'basic',
      amount: 9999,
      url: started.url,
    });
  });

  it.each([
    [{ plan: 'nothing' }, UnknownPlanError],
    [{ term: 'fortnightly' }, TermNotOfferedError],
    [{ term: 'one_time' }, TermNotOfferedError],
    [{ couponCode: 'NOPE' }, CouponRefusedError],
    [{ addons: ['nothing'] }, UnknownPlanError],
    [{ domain: { name: 'www.shop.com', mode: 'new_registration' as const } }, DomainRefusedError],
    [{ domain: { name: 'shop.zw', mode: 'transfer' as const } }, DomainRefusedError],
  ])('refuses %j and stores nothing', async (wrong, error) => {
    const before = await count('checkout_sessions');
    await expect(checkouts().create({ ...basicOrder(), ...wrong })).rejects.toThrow(error);
    expect(await count('checkout_sessions')).toBe(before);
    expect(await count('subscriptions')).toBe(before);
  });

  it('finds the page of an attempt whose answer was lost', async () => {
    billing.vendor.calls.loseNextAnswer('createCheckout');
    const pages = billing.vendor.pages.size;
    const started = await billing.order();
    expect(billing.vendor.pages.size).toBe(pages + 1);
    expect(started.url).toContain(started.publicId);
  });

  it('waits out a provider that is throttled or away for a moment', async () => {
    const throttled = new PortError('rate-limited', 'Slow down.', { retryAfterMs: 20 });
    billing.vendor.calls.set({ method: 'createCheckout', times: 1, error: throttled });
    billing.vendor.calls.set({ method: 'createCheckout', times: 1, error: new PortError('unavailable', 'Not now.') });
    const started = await billing.order();
    expect(started.url).toContain(started.publicId);
  });

  it('lets a customer wait no longer than that', async () => {
    const throttled = new PortError('rate-limited', 'Slow down.', { retryAfterMs: 60_000 });
    billing.vendor.calls.set({ method: 'createCheckout', times: 1, error: throttled });
    await expect(billing.order()).rejects.toThrow(PaymentUnavailableError);
  });

  it('closes the order when no page can be made, and honours money that comes for it all the same', async () => {
    const lost = new PortError('outcome-unknown', 'The connection broke off.');
    billing.vendor.calls.set({ method: 'createCheckout', times: 3, error: lost, when: 'after' });
    await expect(billing.order()).rejects.toThrow(PaymentUnavailableError);
    const row = await one(`SELECT id, subscription_id, status FROM checkout_sessions ORDER BY created_at DESC LIMIT 1`);
    expect(row?.status).toBe('failed');
    const page = [...billing.vendor.pages.values()].find(({ spec }) => spec.reference === row?.id);
    billing.vendor.pay(page!.checkout.id);
    await billing.tell('checkout', page!.checkout.id);
    const started = {
      checkoutSessionId: row?.id as string,
      publicId: page!.checkout.id,
      url: '',
      subscriptionId: '',
      customerId: '',
    };
    expect(await billing.outcomeOf(started)).toMatchObject({ checkout: 'completed', subscription: 'active', tasks: 1 });
  });

  it('makes user, tenant and pending domain at once when the customer chose a password', async () => {
    const order = { ...basicOrder(), password: 'my own password', reserveDomain: true };
    const started = await checkouts().create(order);
    expect(
      await one(
        `SELECT u.must_change_password, d.status, d.service_id FROM customers c JOIN users u ON u.id = c.user_id
           JOIN domains d ON d.customer_id = c.id WHERE c.id = $1`,
        started.customerId,
      ),
    ).toEqual({ must_change_password: false, status: 'pending', service_id: null });
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    expect(await one('SELECT count(*)::int AS n FROM domains WHERE customer_id = $1', started.customerId)).toEqual({
      n: 1,
    });
    expect(
      await one(
        `SELECT count(*)::int AS n FROM service_secrets s JOIN services v ON v.id = s.service_id WHERE v.customer_id = $1 AND s.name = 'login_password'`,
        started.customerId,
      ),
    ).toEqual({ n: 0 });
  });

  it('never changes who can sign in as an existing customer', async () => {
    const first = basicOrder();
    const started = await checkouts().create({ ...first, password: 'the first password' });
    const before = await one('SELECT password_hash FROM users WHERE email = $1', first.email);
    const again = await checkouts().create({ ...basicOrder(), email: first.email, password: 'somebody elses' });
    expect(again.customerId).toBe(started.customerId);
    expect(await one('SELECT password_hash FROM users WHERE email = $1', first.email)).toEqual(before);

    const known = await checkouts().create(basicOrder());
    const { email } = (await one('SELECT email FROM customers WHERE id = $1', known.customerId)) as { email: string };
    await checkouts().create({ ...basicOrder(), email, password: 'a strangers password' });
    expect(await one('SELECT count(*)::int AS n FROM users WHERE email = $1', email)).toEqual({ n: 0 });
  });

  it('takes the account away from a stranger who made it in the name of the one who pays', async () => {
    const victim = basicOrder();
    await checkouts().create({ ...victim, password: 'known to a stranger' });
    const hash = async () =>
      await one(
        'SELECT password_hash AS hash, must_change_password AS temporary FROM users WHERE email = $1',
        victim.email,
      );
    const strangers = await hash();
    const paid = await checkouts().create({ ...basicOrder(), email: victim.email });
    billing.vendor.pay(paid.publicId);
    await billing.tell('checkout', paid.publicId);
    const replaced = await hash();
    expect(replaced).toMatchObject({ temporary: true });
    expect(replaced?.hash).not.toBe(strangers?.hash);

    const later = await checkouts().create({ ...basicOrder(), email: victim.email });
    billing.vendor.pay(later.publicId);
    await billing.tell('checkout', later.publicId);
    expect(await hash()).toEqual(replaced);
  });

  it('leaves the password of somebody who begins twice with the same one', async () => {
    const order = { ...basicOrder(), password: 'the same password' };
    await checkouts().create(order);
    const before = await one('SELECT password_hash FROM users WHERE email = $1', order.email);
    const second = await checkouts().create(order);
    billing.vendor.pay(second.publicId);
    await billing.tell('checkout', second.publicId);
    expect(await one('SELECT password_hash FROM users WHERE email = $1', order.email)).toEqual(before);
  });

  it('refuses a domain that another customer has, and frees a reserved one when the order lapses', async () => {
    const started = await checkouts().create({
      ...basicOrder(),
      domain: { name: 'wanted.com', mode: 'external' },
      reserveDomain: true,
    });
    const other = { ...basicOrder(), domain: { name: 'wanted.com', mode: 'external' as const } };
    await expect(checkouts().create(other)).rejects.toThrow(DomainTakenError);
    billing.vendor.expire(started.publicId);
    await billing.tell('checkout', started.publicId);
    await expect(checkouts().create(other)).resolves.toMatchObject({ url: expect.any(String) });
  });

  it('keeps a transfer code encrypted and hands it to the service', async () => {
    const domain = { name: 'moving.com', mode: 'transfer' as const, authCode: 'EPP-SECRET-1' };
    const started = await checkouts().create({ ...basicOrder(), domain });
    const row = await one(
      'SELECT domain_info::text AS text, quote::text AS quote FROM checkout_sessions WHERE id = $1',
      started.checkoutSessionId,
    );
    expect(JSON.stringify(row)).not.toContain('EPP-SECRET-1');
    billing.vendor.pay(started.publicId);
    await billing.tell('checkout', started.publicId);
    const kept = `SELECT mode, left(value, 3) AS sealed FROM domains JOIN service_secrets s USING (service_id)
                   WHERE domains.name = 'moving.com' AND s.name = 'auth_code'`;
    expect(await one(kept)).toEqual({ mode: 'transfer', sealed: 'v1.' });
  });

  it('starts a job for every kind of product', async () => {
    const products = await billing.dataSource.query<{ slug: string; type: string; cycle: string }[]>(
      `SELECT DISTINCT ON (p.type) p.slug, p.type, r.billing_cycle AS cycle FROM products p JOIN prices r ON r.product_id = p.id ORDER BY p.type, p.position`,
    );
    for (const { slug, type, cycle } of products) {
      const name = `${type}-shop.com`;
      const started = await checkouts().create({
        ...basicOrder(),
        plan: slug,
        term: cycle,
        domain: { name, mode: type === 'domain' ? 'new_registration' : 'external' },
      });
      billing.vendor.pay(started.publicId);
      await billing.tell('checkout', started.publicId);
      expect({ type, ...(await billing.outcomeOf(started)) }).toMatchObject({
        type,
        checkout: 'completed',
        services: 1,
        tasks: 1,
      });
    }
  });

  it('takes a test order without payment, active at once', async () => {
    const started = await checkouts().createTest({ ...basicOrder(), password: 'my own password' }, 'let-me-try');
    expect(started.publicId).toMatch(/^cs_/);
    expect(started.url).toBe(`https://www.shop.example/success?id=${started.publicId}`);
    expect(await billing.outcomeOf(started)).toMatchObject({
      checkout: 'completed',
      subscription: 'active',
      invoices: null,
      payments: null,
      tasks: 1,
    });
    await expect(checkouts().createTest(basicOrder(), 'let-me-tri')).rejects.toThrow(TestModeRefusedError);
    await expect(checkouts().createTest(basicOrder(), undefined)).rejects.toThrow(TestModeRefusedError);
  });

  it('writes nothing of a test order that dies on the way, so that it can be made again', async () => {
    const before = await count('checkout_sessions');
    const order = basicOrder();
    jest
      .spyOn(billing.app.get(FulfilmentService, { strict: false }), 'fulfil')
      .mockRejectedValueOnce(new Error('the process died'));
    await expect(checkouts().createTest(order, 'let-me-try')).rejects.toThrow('the process died');
    expect(await count('checkout_sessions')).toBe(before);
    const started = await checkouts().createTest(order, 'let-me-try');
    expect(await billing.outcomeOf(started)).toMatchObject({ checkout: 'completed', tasks: 1 });
  });

  it('looks at open pages after two minutes, then ever more rarely, and gives up pages that were never made', async () => {
    await billing.dataSource.query(`UPDATE checkout_sessions SET next_check_at = NULL`);
    const paid = await billing.order();
    const unpaid = await billing.order();
    expect(await checkouts().reconcileDue()).toBe(0);
    await billing.dataSource.query(`UPDATE checkout_sessions SET stripe_session_id = NULL WHERE id = $1`, [
      unpaid.checkoutSessionId,
    ]);
    billing.vendor.pay(paid.publicId);
    billing.clock.shiftMs = 121_000;
    expect(await checkouts().reconcileDue()).toBe(2);
    expect(await checkouts().reconcileDue()).toBe(0);
    billing.clock.shiftMs = 0;
    expect(await billing.outcomeOf(paid)).toMatchObject({ checkout: 'completed', tasks: 1 });
    expect(await billing.outcomeOf(unpaid)).toMatchObject({ checkout: 'failed', subscription: 'expired' });
  });
});
