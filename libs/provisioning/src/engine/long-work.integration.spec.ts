import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { newId } from '@keelson/database';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { RecipeRegistry } from './recipe-registry.js';
import { defineRecipe, Pending, type Recipe } from './recipe.js';

describe('work that takes a vendor days', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const hooks = {
    load: async () => ({}),
    bindingOf: () => ({ productId: newId(), productType: 'hosting' as const }),
  };

  async function begin(recipe: Recipe) {
    const { id: serviceId } = await harness.service();
    const customerId = harness.customer.id;
    const taskId = await harness.dataSource.transaction((manager) =>
      harness.journal.create(manager, recipe, { serviceId, customerId, input: {} }),
    );
    return { taskId, runner: harness.runner(harness.journal, new RecipeRegistry([recipe])) };
  }

  it('survives trouble now and then: tries are counted anew after every clear answer', async () => {
    let calls = 0;
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', {
        run: () => {
          calls += 1;
          if (calls > 12) return Promise.resolve({});
          if (calls % 2 === 0) return Promise.resolve(new Pending(new Date(), 'at work'));
          return Promise.reject(new PortError(calls % 4 === 1 ? 'unavailable' : 'outcome-unknown', 'not now'));
        },
        undo: () => Promise.resolve(),
      })
      .build();
    const { taskId, runner } = await begin(recipe);
    expect(await harness.finish(taskId, undefined, runner)).toMatchObject({ status: 'completed' });
    expect(calls).toBe(13);
  });

  it('is looked at again when somebody calls while this process is at the task, which is not driven twice', async () => {
    let goOn!: () => void;
    const answered = new Promise<object>((resolve) => (goOn = () => resolve({})));
    let tries = 0;
    const later = new Date(Date.now() + 3_600_000);
    const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('slow', { run: () => answered, undo: () => Promise.resolve() })
      .step('pending', {
        run: () => Promise.resolve((tries += 1) === 1 ? new Pending(later, 'at work') : {}),
        undo: () => Promise.resolve(),
      })
      .build();
    const { taskId, runner } = await begin(recipe);
    const states = async () => (await harness.journal.steps(taskId)).map(({ state }) => state);
    const driven = runner.drive(taskId);
    while ((await states())[1] !== 'waiting') await sleep(5);
    await harness.dataSource.query(
      "UPDATE provisioning_steps SET next_attempt_at = now() WHERE task_id = $1 AND name = 'pending'",
      [taskId],
    );
    await runner.drive(taskId);
    while ((await states())[1] !== 'completed') await sleep(5);
    expect(await states()).toEqual(['intent', 'completed']);
    goOn();
    await driven;
    expect(await harness.journal.task(taskId)).toMatchObject({ status: 'completed', wakeCount: 2 });
  });
});
