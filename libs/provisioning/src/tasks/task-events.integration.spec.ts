import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

describe('the events of a task', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  /** Reads until there are so many: transactions of other spec files on the same server hold events back too. */
  async function eventsAfter(taskId: string, after: string, count: number) {
    for (;;) {
      const events = await harness.provisioning.events(taskId, after);
      if (events.length >= count) return events;
      await sleep(20);
    }
  }

  it('come in order, and none is missed by a reader when an earlier one is committed later', async () => {
    const { taskId } = await harness.order();
    const first = await eventsAfter(taskId, '0', 1);
    expect(first.map(({ type }) => type)).toEqual(['task.queued']);
    const after = first.at(-1)?.id ?? '';
    const slow = harness.dataSource.createQueryRunner();
    await slow.startTransaction();
    const insert = 'INSERT INTO provisioning_events (task_id, type) VALUES ($1, $2)';
    await slow.query(insert, [taskId, 'slow']);
    await harness.dataSource.query(insert, [taskId, 'fast']);
    expect(await harness.provisioning.events(taskId, after)).toEqual([]);
    await slow.commitTransaction();
    await slow.release();
    expect((await eventsAfter(taskId, after, 2)).map(({ type }) => type)).toEqual(['slow', 'fast']);
  });

  it('are all there once it is over, whatever else is going on', async () => {
    const { taskId } = await harness.order();
    const other = harness.dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query('SELECT pg_current_xact_id()');
    await harness.finish(taskId);
    expect((await harness.provisioning.events(taskId, '0', { over: true })).at(-1)?.type).toBe('task.completed');
    await other.rollbackTransaction();
    await other.release();
  });
});
