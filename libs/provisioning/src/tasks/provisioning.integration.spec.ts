import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { newId } from '@keelson/database';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { TaskConflictError, TaskNotFoundError } from './task.errors.js';

describe('ProvisioningService', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const refusal = new PortError('invalid-input', 'The vendor refuses it for good.');
  const failing = async (domain = 'shop.example') => {
    harness.panel.calls.set({ method: 'ensureAccount', times: 1, error: refusal });
    const order = await harness.order({ domain });
    expect((await harness.finish(order.taskId)).status).toBe('failed');
    return order;
  };
  const conflict = async (work: Promise<unknown>) => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof TaskConflictError)) throw new Error(`no conflict: ${String(error)}`);
    return error;
  };

  describe('start', () => {
    it('queues a task with every step of the newest recipe', async () => {
      const { taskId, serviceId } = await harness.order();
      const view = await harness.provisioning.view(taskId);
      expect(view).toMatchObject({ status: 'queued', serviceId, recipe: 'hosting.provision', progress: 0 });
      expect(Object.values(view.steps).every((status) => status === 'pending')).toBe(true);
    });

    it('refuses a second task while one is open, and names the one', async () => {
      const { taskId, serviceId } = await harness.order();
      expect((await conflict(harness.start(serviceId))).taskId).toBe(taskId);
    });

    it('lets one of many that start at once succeed', async () => {
      const { id } = await harness.service();
      const started = await Promise.allSettled(Array.from({ length: 10 }, () => harness.start(id)));
      expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('refuses a service that is provisioned', async () => {
      const { taskId, serviceId } = await harness.order();
      await harness.finish(taskId);
      expect(await conflict(harness.start(serviceId))).toMatchObject({
        message: 'The service is active: it is provisioned already.',
        taskId,
      });
    });

    it('takes a failed service up again with a new task, after which the old one is history', async () => {
      const { taskId, serviceId } = await failing();
      const second = await harness.start(serviceId);
      expect((await conflict(harness.provisioning.retry(taskId))).taskId).toBe(second.taskId);
      expect((await harness.finish(second.taskId)).status).toBe('completed');
      await conflict(harness.provisioning.retry(taskId));
      expect(await harness.holdings()).toMatchObject({ accounts: 1, slots: 1 });
    });
  });

  describe('retry', () => {
    it('makes a failed order anew, and counts tries from the start', async () => {
      const { taskId, serviceId } = await failing();
      await harness.provisioning.retry(taskId);
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'provisioning' });
      expect(await harness.provisioning.view(taskId)).toMatchObject({ status: 'queued', error: undefined });
      expect(await harness.finish(taskId)).toMatchObject({ status: 'completed', error: null, errorCode: null });
    });

    it('goes on from where a job stopped that needed a person', async () => {
      harness.registrar.calls.set({ method: 'registerDomain', error: new PortError('internal', 'Nonsense.') });
      const { taskId } = await harness.order({ domainMode: 'new_registration' });
      expect((await harness.finish(taskId)).status).toBe('needs_attention');
      harness.registrar.calls.clear();
      await harness.provisioning.retry(taskId);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(await harness.holdings()).toMatchObject({ accounts: 1, domains: 1, payments: 1 });
    });

    it('does not wait any longer for what waits', async () => {
      harness.policy = { ...harness.policy, holdMs: 3_600_000 };
      harness.panel.calls.set({ method: 'ensureAccount', times: 1, error: new PortError('invalid-config', 'No key.') });
      const { taskId } = await harness.order();
      await harness.runner().drive(taskId);
      expect(await harness.statesOf(taskId)).toMatchObject({ create_account: 'waiting' });
      await harness.provisioning.retry(taskId);
      await harness.runner().drive(taskId);
      expect(await harness.journal.task(taskId)).toMatchObject({ status: 'completed' });
    });

    it('refuses to make a service that was given up, whichever way it is asked', async () => {
      const { taskId, serviceId } = await failing();
      const why = 'The money was given back.';
      await harness.dataSource.query('UPDATE services SET termination_reason = $2 WHERE id = $1', [serviceId, why]);
      expect(await conflict(harness.provisioning.retry(taskId))).toMatchObject({
        taskId,
        message: 'Nothing is made for this service any more: The money was given back. It takes a new order.',
      });
      expect((await conflict(harness.start(serviceId))).message).toContain(why);
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'failed' });
      await harness.provisioning.clearFailed();
      await conflict(harness.start(serviceId));
    });

    it('refuses it also when it is given up while the retry waits for the service', async () => {
      const { taskId, serviceId } = await failing();
      let retried: Promise<unknown> = Promise.resolve();
      await harness.dataSource.transaction(async (manager) => {
        await manager.query(`UPDATE services SET termination_reason = 'Over.' WHERE id = $1`, [serviceId]);
        retried = conflict(harness.provisioning.retry(taskId));
        await isBlocked(harness);
      });
      expect(await retried).toMatchObject({ message: expect.stringContaining('Over.') });
    });

    it('goes on with what cannot be taken back, so that the service can be terminated', async () => {
      const { taskId, serviceId } = await harness.order({ domain: 'bought.example', domainMode: 'new_registration' });
      await harness.dataSource.query(`UPDATE services SET termination_reason = 'Over.' WHERE id = $1`, [serviceId]);
      await harness.dataSource.query(
        `UPDATE provisioning_steps SET state = 'completed' WHERE task_id = $1 AND name = 'register_domain'`,
        [taskId],
      );
      await harness.dataSource.query(`UPDATE provisioning_tasks SET status = 'needs_attention' WHERE id = $1`, [
        taskId,
      ]);
      await harness.provisioning.retry(taskId);
      expect((await harness.provisioning.view(taskId)).status).toBe('queued');
    });

    it('refuses what is queued, done or cancelled', async () => {
      const { taskId } = await harness.order();
      expect((await conflict(harness.provisioning.retry(taskId))).message).toContain('queued');
      await harness.finish(taskId);
      expect((await conflict(harness.provisioning.retry(taskId))).message).toContain('completed');
      const second = await harness.order({ domain: 'two.example' });
      await harness.provisioning.cancel(second.taskId);
      await harness.finish(second.taskId);
      expect((await conflict(harness.provisioning.retry(second.taskId))).message).toContain('cancelled');
      await expect(harness.provisioning.retry(newId())).rejects.toThrow(TaskNotFoundError);
    });
  });

  describe('cancel', () => {
    it('stops a job that has not begun, and leaves the domain free for another order', async () => {
      const { taskId, serviceId } = await harness.order();
      await harness.provisioning.cancel(taskId);
      await harness.provisioning.cancel(taskId);
      expect(await harness.finish(taskId)).toMatchObject({ status: 'cancelled', errorCode: 'cancelled' });
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'cancelled' });
      expect(harness.panel.calls.ledger.entries()).toEqual([]);
      const again = await harness.order();
      expect((await harness.finish(again.taskId)).status).toBe('completed');
    });

    it('refuses what is over', async () => {
      const { taskId } = await harness.order();
      await harness.finish(taskId);
      expect((await conflict(harness.provisioning.cancel(taskId))).message).toContain('completed');
      await expect(harness.provisioning.cancel(newId())).rejects.toThrow(TaskNotFoundError);
    });

    it('ends a job that needs a person before money was spent', async () => {
      harness.mailboxes.calls.set({ method: 'ensureMailbox', error: new PortError('internal', 'Nonsense.') });
      const { taskId } = await harness.order();
      expect((await harness.finish(taskId)).status).toBe('needs_attention');
      await harness.provisioning.cancel(taskId);
      expect((await harness.finish(taskId)).status).toBe('cancelled');
      expect(await harness.holdings()).toMatchObject({ accounts: 0, slots: 0, zones: 0 });
    });

    it('makes a failing job end as cancelled, so that nobody retries it', async () => {
      harness.mailboxes.calls.set({ method: 'ensureMailbox', error: refusal });
      harness.names.calls.set({ method: 'removeZone', error: new PortError('wrong-state', 'Locked.') });
      const { taskId } = await harness.order();
      expect((await harness.finish(taskId)).status).toBe('needs_attention');
      harness.names.calls.clear();
      await harness.provisioning.cancel(taskId);
      await harness.provisioning.retry(taskId);
      expect((await harness.finish(taskId)).status).toBe('cancelled');
    });
  });

  describe('what it shows', () => {
    it('lists tasks, newest first, of a customer, a service or a status', async () => {
      const failed = await failing('one.example');
      const second = await harness.order({ domain: 'two.example' });
      const ids = async (filter: object) => {
        const { items, total } = await harness.provisioning.list({ limit: 10, offset: 0, ...filter });
        expect(total).toBe(items.length);
        return items.map(({ id }) => id);
      };
      expect(await ids({})).toEqual([second.taskId, failed.taskId]);
      expect(await ids({ status: 'failed' })).toEqual([failed.taskId]);
      expect(await ids({ serviceId: second.serviceId })).toEqual([second.taskId]);
      expect(await ids({ customerId: newId() })).toEqual([]);
      const page = await harness.provisioning.list({ limit: 1, offset: 1 });
      expect(page).toMatchObject({ total: 2, items: [{ id: failed.taskId }] });
    });

    it('counts every status, those that nobody is in too', async () => {
      await failing();
      const second = await harness.order({ domain: 'two.example' });
      await harness.finish(second.taskId);
      await harness.order({ domain: 'three.example' });
      expect(await harness.provisioning.stats()).toEqual({
        queued: 1,
        running: 0,
        waiting: 0,
        completed: 1,
        failed: 1,
        cancelled: 0,
        needs_attention: 0,
      });
    });

    it('tells a timeline with connection, worker and length, and hides it from other customers', async () => {
      const { taskId } = await harness.order();
      await harness.finish(taskId);
      const view = await harness.provisioning.view(taskId, harness.customer.id);
      expect(view).toMatchObject({ status: 'completed', progress: 100 });
      const account = view.timeline.find(({ step }) => step === 'create_account');
      expect(account).toMatchObject({ status: 'completed', connection: 'memory provisioner', attempt: 1 });
      expect(account?.durationMs).toBeGreaterThanOrEqual(0);
      expect(account?.worker).toMatch(/:\d+:/);
      await expect(harness.provisioning.view(taskId, newId())).rejects.toThrow(TaskNotFoundError);
    });

    it('tells events in order, from any point on', async () => {
      const { taskId } = await failing();
      const events = await harness.provisioning.events(taskId, '0', { over: true });
      const types = events.map(({ type, step }) => [type, step].filter(Boolean).join(' '));
      expect(types.slice(0, 4)).toEqual([
        'task.queued',
        'task.started',
        'step.started assign_server',
        'step.completed assign_server',
      ]);
      expect(types.at(-1)).toBe('task.failed');
      const rest = await harness.provisioning.events(taskId, events[2]?.id, { over: true });
      expect(rest).toEqual(events.slice(3));
    });

    it('lists what failed or needs a person, and forgets only what failed', async () => {
      const failed = await failing('one.example');
      harness.mailboxes.calls.set({ method: 'ensureMailbox', error: new PortError('internal', 'Nonsense.') });
      const stuck = await harness.order({ domain: 'two.example' });
      await harness.finish(stuck.taskId);
      const page = { limit: 10, offset: 0 };
      expect((await harness.provisioning.failed(page)).items.map(({ id }) => id)).toEqual([
        stuck.taskId,
        failed.taskId,
      ]);
      expect(await harness.provisioning.clearFailed()).toBe(1);
      expect(await harness.provisioning.failed(page)).toMatchObject({ total: 1, items: [{ id: stuck.taskId }] });
      expect(await harness.row('services', failed.serviceId)).toMatchObject({ status: 'failed' });
    });
  });
});

/** Until somebody waits for a row that another holds. */
async function isBlocked({ dataSource }: ProvisioningHarness): Promise<void> {
  for (;;) {
    const [row] = await dataSource.query<{ waiting: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()) AS waiting`,
    );
    if (row?.waiting === true) return;
  }
}
