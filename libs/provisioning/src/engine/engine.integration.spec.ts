import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { dataSourceOptions, newId } from '@keelson/database';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { connectionGates } from '../../test/connection-gates.js';
import { NoWakeUps } from '../../test/no-wake-ups.js';
import { ProvisioningEvent } from './provisioning-event.entity.js';
import { ProvisioningStep } from './provisioning-step.entity.js';
import { ProvisioningTask } from './provisioning-task.entity.js';
import { Journal } from './journal.service.js';
import { Leases } from './leases.service.js';
import { OrderPorts } from './order-ports.js';
import { defineRecipe, type Recipe } from './recipe.js';
import { RecipeRegistry } from './recipe-registry.js';
import { defaultRetryPolicy } from './retry-policy.js';
import { StepRunner } from './step-runner.service.js';
import { TaskRunner } from './task-runner.service.js';

const policy = {
  ...defaultRetryPolicy,
  baseMs: 10,
  ceilingMs: 20,
  attempts: 3,
  looksMs: [10, 10, 10, 10],
  absenceGapMs: 10,
  holdMs: 20,
};

/** What a vendor holds, and every call that changed or tried to change it. */
class Vendor {
  objects = new Map<string, number>();
  calls: string[] = [];

  create(name: string): string {
    this.calls.push(`create ${name}`);
    this.objects.set(name, (this.objects.get(name) ?? 0) + 1);
    return name;
  }

  find(name: string): string | undefined {
    return this.objects.has(name) ? name : undefined;
  }

  remove(name: string): void {
    this.calls.push(`remove ${name}`);
    this.objects.delete(name);
  }
}

const noPorts = new (class extends OrderPorts {
  find() {
    return Promise.resolve(undefined);
  }
  at() {
    return Promise.reject(new Error('there is no connection'));
  }
})();

describe('the provisioning engine', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let vendor: Vendor;
  let journal: Journal;
  let serviceId: string;
  let customerId: string;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource({
      ...dataSourceOptions({ url: database.url }),
      entities: [ProvisioningTask, ProvisioningStep, ProvisioningEvent],
    }).initialize();
    journal = new Journal(dataSource, new NoWakeUps());
  }, 120_000);

  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  beforeEach(async () => {
    vendor = new Vendor();
    const product = newId();
    serviceId = newId();
    customerId = newId();
    await dataSource.query(
      `INSERT INTO products (id, slug, name, description, type) VALUES ($1, $2, 'n', 'd', 'hosting')`,
      [product, product],
    );
    await dataSource.query(`INSERT INTO customers (id, name, email) VALUES ($1, 'n', $2)`, [
      customerId,
      `${customerId}@example.test`,
    ]);
    await dataSource.query(`INSERT INTO services (id, customer_id, product_id, type) VALUES ($1, $2, $3, 'hosting')`, [
      serviceId,
      customerId,
      product,
    ]);
  });

  const runners: Leases[] = [];
  afterEach(() => runners.splice(0).forEach((leases) => leases.onApplicationShutdown()));

  function runner(recipe: Recipe): TaskRunner {
    const leases = new Leases(journal);
    runners.push(leases);
    return new TaskRunner(
      dataSource,
      journal,
      leases,
      new RecipeRegistry([recipe]),
      noPorts,
      new StepRunner(journal, leases, policy, connectionGates(dataSource, journal)),
    );
  }

  const hooks = {
    load: () => Promise.resolve({}),
    bindingOf: () => ({ productId: newId(), productType: 'hosting' }),
  };
  const object = (name: string) => ({
    look: () => Promise.resolve(vendor.find(name)),
    run: () => Promise.resolve(vendor.create(name)),
    undo: () => Promise.resolve(vendor.remove(name)),
  });
  const create = (recipe: Recipe) =>
    dataSource.transaction((manager) => journal.create(manager, recipe, { serviceId, customerId, input: {} }));
  const statesOf = async (taskId: string) =>
    Object.fromEntries((await journal.steps(taskId)).map((step) => [step.name, step.state]));

  /** Drives until the task rests, as wake-ups would. */
  async function finish(taskRunner: TaskRunner, taskId: string): Promise<ProvisioningTask> {
    for (let turn = 0; turn < 60; turn += 1) {
      await taskRunner.drive(taskId);
      const task = await journal.task(taskId);
      if (task !== null && !['queued', 'running', 'waiting'].includes(task.status)) return task;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the task does not rest: ${JSON.stringify(await statesOf(taskId))}`);
  }

  it('runs steps after those they depend on, and independent ones at the same time', async () => {
    let here = 0;
    let open: () => void;
    const bothHere = new Promise<void>((resolve) => (open = resolve));
    const meeting = (name: string) => ({
      ...object(name),
      run: async () => {
        here += 1;
        if (here === 2) open();
        await bothHere;
        return vendor.create(name);
      },
    });
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .step('b', { after: ['a'], ...meeting('b') })
      .step('c', { after: ['a'], ...meeting('c') })
      .pivot('d', { run: () => Promise.resolve(vendor.create('d')) })
      .then_('e', { run: () => Promise.resolve(vendor.create('e')) })
      .build();
    const task = await finish(runner(recipe), await create(recipe));
    expect(task.status).toBe('completed');
    expect(vendor.calls[0]).toBe('create a');
    expect(vendor.calls.slice(-2)).toEqual(['create d', 'create e']);
  });

  it('lets two workers drive one task at once and does every step once', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .step('b', object('b'))
      .step('c', { after: ['a', 'b'], ...object('c') })
      .build();
    const id = await create(recipe);
    const [one, two] = [runner(recipe), runner(recipe)];
    await Promise.all([one.drive(id), two.drive(id), one.drive(id)]);
    expect((await finish(one, id)).status).toBe('completed');
    expect(vendor.calls.toSorted()).toEqual(['create a', 'create b', 'create c']);
  });

  it('adopts what a dead worker had made, without making it again', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .build();
    const id = await create(recipe);
    const [step] = await journal.steps(id);
    await journal.claim(step?.id ?? '', 'a worker that dies');
    vendor.create('a');
    await dataSource.query(`UPDATE provisioning_steps SET lease_until = now() - interval '1 s' WHERE task_id = $1`, [
      id,
    ]);
    expect((await finish(runner(recipe), id)).status).toBe('completed');
    expect(vendor.calls).toEqual(['create a']);
    expect((await journal.steps(id))[0]).toMatchObject({ evidence: { found: true }, crashes: 1 });
  });

  it('keeps the write of a worker that was overtaken from changing anything', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .build();
    const id = await create(recipe);
    const [step] = await journal.steps(id);
    const zombie = await journal.claim(step?.id ?? '', 'zombie');
    await dataSource.query(`UPDATE provisioning_steps SET lease_until = now() - interval '1 s' WHERE task_id = $1`, [
      id,
    ]);
    await finish(runner(recipe), id);
    if (zombie === undefined) throw new Error('the step was not claimed');
    expect(await journal.record(zombie, { state: 'failed', error: 'too late' })).toBe(false);
    expect(await statesOf(id)).toEqual({ a: 'completed' });
  });

  it('adopts the effect of a call whose answer was lost', async () => {
    let calls = 0;
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', {
        ...object('a'),
        run: () => {
          calls += 1;
          vendor.create('a');
          return Promise.reject(new PortError('outcome-unknown', 'no answer'));
        },
      })
      .build();
    const task = await finish(runner(recipe), await create(recipe));
    expect(task.status).toBe('completed');
    expect(calls).toBe(1);
    expect(vendor.objects.get('a')).toBe(1);
  });

  it('acts again after an unknown outcome only when absence was seen twice', async () => {
    let looks = 0;
    const looksBeforeRun: number[] = [];
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', {
        ...object('a'),
        look: () => {
          looks += 1;
          return Promise.resolve(vendor.find('a'));
        },
        run: () => {
          looksBeforeRun.push(looks);
          if (looksBeforeRun.length === 1) return Promise.reject(new PortError('outcome-unknown', 'no answer'));
          return Promise.resolve(vendor.create('a'));
        },
      })
      .build();
    expect((await finish(runner(recipe), await create(recipe))).status).toBe('completed');
    expect(looksBeforeRun).toEqual([1, 3]);
  });

  it('asks a person when it cannot find out what happened', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', { ...object('a'), run: () => Promise.reject(new PortError('outcome-unknown', 'no answer')) })
      .build();
    const task = await finish(runner(recipe), await create(recipe));
    expect(task.status).toBe('needs_attention');
    expect(await statesOf(task.id)).toEqual({ a: 'unknown' });
  });

  it('does not count tries against a vendor that asks for patience', async () => {
    let calls = 0;
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', {
        ...object('a'),
        run: () => {
          calls += 1;
          if (calls <= 6) return Promise.reject(new PortError('rate-limited', 'slow down', { retryAfterMs: 5 }));
          return Promise.resolve(vendor.create('a'));
        },
      })
      .build();
    expect((await finish(runner(recipe), await create(recipe))).status).toBe('completed');
    expect(calls).toBe(7);
  });

  it('takes everything back, last first, when a step fails for good before the pivot', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .step('b', { after: ['a'], ...object('b') })
      .step('c', { after: ['b'], ...object('c'), run: () => Promise.reject(new PortError('invalid-input', 'never')) })
      .pivot('d', { run: () => Promise.resolve(vendor.create('d')) })
      .build();
    const task = await finish(runner(recipe), await create(recipe));
    expect(task).toMatchObject({ status: 'failed', error: 'never', errorCode: 'invalid-input' });
    expect(vendor.calls).toEqual(['create a', 'create b', 'remove c', 'remove b', 'remove a']);
    expect(await statesOf(task.id)).toEqual({ a: 'compensated', b: 'compensated', c: 'compensated', d: 'pending' });
  });

  it('keeps the first error and asks a person when taking back does not work', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', { ...object('a'), undo: () => Promise.reject(new PortError('wrong-state', 'no way')) })
      .step('b', {
        after: ['a'],
        ...object('b'),
        run: () => Promise.reject(new PortError('invalid-input', 'the cause')),
      })
      .build();
    const task = await finish(runner(recipe), await create(recipe));
    expect(task).toMatchObject({ status: 'needs_attention', direction: 'undo', error: 'the cause' });
    expect(await statesOf(task.id)).toEqual({ a: 'undoing', b: 'compensated' });
  });

  it('never takes back once money was spent', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .pivot('d', { run: () => Promise.resolve(vendor.create('d')) })
      .then_('e', { run: () => Promise.reject(new PortError('invalid-input', 'never')) })
      .build();
    const task = await finish(runner(recipe), await create(recipe));
    expect(task.status).toBe('needs_attention');
    expect(vendor.calls).toEqual(['create a', 'create d']);
  });

  it('finishes degraded when only an optional step does not get on', async () => {
    const degraded: string[][] = [];
    const recipe = defineRecipe<object>('t', {
      version: 1,
      ...hooks,
      completed: (_manager, _order, names) => {
        degraded.push(names);
        return Promise.resolve();
      },
    })
      .step('a', object('a'))
      .pivot('d', { run: () => Promise.resolve(vendor.create('d')) })
      .then_('ssl', { optional: 'degraded', run: () => Promise.reject(new PortError('invalid-input', 'not now')) })
      .build();
    expect((await finish(runner(recipe), await create(recipe))).status).toBe('completed');
    expect(degraded.at(-1)).toEqual(['ssl']);
  });

  it('stops and takes back when asked to while running', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .step('b', {
        after: ['a'],
        ...object('b'),
        run: async () => {
          await dataSource.query(`UPDATE provisioning_tasks SET cancel_requested_at = now() WHERE service_id = $1`, [
            serviceId,
          ]);
          return vendor.create('b');
        },
      })
      .step('c', { after: ['b'], ...object('c') })
      .build();
    const task = await finish(runner(recipe), await create(recipe));
    expect(task.status).toBe('cancelled');
    expect(vendor.calls).toEqual(['create a', 'create b', 'remove b', 'remove a']);
  });

  it('puts a step aside that takes its worker down again and again', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .build();
    const id = await create(recipe);
    const [step] = await journal.steps(id);
    for (let crash = 0; crash < policy.crashes; crash += 1) {
      await journal.claim(step?.id ?? '', 'a worker that dies');
      await dataSource.query(`UPDATE provisioning_steps SET lease_until = now() - interval '1 s' WHERE task_id = $1`, [
        id,
      ]);
    }
    expect((await finish(runner(recipe), id)).status).toBe('needs_attention');
    expect(vendor.calls).toEqual([]);
  });

  it('allows one open task per service, by constraint', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .build();
    await create(recipe);
    await expect(create(recipe)).rejects.toThrow(/provisioning_tasks_open_key/);
  });

  it('tells what happened as an ordered list of events', async () => {
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', object('a'))
      .build();
    const { id } = await finish(runner(recipe), await create(recipe));
    const events = await dataSource.manager.find(ProvisioningEvent, { where: { taskId: id }, order: { id: 'ASC' } });
    expect(events.map((event) => event.type)).toEqual([
      'task.queued',
      'task.started',
      'step.started',
      'step.completed',
      'task.completed',
    ]);
  });
});
