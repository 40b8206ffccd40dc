import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BindingsService, ConnectionsService, seedCatalogue } from '@keelson/catalogue';
import {
  adapterFor,
  type Clock,
  JsonLogger,
  Keyring,
  loadSettings,
  manifestOf,
  paymentPort,
  Plugin,
  type PluginManifest,
  PluginRegistry,
  RuntimeModule,
  Setting,
} from '@keelson/core';
import { DatabaseModule } from '@keelson/database';
import { QueueModule } from '@keelson/queue';
import { testDatabase } from '@keelson/testing/database';
import { MemoryPaymentAdapter, MemoryPaymentVendor } from '@keelson/testing/memory';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import { IsOptional, IsString } from 'class-validator';
import type { DataSource } from 'typeorm';
import {
  BillingModule,
  type CheckoutOrder,
  CheckoutsService,
  InboxService,
  type StartedCheckout,
} from '../src/index.js';

/** Billing over a database of its own and a payment provider in memory. */
export interface BillingHarness {
  app: INestApplicationContext;
  dataSource: DataSource;
  vendor: MemoryPaymentVendor;
  /** Moves the clock of the application. */
  clock: Clock & { shiftMs: number };
  connectionId: string;
  /** Begins an order of the plan `basic`, unless told otherwise. */
  order(more?: Partial<CheckoutOrder>): Promise<StartedCheckout>;
  /** Stores the provider's message about an object and returns the id of its row. */
  receive(kind: SubjectKind, id: string): Promise<string>;
  /** Stores and works it. */
  tell(kind: SubjectKind, id: string): Promise<void>;
  /** What can be compared of an order: statuses, amounts and numbers of rows. */
  outcomeOf(order: StartedCheckout): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export type SubjectKind = 'checkout' | 'subscription' | 'invoice' | 'payment' | 'refund' | 'dispute';

class MemorySettings {
  @Setting({ description: 'Nothing depends on it.' })
  @IsOptional()
  @IsString()
  label?: string;
}

/** Starts it. @param env settings beside the defaults */
export async function startBilling(env: NodeJS.ProcessEnv = {}): Promise<BillingHarness> {
  const home = mkdtempSync(join(tmpdir(), 'keelson-billing-test-'));
  const database = await testDatabase();
  const vendor = new MemoryPaymentVendor();
  const clock = { shiftMs: 0, now: () => new Date(Date.now() + clock.shiftMs) };
  const app = await NestFactory.createApplicationContext(
    {
      module: ApplicationModule,
      imports: [
        RuntimeModule.forRoot({
          settings: loadSettings({ KEELSON_HOME: home, ...env }),
          registry: registryOf(vendor),
          keyring: Keyring.fromText('00'.repeat(32)),
          clock,
        }),
        DatabaseModule.forRoot({ url: database.url, poolSize: 20 }),
        QueueModule.forRoot({ databaseUrl: database.url, poolSize: 4 }),
        BillingModule,
      ],
    },
    { logger: new JsonLogger({ level: 'fatal' }), abortOnError: false },
  );
  const dataSource = app.get<DataSource>(getDataSourceToken());
  await seedCatalogue(dataSource);
  const { id: connectionId } = await app
    .get(ConnectionsService, { strict: false })
    .put({ name: 'payments', plugin: 'memory', settings: {} });
  await app.get(BindingsService, { strict: false }).bind('payment', {}, [connectionId]);
  const inbox = app.get(InboxService, { strict: false });

  const receive = async (kind: SubjectKind, id: string): Promise<string> => {
    const { body, headers } = vendor.webhook({ kind, id }, new Date());
    await inbox.receive('memory', body, headers);
    const event = JSON.parse(body.toString()) as { id: string };
    const [row] = await dataSource.query<{ id: string }[]>('SELECT id FROM inbox_events WHERE event_id = $1', [
      event.id,
    ]);
    return row!.id;
  };

  return {
    app,
    dataSource,
    vendor,
    clock,
    connectionId,
    order: (more = {}) => app.get(CheckoutsService, { strict: false }).create({ ...basicOrder(), ...more }),
    receive,
    tell: async (kind, id) => inbox.process(await receive(kind, id)),
    outcomeOf: (order) => outcomeOf(dataSource, order),
    async close() {
      await app.close();
      await database.drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

@Module({})
class ApplicationModule {}

let buyers = 0;

/** An order of somebody new. */
export function basicOrder(): CheckoutOrder {
  buyers += 1;
  return {
    plan: 'basic',
    term: 'monthly',
    email: `buyer${buyers}@shop.example`,
    domain: { name: `shop${buyers}.com`, mode: 'external' },
    successUrl: 'https://www.shop.example/success?id={CHECKOUT_SESSION_ID}',
    cancelUrl: 'https://www.shop.example/cancel',
  };
}

function registryOf(vendor: MemoryPaymentVendor): PluginRegistry {
  @Plugin({
    id: 'memory',
    title: 'A provider in memory',
    version: '1.0.0',
    settings: MemorySettings,
    adapters: [
      adapterFor(paymentPort, {
        portVersion: 1,
        settings: MemorySettings,
        capabilities: ['disputes'],
        create: () => new MemoryPaymentAdapter(vendor),
      }),
    ],
  })
  class MemoryPlugin {}
  const manifest = manifestOf(MemoryPlugin) as PluginManifest;
  return new PluginRegistry([{ manifest, module: MemoryPlugin, packageName: 'keelson-plugin-memory', folder: '/' }]);
}

async function outcomeOf(dataSource: DataSource, order: StartedCheckout): Promise<Record<string, unknown>> {
  const [row] = await dataSource.query<Record<string, unknown>[]>(
    `SELECT c.status AS checkout, c.review_reason, s.status AS subscription, s.stripe_subscription_id IS NOT NULL AS linked,
            s.current_period_end IS NOT NULL AS has_period, s.cancel_at_period_end, cu.user_id IS NOT NULL AS has_user,
            cu.tenant_id IS NOT NULL AS has_tenant,
            (SELECT json_agg(json_build_array(i.status, i.amount_due, i.amount_paid)) FROM invoices i WHERE i.subscription_id = s.id) AS invoices,
            (SELECT json_agg(json_build_array(p.status, p.amount, p.refunded_amount, p.invoice_id IS NOT NULL)) FROM payments p
              WHERE p.checkout_session_id = c.id) AS payments,
            (SELECT count(*)::int FROM services v WHERE v.subscription_id = s.id) AS services,
            (SELECT count(*)::int FROM provisioning_tasks t JOIN services v ON v.id = t.service_id WHERE v.subscription_id = s.id) AS tasks,
            (SELECT count(*)::int FROM provisioning_tasks t JOIN services v ON v.id = t.service_id
              WHERE v.subscription_id = s.id AND t.cancel_requested_at IS NOT NULL) AS stopping
       FROM checkout_sessions c JOIN subscriptions s ON s.id = c.subscription_id JOIN customers cu ON cu.id = s.customer_id
      WHERE c.id = $1`,
    [order.checkoutSessionId],
  );
  return row ?? {};
}
