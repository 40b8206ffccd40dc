import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CheckoutsService, InboxService, OrdersService } from '@keelson/billing';
import { ConfigSync, seedCatalogue } from '@keelson/catalogue';
import { loadRuntime } from '@keelson/core';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { signWebhook, startSimulator, type StripeSimulator } from '../../plugins/stripe/simulator/index.js';
import { createApi } from '@keelson/api';

jest.setTimeout(60_000);

let home: string;
let database: TestDatabase;
let simulator: StripeSimulator;
let app: NestFastifyApplication;
let dataSource: DataSource;
let url: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'keelson-api-test-'));
  simulator = await startSimulator();
  const configPath = join(home, 'keelson.config.yaml');
  writeFileSync(
    configPath,
    `plugins: [stripe]\nconnections:\n  payments: { plugin: stripe, settings: ${JSON.stringify(simulator.settings)} }\nbindings:\n  default: { payment: payments }\n`,
  );
  const runtime = await loadRuntime(
    { KEELSON_HOME: home, KEELSON_CONFIG: configPath, LOG_LEVEL: 'fatal' },
    { pluginsFolder: fileURLToPath(new URL('../../plugins', import.meta.url)) },
  );
  database = await testDatabase();
  app = await createApi(runtime, database.url);
  await app.listen(0, '127.0.0.1');
  dataSource = app.get<DataSource>(getDataSourceToken());
  await seedCatalogue(dataSource);
  await app.get(ConfigSync).sync(runtime.config);
  url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
  simulator.webhookUrl = `${url}/api/webhooks/stripe`;
}, 120_000);

afterAll(async () => {
  await simulator?.stop();
  await app?.close();
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
});

const call = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}${path}`, {
    method,
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came
  return { status: response.status, body: (await response.json()) as Record<string, any> };
};

/** Waits until the simulator has delivered everything, and works it as a worker does. */
async function settleAll(): Promise<string[]> {
  for (let round = 0; simulator.undelivered() > 0 && round < 200; round += 1) await pause(25);
  const rows = await dataSource.query<{ id: string; type: string }[]>(
    `SELECT id, type FROM inbox_events WHERE state = 'received' ORDER BY random()`,
  );
  for (const { id } of rows) await app.get(InboxService).process(id);
  return rows.map(({ type }) => type);
}

describe('the address that Stripe sends to', () => {
  it('leads from payment to job, in whatever order the events are worked', async () => {
    const order = {
      planId: 'basic',
      email: 'buyer@shop.example',
      successUrl: 'https://shop.example/ok',
      cancelUrl: 'https://shop.example/no',
    };
    const begun = await call(
      'POST',
      '/api/public/checkout',
      JSON.stringify({ ...order, domain: 'stripe-shop.com', couponCode: 'WELCOME10' }),
    );
    expect(begun).toMatchObject({
      status: 200,
      body: { id: expect.stringMatching(/^cs_/), url: expect.stringContaining('http') },
    });
    simulator.pay(begun.body.id);
    expect(await settleAll()).toContain('checkout.session.completed');
    const after = await call('GET', `/api/checkout/session/${begun.body.id}`);
    expect(after.body).toMatchObject({
      status: 'completed',
      subscription: { status: 'active' },
      provisioning: { status: 'queued' },
    });
    const [money] = await dataSource.query<Record<string, unknown>[]>(
      `SELECT i.amount_paid, i.amount_discount, p.amount, p.provider, s.stripe_subscription_id, s.stripe_customer_id, s.stripe_payment_intent_id,
              s.current_period_end FROM subscriptions s JOIN invoices i ON i.subscription_id = s.id JOIN payments p ON p.invoice_id = i.id`,
    );
    expect(money).toMatchObject({
      amount_paid: 899,
      amount_discount: 100,
      amount: 899,
      provider: 'stripe',
      stripe_subscription_id: expect.stringMatching(/^sub_/),
      stripe_customer_id: expect.stringMatching(/^cus_/),
      stripe_payment_intent_id: expect.stringMatching(/^pi_/),
    });

    simulator.refundPayment(money?.stripe_payment_intent_id as string);
    await settleAll();
    expect((await call('GET', `/api/checkout/session/${begun.body.id}`)).body).toMatchObject({
      subscription: { status: 'refunded' },
    });
    const [task] = await dataSource.query<{ stopping: boolean }[]>(
      'SELECT cancel_requested_at IS NOT NULL AS stopping FROM provisioning_tasks',
    );
    expect(task).toEqual({ stopping: true });
  });

  it('gives the money of a rejected order back once and ends its subscription', async () => {
    const order = {
      planId: 'basic',
      email: 'twice@shop.example',
      domain: 'twice-shop.com',
      successUrl: 'https://shop.example/ok',
      cancelUrl: 'https://shop.example/no',
    };
    const pages = [];
    for (let count = 0; count < 2; count += 1) {
      pages.push((await call('POST', '/api/public/checkout', JSON.stringify(order))).body.id as string);
    }
    for (const page of pages) {
      simulator.pay(page);
      await settleAll();
    }
    const [held] = (await app.get(OrdersService).list({ status: 'review', limit: 2, offset: 0 })).items;
    expect(held).toMatchObject({
      session: { stripeSessionId: pages[1] },
      payments: [{ amount: 999, refundedAmount: 0 }],
    });
    await app.get(OrdersService).reject(held!.session.id, { by: 'user:1', reason: 'Ordered twice.' });
    for (let turn = 0; turn < 2; turn += 1) {
      await dataSource.query(`UPDATE checkout_sessions SET next_check_at = '-infinity' WHERE status = 'rejected'`);
      await app.get(CheckoutsService).reconcileDue();
      const events = await settleAll();
      expect(events.filter((type) => type === 'refund.created')).toHaveLength(turn === 0 ? 1 : 0);
      expect(events.filter((type) => type === 'customer.subscription.deleted')).toHaveLength(turn === 0 ? 1 : 0);
    }
    const [rejected] = (await app.get(OrdersService).list({ status: 'rejected', limit: 2, offset: 0 })).items;
    expect(rejected).toMatchObject({
      session: { refundError: null },
      payments: [{ amount: 999, refundedAmount: 999 }],
    });
    const answers = await Promise.all(pages.map((page) => call('GET', `/api/checkout/session/${page}`)));
    expect(answers.map(({ body }) => [body.status, body.subscription.status])).toEqual([
      ['completed', 'active'],
      ['rejected', 'refunded'],
    ]);
  });

  it('keeps the books of a renewal', async () => {
    const order = {
      planId: 'basic',
      email: 'renewer@shop.example',
      successUrl: 'https://shop.example/ok',
      cancelUrl: 'https://shop.example/no',
    };
    const begun = await call('POST', '/api/public/checkout', JSON.stringify(order));
    simulator.pay(begun.body.id);
    await settleAll();
    const [{ id }] = (await dataSource.query<{ id: string }[]>(
      `SELECT stripe_subscription_id AS id FROM subscriptions WHERE checkout_session_id = $1`,
      [begun.body.id],
    )) as [{ id: string }];
    simulator.renewSubscription(id, 'failed');
    await settleAll();
    const read = () =>
      dataSource.query<{ status: string; invoices: string }[]>(
        `SELECT s.status, (SELECT string_agg(i.status || ' ' || i.amount_paid, ', ' ORDER BY i.number) FROM invoices i WHERE i.subscription_id = s.id) AS invoices
           FROM subscriptions s WHERE s.stripe_subscription_id = $1`,
        [id],
      );
    expect(await read()).toEqual([{ status: 'past_due', invoices: 'paid 999, open 0' }]);
    simulator.renewSubscription(id);
    await settleAll();
    const [renewed] = await read();
    expect(renewed?.invoices).toBe('paid 999, open 0, paid 999');
  });

  it('takes one event fifty times at once, signed as Stripe signs, and refuses any other signature', async () => {
    const secret = simulator.settings.webhookSecret as string;
    const event = {
      id: 'evt_fifty',
      object: 'event',
      type: 'invoice.paid',
      created: Math.floor(Date.now() / 1000),
      livemode: false,
      data: { object: { id: 'in_none' } },
    };
    const body = JSON.stringify(event, null, 2);
    const signed = { 'stripe-signature': signWebhook(body, secret) };
    const before = (
      await call('POST', '/webhooks/stripe', body, {
        'stripe-signature': signWebhook(body, 'whsec_another_secret_0123456789'),
      })
    ).status;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => call('POST', '/api/webhooks/stripe', body, signed)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const changed = await call('POST', '/api/webhooks/stripe', body.replace('in_none', 'in_some'), signed);
    expect([before, changed.status, (await call('POST', '/api/webhooks/stripe', body)).status]).toEqual([
      400, 400, 400,
    ]);
    expect(await dataSource.query(`SELECT count(*)::int AS n FROM inbox_events WHERE event_id = 'evt_fifty'`)).toEqual([
      { n: 1 },
    ]);
  });
});
