import { type AdapterOf, type AnyPort, dnsPort } from '@keelson/core';
import { dataSourceOptions, inTransaction, newId } from '@keelson/database';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Journal } from '../src/engine/journal.service.js';
import { Leases } from '../src/engine/leases.service.js';
import { type BoundAdapter, OrderPorts } from '../src/engine/order-ports.js';
import { type BindingKey, defineRecipe } from '../src/engine/recipe.js';
import { RecipeRegistry } from '../src/engine/recipe-registry.js';
import { defaultRetryPolicy } from '../src/engine/retry-policy.js';
import { StepRunner } from '../src/engine/step-runner.service.js';
import { TaskRunner } from '../src/engine/task-runner.service.js';
import { Bulkhead } from '../src/isolation/bulkhead.js';
import { ConnectionGates } from '../src/isolation/connection-gates.service.js';
import { ConnectionLine } from '../src/isolation/connection-line.service.js';
import { defaultIsolationPolicy } from '../src/isolation/isolation-policy.js';
import { GateStates } from '../src/isolation/gate-states.service.js';
import { LineCaller } from '../src/isolation/line-caller.service.js';
import { ProvisioningEvent } from '../src/engine/provisioning-event.entity.js';
import { ProvisioningStep } from '../src/engine/provisioning-step.entity.js';
import { ProvisioningTask } from '../src/engine/provisioning-task.entity.js';
import { WakeUpQueue } from './wake-up-queue.js';

/** A server of a vendor: what it does with a call, and what it saw. */
export class Vendor {
  /** Answers a call for an object; what it throws is the answer. */
  answer: (object: string) => Promise<void> = () => new Promise((resolve) => setImmediate(resolve));
  readonly calls: string[] = [];
  inFlight = 0;
  most = 0;
  private released?: () => void;

  constructor(
    readonly name: string,
    readonly connectionId: string,
  ) {}

  async act(object: string): Promise<void> {
    this.calls.push(object);
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    try {
      await this.answer(object);
    } finally {
      this.inFlight -= 1;
    }
  }

  /** Lets go of whatever hangs. */
  release(): void {
    this.released?.();
  }

  /** From now on calls hang. Returns what lets them go on, and all that come later answer. */
  hang(): () => void {
    const before = this.answer;
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    this.answer = () => released;
    this.released = () => {
      this.answer = before;
      release();
    };
    return this.released;
  }
}

interface Order {
  vendor: string;
  object: string;
}

const retry = {
  ...defaultRetryPolicy,
  baseMs: 5,
  ceilingMs: 10,
  looksMs: Array<number>(20).fill(5),
  absenceGapMs: 5,
  holdMs: 10,
};
const isolation = { ...defaultIsolationPolicy, failures: 3 };

/** One process that works tasks: its own runner, gates and bulkhead, over the queue that all share. */
export class TestWorker {
  private readonly leases: Leases;
  private readonly gates: ConnectionGates;
  private readonly caller: LineCaller;
  private readonly loops: Promise<void>[];

  constructor(harness: IsolationHarness, { drives = 12, places = 4 } = {}) {
    const { dataSource, journal, queue, policy } = harness;
    const line = new ConnectionLine(dataSource, journal, policy);
    this.leases = new Leases(journal);
    this.gates = new ConnectionGates(dataSource, line, new Bulkhead(places), policy);
    this.caller = new LineCaller(line, this.gates);
    const steps = new StepRunner(journal, this.leases, retry, this.gates);
    const runner = new TaskRunner(dataSource, journal, this.leases, harness.registry, harness.ports, steps);
    this.caller.start();
    this.loops = Array.from({ length: drives }, async () => {
      for (let id = await queue.take(); id !== undefined; id = await queue.take()) {
        await runner.drive(id).catch((thrown: unknown) => void harness.failures.push(thrown));
      }
    });
  }

  /** From now on it gives no sign of life, as a process that was killed or stopped. What it works on goes on unnoticed. */
  freeze(): void {
    this.leases.onApplicationShutdown();
    this.gates.onApplicationShutdown();
    this.caller.onApplicationShutdown();
  }

  /** Waits for what it works on. The queue must be closed. */
  async end(): Promise<void> {
    await Promise.all(this.loops);
    this.freeze();
  }
}

/** Tasks of one step each, over vendors that can hang, fail and refuse, with several workers. */
export class IsolationHarness {
  /** What drives ended with that should never throw. */
  readonly failures: unknown[] = [];
  queue = new WakeUpQueue();
  journal: Journal;
  readonly states: GateStates;
  /** Of workers made from now on; `reset` restores it. */
  policy = isolation;
  readonly registry: RecipeRegistry;
  readonly ports: OrderPorts;
  private readonly vendors = new Map<string, Vendor>();
  private readonly workers: TestWorker[] = [];

  private constructor(
    readonly dataSource: DataSource,
    private readonly database: TestDatabase,
  ) {
    this.journal = new Journal(dataSource, this.queue);
    this.states = new GateStates(dataSource);
    this.registry = new RecipeRegistry([recipe]);
    const find = (_: AnyPort, key: BindingKey) => {
      const vendor = this.vendors.get(key.productId);
      if (vendor === undefined) return Promise.resolve(undefined);
      const { connectionId, name: connection } = vendor;
      return Promise.resolve({ adapter: vendor as never, connectionId, connection } as BoundAdapter);
    };
    this.ports = { find } as OrderPorts;
  }

  static async open(): Promise<IsolationHarness> {
    Logger.overrideLogger(false);
    const database = await testDatabase();
    const dataSource = await new DataSource({
      ...dataSourceOptions({ url: database.url, poolSize: 30 }),
      entities: [ProvisioningTask, ProvisioningStep, ProvisioningEvent],
    }).initialize();
    return new IsolationHarness(dataSource, database);
  }

  /** Ends the workers and empties the tables. */
  async reset(): Promise<void> {
    this.queue.close();
    this.vendors.forEach((vendor) => vendor.release());
    await Promise.all(this.workers.splice(0).map((worker) => worker.end()));
    await this.dataSource.query('TRUNCATE customers, products, connections CASCADE');
    this.vendors.clear();
    this.policy = isolation;
    this.queue = new WakeUpQueue();
    this.journal = new Journal(this.dataSource, this.queue);
    if (this.failures.length > 0) throw this.failures.splice(0)[0];
  }

  async close(): Promise<void> {
    await this.reset();
    await this.dataSource.destroy();
    await this.database.drop();
  }

  worker(size: { drives?: number; places?: number } = {}): TestWorker {
    const worker = new TestWorker(this, size);
    this.workers.push(worker);
    return worker;
  }

  async vendor(
    name: string,
    limits: { concurrency?: number; ratePerSecond?: number; burst?: number } = {},
  ): Promise<Vendor> {
    const id = newId();
    await this.dataSource.query(
      `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, $2, 'test', '{}', '', 'config')`,
      [id, name],
    );
    if (Object.keys(limits).length > 0) {
      await this.dataSource.query(
        `INSERT INTO connection_gates (connection_id, concurrency, rate_per_second, burst, tokens)
         VALUES ($1, $2, $3, $4::int, coalesce($4::int, 0))`,
        [id, limits.concurrency, limits.ratePerSecond, limits.burst],
      );
    }
    const vendor = new Vendor(name, id);
    this.vendors.set(name, vendor);
    return vendor;
  }

  async customer(): Promise<string> {
    const id = newId();
    await this.dataSource.query(`INSERT INTO customers (id, name, email) VALUES ($1, 'n', $2)`, [
      id,
      `${id}@example.test`,
    ]);
    return id;
  }

  /** Orders objects called `<name> 0`, `<name> 1`, … at the vendor. Returns the tasks. */
  async order(
    vendor: Vendor,
    count: number,
    { customerId, priority = 0, name = vendor.name }: { customerId?: string; priority?: number; name?: string } = {},
  ): Promise<string[]> {
    const buyer = customerId ?? (await this.customer());
    const productId = newId();
    await this.dataSource.query(
      `INSERT INTO products (id, slug, name, description, type) VALUES ($1, $2, 'n', 'd', 'hosting')`,
      [productId, productId],
    );
    const tasks: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const serviceId = newId();
      await this.dataSource.query(
        `INSERT INTO services (id, customer_id, product_id, type) VALUES ($1, $2, $3, 'hosting')`,
        [serviceId, buyer, productId],
      );
      const input: Order = { vendor: vendor.name, object: `${name} ${index}` };
      tasks.push(
        await inTransaction(this.dataSource, (manager) =>
          this.journal.create(manager, recipe, { serviceId, customerId: buyer, input: { ...input }, priority }),
        ),
      );
    }
    return tasks;
  }

  /** How many of the tasks are in each state. */
  async count(tasks: readonly string[]): Promise<Record<string, number>> {
    const rows = await this.dataSource.query<{ status: string; count: number }[]>(
      'SELECT status, count(*)::int AS count FROM provisioning_tasks WHERE id = ANY ($1) GROUP BY status',
      [tasks],
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  }

  /** The steps of the tasks. */
  steps(tasks: readonly string[]): Promise<ProvisioningStep[]> {
    return this.dataSource.manager
      .createQueryBuilder(ProvisioningStep, 'step')
      .where('step.task_id = ANY (:tasks)', { tasks })
      .orderBy('step.id')
      .getMany();
  }

  /** Resolves when the condition holds. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 2_000; turn += 1) {
      if (await condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`never came true: ${condition.toString()}`);
  }

  async completed(tasks: readonly string[]): Promise<void> {
    await this.until(async () => (await this.count(tasks))['completed'] === tasks.length);
  }

  /** Moves what the gate of the vendor waits for into the past, as if that time had gone by. */
  async pass(vendor: Vendor, interval: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE connection_gates SET filled_at = filled_at - $2::interval, not_before = not_before - $2::interval,
              opened_at = opened_at - $2::interval, probe_at = probe_at - $2::interval WHERE connection_id = $1`,
      [vendor.connectionId, interval],
    );
  }
}

const recipe = defineRecipe<Order>('test.act', {
  version: 1,
  load: (_, input) => Promise.resolve(input as unknown as Order),
  bindingOf: ({ vendor }) => ({ productId: vendor, productType: 'hosting' }),
})
  .step('act', {
    needs: dnsPort,
    run: ({ adapter, order }) => (adapter as AdapterOf<typeof dnsPort> & Vendor).act(order.object),
    undo: () => Promise.resolve(),
  })
  .build();
