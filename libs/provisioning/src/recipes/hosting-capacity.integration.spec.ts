import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

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
    expect(await harness.forgotten()).toEqual([]);
    await harness.addServer('web2', 1);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ slots: 1, accounts: 1 });
  });

  it('gives sixty slots on three servers to sixty of a hundred orders at once, and the others wait', async () => {
    harness.policy = { ...harness.policy, holdMs: 600_000 };
    const panels = await Promise.all(['web2', 'web3', 'web4'].map((name) => harness.addServer(name, 20)));
    const orders = [];
    for (let index = 0; index < 100; index += 1) orders.push(await harness.order({ domain: undefined }));
    const runners = [harness.runner(), harness.runner()];
    await Promise.all(orders.map(({ taskId }, index) => runners[index % 2]?.drive(taskId)));
    const stats = await harness.provisioning.stats();
    expect(stats).toMatchObject({ completed: 60, waiting: 40, failed: 0, needs_attention: 0 });
    expect(panels.map((panel) => panel.accounts.size)).toEqual([20, 20, 20]);
    expect(await harness.holdings()).toMatchObject({ slots: 60, accounts: 60 });
    const servers = await harness.dataSource.query<{ used: number; held: number }[]>(
      'SELECT used, (SELECT count(*)::int FROM services WHERE server_id = servers.id) AS held FROM servers',
    );
    for (const { used, held } of servers) expect(used).toBe(held);
    expect(await harness.forgotten()).toEqual([]);
  });
});
