import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Checkout } from '@keelson/core';
import { startSimulator, type StripeSimulator } from '../simulator/index.js';
import type { StripeAdapter } from '../src/index.js';
import { adapterWith, plan, purchase, startStripe } from './stripe-environment.js';
import { listen, type WebhookEndpoint } from './webhook-endpoint.js';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function stripe(
  options?: Parameters<typeof startStripe>[0],
): Promise<{ simulator: StripeSimulator; adapter: StripeAdapter }> {
  const started = await startStripe(options);
  stops.push(() => started.simulator.stop());
  return started;
}

async function endpoint(statuses: number[] = []): Promise<WebhookEndpoint> {
  const started = await listen(statuses);
  stops.push(started.stop);
  return started;
}

function typeIn({ url }: Checkout, fields: Record<string, string>): Promise<Response> {
  return fetch(url ?? '', { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
}

describe('the payment page', () => {
  it('shows shop, lines, discount and total in major units', async () => {
    const { adapter } = await stripe({ merchant: 'Ann & Bob' });
    const made = await adapter.createCheckout({ ...plan, lines: [{ ...plan.lines[0]!, name: '<b>Basic</b>' }] });
    const answer = await fetch(made.url ?? '');
    const html = await answer.text();
    expect(answer.status).toBe(200);
    for (const shown of [
      'Ann &amp; Bob',
      '&lt;b&gt;Basic&lt;/b&gt;',
      '$9.99',
      'WELCOME10',
      '-$1.00',
      '$8.99',
      'every month',
    ]) {
      expect(html).toContain(shown);
    }
    expect(html).not.toContain('<b>');
    for (const field of ['card', 'expiry', 'cvc', 'name']) expect(html).toContain(`name="${field}"`);
    for (const [, id] of html.matchAll(/<label for="(\w+)"/g)) expect(html).toContain(`id="${id}"`);
    expect(html).toContain(`href="${plan.cancelUrl}"`);
  });

  it('shows currencies without minor units as they are', async () => {
    const { adapter } = await stripe();
    const made = await adapter.createCheckout({ ...purchase, currency: 'JPY' });
    expect(await (await fetch(made.url ?? '')).text()).toContain('¥1,299');
  });

  it('takes a card and sends the customer back with the id of the page', async () => {
    const { adapter } = await stripe();
    const made = await adapter.createCheckout(plan);
    const answer = await typeIn(made, { card: '4242 4242 4242 4242', name: 'Ann Lee', expiry: '12 / 34', cvc: '123' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`https://shop.example.com/thanks?session=${made.id}`);
    expect(await adapter.getCheckout(made.id)).toMatchObject({
      status: 'complete',
      paymentStatus: 'paid',
      name: 'Ann Lee',
    });
  });

  it('shows a refusal, makes no subscription, and can be tried again', async () => {
    const { adapter, simulator } = await stripe();
    const made = await adapter.createCheckout(plan);
    const declined = await typeIn(made, { card: '4000000000009995' });
    expect(declined.status).toBe(402);
    expect(await declined.text()).toContain('role="alert"');
    expect(await adapter.getCheckout(made.id)).toMatchObject({ status: 'open', paymentStatus: 'unpaid' });
    for (const card of ['', '4111111111111111', '<script>']) expect((await typeIn(made, { card })).status).toBe(400);
    expect((await typeIn(made, { card: '4242424242424242' })).status).toBe(303);
    const paid = await adapter.getCheckout(made.id);
    expect(await adapter.getPayment(paid.vendorPaymentId ?? '')).toMatchObject({
      status: 'succeeded',
      amount: { amount: 899 },
    });
    expect(simulator.ledger.entries().every(({ operation }) => operation.includes('/v1/'))).toBe(true);
  });

  it('takes money once, however often it is sent', async () => {
    const { adapter } = await stripe();
    const made = await adapter.createCheckout(purchase);
    const answers = await Promise.all([1, 2, 3].map(() => typeIn(made, { card: '4242424242424242' })));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    const { vendorPaymentId } = await adapter.getCheckout(made.id);
    expect((await adapter.getPayment(vendorPaymentId ?? '')).amount.amount).toBe(1299);
  });

  it('says that it is paid, expired or unknown', async () => {
    const { adapter, simulator } = await stripe();
    const paid = await adapter.createCheckout(purchase);
    simulator.pay(paid.id);
    expect(await (await fetch(paid.url ?? '')).text()).toContain('is paid');
    const expired = await adapter.createCheckout({ ...purchase, reference: 'order-2' });
    simulator.expireCheckout(expired.id);
    expect((await typeIn(expired, { card: '4242424242424242' })).status).toBe(400);
    expect(await (await fetch(expired.url ?? '')).text()).toContain('expired');
    expect((await fetch(`${String(simulator.settings.apiBase)}/c/pay/cs_none`)).status).toBe(404);
  });
});

describe('webhooks', () => {
  it('tell of a paid subscription, signed, each event once', async () => {
    const shop = await endpoint();
    const { adapter, simulator } = await stripe({ webhookUrl: shop.url });
    const made = await adapter.createCheckout(plan);
    simulator.pay(made.id);
    await shop.until(() => simulator.undelivered() === 0);
    const events = await Promise.all(shop.received.map(({ body, headers }) => adapter.parseWebhook(body, headers)));
    expect(events.map(({ type }) => type).sort()).toEqual([
      'charge.succeeded',
      'checkout.session.completed',
      'customer.created',
      'customer.subscription.created',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const completed = events.find(({ type }) => type === 'checkout.session.completed');
    expect(completed?.subject).toEqual({ kind: 'checkout', id: made.id });
  });

  it('are repeated until they are answered 2xx, and a redirect is no such answer', async () => {
    const shop = await endpoint([500, 302]);
    const { adapter, simulator } = await stripe({ webhookUrl: shop.url });
    const { id } = await adapter.createCheckout(purchase);
    simulator.expireCheckout(id);
    await shop.until(() => simulator.undelivered() === 0);
    const events = await Promise.all(shop.received.map(({ body, headers }) => adapter.parseWebhook(body, headers)));
    expect(shop.received.map(({ status }) => status)).toEqual([500, 302, 200]);
    expect(new Set(events.map((event) => event.id)).size).toBe(1);
  }, 20_000);

  it('wait until it is known where they go', async () => {
    const shop = await endpoint();
    const { adapter, simulator } = await stripe();
    const { id } = await adapter.createCheckout(purchase);
    simulator.expireCheckout(id);
    expect(simulator.undelivered()).toBe(1);
    simulator.webhookUrl = shop.url;
    await shop.until(() => simulator.undelivered() === 0);
    expect(shop.received).toHaveLength(1);
  });

  it('survive a restart, with keys, pages and idempotency keys', async () => {
    const home = await mkdtemp(join(tmpdir(), 'stripe-'));
    stops.push(() => rm(home, { recursive: true }));
    const shop = await endpoint();
    const before = await startSimulator({ home });
    const made = await adapterWith(before.settings).createCheckout(purchase);
    before.pay(made.id);
    await before.stop();
    const { adapter, simulator } = await stripe({ home, webhookUrl: shop.url });
    expect(simulator.settings).toMatchObject({
      secretKey: before.settings.secretKey,
      webhookSecret: before.settings.webhookSecret,
    });
    expect(await adapter.createCheckout(purchase)).toMatchObject({ id: made.id, status: 'complete' });
    await shop.until(() => simulator.undelivered() === 0);
    expect(shop.received.length).toBeGreaterThan(0);
  });
});

describe('what customers, banks and time do', () => {
  async function subscribed() {
    const { adapter, simulator } = await stripe();
    const { id } = await adapter.createCheckout(plan);
    simulator.pay(id);
    const { vendorSubscriptionId: subscription = '' } = await adapter.getCheckout(id);
    return { adapter, simulator, subscription };
  }

  it('renews a subscription at the full price, without the discount of the first payment', async () => {
    const { adapter, simulator, subscription } = await subscribed();
    const before = await adapter.getSubscription(subscription);
    const invoice = await adapter.getInvoice(simulator.renewSubscription(subscription) ?? '');
    const after = await adapter.getSubscription(subscription);
    expect(invoice).toMatchObject({ status: 'paid', total: { amount: 999 }, vendorSubscriptionId: subscription });
    expect(after.currentPeriodStart).toEqual(before.currentPeriodEnd);
    expect(invoice.periodEnd).toEqual(after.currentPeriodEnd);
  });

  it('fails a renewal, and pays it later', async () => {
    const { adapter, simulator, subscription } = await subscribed();
    const invoice = simulator.renewSubscription(subscription, 'failed') ?? '';
    expect(await adapter.getSubscription(subscription)).toMatchObject({ status: 'past-due' });
    expect(await adapter.getInvoice(invoice)).toMatchObject({ status: 'open', attemptCount: 1, paid: { amount: 0 } });
    expect((await adapter.getInvoice(invoice)).nextAttemptAt).toBeInstanceOf(Date);
    simulator.retryInvoice(invoice);
    expect(await adapter.getSubscription(subscription)).toMatchObject({ status: 'active' });
    expect(await adapter.getInvoice(invoice)).toMatchObject({ status: 'paid', attemptCount: 2 });
  });

  it('ends a subscription that was to end with its period', async () => {
    const { adapter, simulator, subscription } = await subscribed();
    await adapter.cancelSubscription(subscription, 'period-end');
    expect(simulator.renewSubscription(subscription)).toBeUndefined();
    expect(await adapter.getSubscription(subscription)).toMatchObject({ status: 'cancelled' });
  });

  it('gives money back by hand, and disputes a payment to its end', async () => {
    const { adapter, simulator } = await stripe();
    const { id } = await adapter.createCheckout(purchase);
    simulator.pay(id);
    const { vendorPaymentId: payment = '' } = await adapter.getCheckout(id);
    const refund = await adapter.getRefund(simulator.refundPayment(payment, 299));
    expect(refund).toMatchObject({ amount: { amount: 299 }, vendorPaymentId: payment });
    expect(refund.reference).toBeUndefined();
    const dispute = simulator.disputePayment(payment);
    expect(await adapter.getDispute(dispute)).toMatchObject({ status: 'open', amount: { amount: 1000 } });
    simulator.closeDispute(dispute, 'lost');
    expect(await adapter.getDispute(dispute)).toMatchObject({ status: 'lost' });
  });
});

describe('the API', () => {
  async function ask(simulator: StripeSimulator, path: string, fields?: Record<string, string>, headers = {}) {
    const answer = await fetch(`${String(simulator.settings.apiBase)}${path}`, {
      headers: { authorization: `Bearer ${String(simulator.settings.secretKey)}`, ...headers },
      ...(fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  }

  it('refuses other keys and unknown addresses in its own shape', async () => {
    const { simulator } = await stripe();
    const stranger = await ask(simulator, '/v1/events', undefined, { authorization: 'Bearer sk_test_stranger' });
    expect(stranger).toMatchObject({ status: 401, body: { error: { type: 'invalid_request_error' } } });
    expect(stranger.headers.get('request-id')).toMatch(/^req_/);
    expect(JSON.stringify(stranger.body)).not.toContain('sk_test_stranger');
    expect(await ask(simulator, '/v1/nothing')).toMatchObject({
      status: 404,
      body: { error: { type: 'invalid_request_error' } },
    });
  });

  it('replays the answer to an idempotency key, and refuses the key for other content', async () => {
    const { simulator } = await stripe();
    const key = { 'idempotency-key': 'k1' };
    const first = await ask(simulator, '/v1/customers', { email: 'ann@example.com' }, key);
    const second = await ask(simulator, '/v1/customers', { email: 'ann@example.com' }, key);
    expect(second.body).toEqual(first.body);
    expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([
      null,
      'true',
    ]);
    expect(await ask(simulator, '/v1/customers', { email: 'bob@example.com' }, key)).toMatchObject({
      status: 400,
      body: { error: { type: 'idempotency_error' } },
    });
  });

  it('does not remember a refused request under its key', async () => {
    const { simulator } = await stripe();
    const key = { 'idempotency-key': 'k2' };
    expect((await ask(simulator, '/v1/coupons', { percent_off: '200' }, key)).status).toBe(400);
    expect((await ask(simulator, '/v1/coupons', { percent_off: '20' }, key)).status).toBe(200);
  });

  it('refuses payment_method_types and parameters that it does not know', async () => {
    const { simulator } = await stripe();
    for (const name of ['payment_method_types[0]', 'colour']) {
      const fields = { mode: 'payment', [name]: 'card' };
      expect(await ask(simulator, '/v1/checkout/sessions', fields)).toMatchObject({
        status: 400,
        body: { error: { code: 'parameter_unknown' } },
      });
    }
  });

  it('lists events that were not delivered, newest first, by pages', async () => {
    const { simulator } = await stripe();
    for (const email of ['a@example.com', 'b@example.com', 'c@example.com'])
      await ask(simulator, '/v1/customers', { email });
    const { body } = await ask(simulator, '/v1/events?delivery_success=false&limit=2');
    const first = body.data as { id: string; data: { object: { email: string } } }[];
    expect(first.map(({ data }) => data.object.email)).toEqual(['c@example.com', 'b@example.com']);
    expect(body.has_more).toBe(true);
    const rest = await ask(simulator, `/v1/events?delivery_success=false&starting_after=${first[1]?.id}`);
    expect(rest.body).toMatchObject({ has_more: false, data: [{ data: { object: { email: 'a@example.com' } } }] });
    expect((await ask(simulator, '/v1/events?delivery_success=true')).body.data).toEqual([]);
  });
});
