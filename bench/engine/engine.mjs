import 'reflect-metadata';
import { catalogueEntities } from '@keelson/catalogue';
import { customerEntities } from '@keelson/customers';
import { DatabaseModule, inTransaction, newId } from '@keelson/database';
import { hostingEntities } from '@keelson/hosting';
import { notificationEntities } from '@keelson/notifications';
import { defaultRetryPolicy, Journal, LineCaller, OrderPorts } from '@keelson/provisioning';
import { provisioningEntities, RecipeRegistry, Sweeper, TaskRunner } from '@keelson/provisioning';
import { QueueModule, WakeUpHandlers, WakeUpWorkers } from '@keelson/queue';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { Leases } from '../../libs/provisioning/dist/src/engine/leases.service.js';
import { retryPolicyToken, StepRunner } from '../../libs/provisioning/dist/src/engine/step-runner.service.js';
import { Bulkhead } from '../../libs/provisioning/dist/src/isolation/bulkhead.js';
import { bulkheadToken } from '../../libs/provisioning/dist/src/isolation/connection-gates.service.js';
import { isolationProviders } from '../../libs/provisioning/dist/src/isolation/isolation-providers.js';

/**
 * The engine as a worker has it, in this process: journal, runner, gates, sweeper and line, woken by the real queue. Only the recipes and
 * what stands behind the ports are the measurement's own.
 */
export class Engine {
  /** Resolvers of tasks that somebody waits for, by id. */
  #awaited = new Map();
  /** What tasks ended as, by id: heard from the journal, so that no question is asked that a worker does not ask. */
  #ends = new Map();

  /**
   * @param {{ databaseUrl: string, redisUrl?: string, recipes: (dataSource: import('typeorm').DataSource) => object[],
   *   ports?: object, drives?: number, places?: number }} options `drives`: tasks at a time; `places`: steps at a time of one connection
   */
  static async open({ databaseUrl, redisUrl, recipes, ports, drives = 32, places = 8 }) {
    class EngineModule {}
    const entities = [catalogueEntities, customerEntities, hostingEntities, notificationEntities, provisioningEntities];
    Module({
      imports: [
        DatabaseModule.forRoot({
          url: databaseUrl,
          poolSize: Math.ceil(drives / 2) + 6,
          applicationName: 'keelson worker',
        }),
        TypeOrmModule.forFeature(entities.flat()),
        QueueModule.forRoot({ databaseUrl, redisUrl }),
      ],
      providers: [
        ...[Journal, Leases, StepRunner, TaskRunner, Sweeper],
        ...isolationProviders.filter((provider) => provider.provide !== bulkheadToken),
        { provide: bulkheadToken, useValue: new Bulkhead(places) },
        { provide: retryPolicyToken, useValue: defaultRetryPolicy },
        { provide: OrderPorts, useValue: ports ?? { find: () => Promise.resolve(undefined) } },
        {
          provide: RecipeRegistry,
          inject: [getDataSourceToken()],
          useFactory: (dataSource) => new RecipeRegistry(recipes(dataSource)),
        },
      ],
    })(EngineModule);
    Logger.overrideLogger(['error']);
    const app = await NestFactory.createApplicationContext(EngineModule, { logger: false });
    const engine = new Engine();
    engine.app = app;
    engine.dataSource = app.get(getDataSourceToken());
    engine.journal = app.get(Journal);
    engine.#listen();
    engine.registry = app.get(RecipeRegistry);
    engine.runner = app.get(TaskRunner);
    app.get(WakeUpHandlers).register('provisioning', 'task', (id, signal) => engine.#drive(id, signal));
    app.get(Sweeper).start();
    app.get(LineCaller).start();
    await app.get(WakeUpWorkers).start({ provisioning: drives });
    return engine;
  }

  /** Writes a task of the recipe for a service, as an order does, and resolves with its id when it has ended. Rejects unless it completed. */
  async run(recipe, order) {
    const { ids } = await this.runAll(recipe, [order]);
    return ids[0];
  }

  /**
   * The same for many services at once: their tasks are written in one transaction, so that all are woken together. Resolves with the ids,
   * and when they were there (milliseconds since 1970).
   */
  async runAll(recipe, orders) {
    const ids = await inTransaction(this.dataSource, async (manager) => {
      const made = [];
      for (const { serviceId, customerId } of orders) {
        made.push(await this.journal.create(manager, recipe, { serviceId, customerId, input: { serviceId } }));
      }
      return made;
    });
    const writtenAt = Date.now();
    await Promise.all(ids.map((id) => new Promise((resolve, reject) => this.#awaited.set(id, { resolve, reject }))));
    return { ids, writtenAt };
  }

  /** Services without anything behind them, for recipes that only need the row. */
  async services(count) {
    const customerId = newId();
    const productId = newId();
    await this.dataSource.query(`INSERT INTO customers (id, name, email) VALUES ($1, 'n', $2)`, [
      customerId,
      `${customerId}@example.test`,
    ]);
    await this.dataSource.query(
      `INSERT INTO products (id, slug, name, description, type) VALUES ($1, $2, 'n', 'd', 'hosting')`,
      [productId, productId],
    );
    const rows = Array.from({ length: count }, () => newId());
    await this.dataSource.query(
      `INSERT INTO services (id, customer_id, product_id, type) SELECT id, $2, $3, 'hosting' FROM unnest($1::uuid[]) AS id`,
      [rows, customerId, productId],
    );
    return rows.map((serviceId) => ({ serviceId, customerId }));
  }

  async close() {
    // Postgres may stop before its last sessions have said goodbye; nobody needs to read of it.
    Logger.overrideLogger(false);
    await this.app.close();
  }

  async #drive(id, signal) {
    await this.runner.drive(id, signal);
    const waiting = this.#awaited.get(id);
    const end = this.#ends.get(id);
    if (waiting === undefined || end === undefined) return;
    this.#awaited.delete(id);
    this.#ends.delete(id);
    if (end.status === 'completed') waiting.resolve();
    else waiting.reject(new Error(`task ${id} is ${end.status}: ${end.error}`));
  }

  #listen() {
    const change = this.journal.change.bind(this.journal);
    this.journal.change = async (manager, id, what) => {
      await change(manager, id, what);
      if (!['queued', 'running', 'waiting', undefined].includes(what.status)) this.#ends.set(id, what);
    };
  }
}
