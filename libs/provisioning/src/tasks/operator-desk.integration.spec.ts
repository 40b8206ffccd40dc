import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { OperatorDesk } from './operator-desk.service.js';

describe('the operator desk', () => {
  let harness: ProvisioningHarness;
  let desk: OperatorDesk;
  const by = 'otto@keelson.test';

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    desk = new OperatorDesk(harness.dataSource, harness.journal, harness.registry);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  /** An order of a virtual machine that no server makes, up to where a person has to. */
  async function machine() {
    const order = await harness.service({ type: 'vps' });
    await harness.dataSource.query(`UPDATE products SET server_group = 'vps' WHERE type = 'vps'`);
    const { taskId } = await harness.start(order.id);
    return { serviceId: order.id, taskId, task: await harness.finish(taskId) };
  }

  it('asks for a machine that no server makes, and goes on with the address that it is given', async () => {
    const { serviceId, taskId, task } = await machine();
    expect(task).toMatchObject({ status: 'needs_attention', error: expect.stringContaining('Set up a Starter') });
    await desk.markDone(taskId, 'fulfil_by_hand', {
      by,
      evidence: 'ticket 17',
      output: { ip: '192.0.2.44', username: 'root', panelUrl: 'https://vps.example/' },
    });
    expect(await harness.finish(taskId)).toMatchObject({ status: 'completed', error: null });
    expect(await harness.row('services', serviceId)).toMatchObject({
      status: 'active',
      ip: '192.0.2.44',
      username: 'root',
    });
    expect(await harness.holdings()).toMatchObject({ accounts: 0, slots: 0, zones: 1, mails: 1 });
    const step = (await harness.journal.steps(taskId)).find(({ name }) => name === 'fulfil_by_hand');
    expect(step).toMatchObject({ state: 'completed', evidence: { byHand: 'ticket 17', by }, given: null });
  });

  it.each([
    [{}, /ip has to be/],
    [{ ip: 'nonsense' }, /ip has to be/],
    [{ ip: '192.0.2.44', panelUrl: 'javascript:alert(1)' }, /panelUrl/],
    [{ ip: '192.0.2.44', username: 'a\r\nb' }, /username/],
  ])('refuses what does not fit the step: %j', async (output, message) => {
    const { taskId } = await machine();
    await expect(desk.markDone(taskId, 'fulfil_by_hand', { by, evidence: 'x', output })).rejects.toThrow(message);
    expect((await harness.journal.task(taskId))?.status).toBe('needs_attention');
  });

  it('passes over a step with a reason, and the task goes on without it', async () => {
    const { taskId, serviceId } = await machine();
    await desk.skip(taskId, 'fulfil_by_hand', { by, reason: 'the customer brings his own' });
    expect(await harness.finish(taskId)).toMatchObject({ status: 'completed' });
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', ip: null });
    const events = await harness.provisioning.events(taskId, '0', { over: true });
    expect(events.find(({ type }) => type === 'step.passed_over')).toMatchObject({
      step: 'fulfil_by_hand',
      data: { by, reason: 'the customer brings his own' },
    });
  });

  it('leaves a step that finds its effect itself to a retry', async () => {
    const { taskId } = await machine();
    await expect(
      desk.markDone(taskId, 'setup_dns', { by, evidence: 'I made the zone', output: { zone: 'shop.example' } }),
    ).rejects.toThrow(/retry the job/);
  });

  it('takes back by hand what was made by hand, when the order is cancelled', async () => {
    const { taskId, serviceId } = await machine();
    // The zone cannot be made for now, so that the cancellation comes after the machine was set up.
    harness.names.calls.set({ error: new PortError('unavailable', 'The name server is away.') });
    harness.policy = { ...harness.policy, holdMs: 60_000, baseMs: 60_000, ceilingMs: 60_000 };
    await desk.markDone(taskId, 'fulfil_by_hand', { by, evidence: 'ticket 17', output: { ip: '192.0.2.44' } });
    await harness.runner().drive(taskId);
    expect(await harness.statesOf(taskId)).toMatchObject({ fulfil_by_hand: 'completed', setup_dns: 'waiting' });
    harness.names.calls.clear();
    await harness.provisioning.cancel(taskId);
    expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention' });
    await desk.markDone(taskId, 'fulfil_by_hand', { by, evidence: 'machine deleted' });
    expect(await harness.finish(taskId)).toMatchObject({ status: 'cancelled' });
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'cancelled', ip: null });
  });

  it('decides nothing about steps that are done, jobs that are over, and names that do not exist', async () => {
    const { taskId } = await machine();
    await expect(desk.skip(taskId, 'assign_server', { by, reason: 'x' })).rejects.toThrow(/skipped already/);
    await expect(desk.skip(taskId, 'no_such', { by, reason: 'x' })).rejects.toThrow(/no such step/);
    await desk.skip(taskId, 'fulfil_by_hand', { by, reason: 'x' });
    await harness.finish(taskId);
    await expect(desk.skip(taskId, 'fulfil_by_hand', { by, reason: 'x' })).rejects.toThrow(/completed/);
  });
});
