import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MemoryHostingServer } from '@keelson/testing/memory';
import { invariants, sound } from '../../test/invariants.js';
import { isAtRest, ProvisioningHarness } from '../../test/provisioning-harness.js';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import { hostingRecipe } from './hosting.recipe.js';

describe('hosting.provision on servers with few slots', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    await harness.dataSource.query('UPDATE servers SET capacity = 0');
  });

  it('waits, with the reason, while there is no room, and goes on by itself when a server is added', async () => {
    const { taskId } = await harness.order();
    await harness.runner().drive(taskId);
    const view = await harness.provisioning.view(taskId);
    expect(view.status).toBe('waiting');
    expect(view.timeline[0]).toMatchObject({
      step: 'assign_server',
      status: 'waiting',
      errorCode: 'invalid-config',
      error: 'No online server of the group default has a free slot: add a server or raise a capacity.',
    });
    expect(await invariants(harness)).toEqual(sound);
    await harness.addServer('web2', 1);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ slots: 1, accounts: 1 });
  });

  it('uses the default server of the installation while it has room', async () => {
    await harness.addServer('web2', 10);
    const preferred = await harness.addServer('web3', 1);
    const settings = { ...harness.settings, defaultServerId: 'web3' };
    const registry = new RecipeRegistry([hostingRecipe({ ...harness.tools, settings })]);
    for (const domain of ['one.example', 'two.example']) {
      const { taskId } = await harness.order({ domain });
      expect((await harness.finish(taskId, isAtRest, harness.runner(harness.journal, registry))).status).toBe(
        'completed',
      );
    }
    expect([...preferred.accounts.values()].map(({ domain }) => domain)).toEqual(['one.example']);
  });

  it('gives sixty slots on three servers to sixty of a hundred orders at once, and the others wait', async () => {
    harness.policy = { ...harness.policy, holdMs: 600_000 };
    const panels: MemoryHostingServer[] = [];
    for (const name of ['web2', 'web3', 'web4']) panels.push(await harness.addServer(name, 20));
    const orders: { taskId: string }[] = [];
    for (let index = 0; index < 100; index += 1) orders.push(await harness.order({ domain: undefined }));
    const runners = [harness.runner(), harness.runner()];
    await Promise.all(orders.map(async ({ taskId }, index) => runners[index % 2]?.drive(taskId)));
    const stats = await harness.provisioning.stats();
    expect(stats).toMatchObject({ completed: 60, waiting: 40, failed: 0, needs_attention: 0 });
    expect(panels.map((panel) => panel.accounts.size)).toEqual([20, 20, 20]);
    expect(await harness.holdings()).toMatchObject({ slots: 60, accounts: 60 });
    const servers = await harness.dataSource.query<{ used: number; held: number }[]>(
      'SELECT used, (SELECT count(*)::int FROM services WHERE server_id = servers.id) AS held FROM servers',
    );
    for (const { used, held } of servers) expect(used).toBe(held);
    expect(await invariants(harness)).toEqual(sound);
  });
});
