import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { newId } from '@keelson/database';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { RecipeRegistry } from './recipe-registry.js';
import { defineRecipe, Pending } from './recipe.js';

describe('work that takes a vendor days', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  it('survives trouble now and then: tries are counted anew after every clear answer', async () => {
    let calls = 0;
    const hooks = {
      load: async () => ({}),
      bindingOf: () => ({ productId: newId(), productType: 'hosting' as const }),
    };
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
    const { id: serviceId } = await harness.service();
    const customerId = harness.customer.id;
    const taskId = await harness.dataSource.transaction((manager) =>
      harness.journal.create(manager, recipe, { serviceId, customerId, input: {} }),
    );
    const runner = harness.runner(harness.journal, new RecipeRegistry([recipe]));
    expect(await harness.finish(taskId, undefined, runner)).toMatchObject({ status: 'completed' });
    expect(calls).toBe(13);
  });
});
