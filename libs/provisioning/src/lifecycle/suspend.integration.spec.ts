import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { deaths } from '../../test/dying-journal.js';
import { admin, LifecycleHarness, operator } from '../../test/lifecycle-harness.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { automation } from './requester.types.js';

const reason = 'The invoice is overdue.';

describe('suspending and unsuspending a service', () => {
  let harness: ProvisioningHarness;
  let services: LifecycleHarness;
  let serviceId: string;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    services = new LifecycleHarness(harness);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    serviceId = await services.active();
  });

  const account = () => [...harness.panel.accounts.values()][0];
  const mailbox = () => harness.mailboxes.mailboxes.get('admin@shop.example');

  it('closes account, site and mailboxes, and opens them again', async () => {
    expect(await services.do(serviceId, 'suspend', { reason, hold: false })).toMatchObject({
      status: 'completed',
      operation: 'suspend',
      requestedBy: 'user:1',
    });
    expect(account()).toMatchObject({ state: 'suspended', suspendReason: reason });
    expect(mailbox()?.suspended).toBe(true);
    expect(await services.service(serviceId)).toMatchObject({
      status: 'suspended',
      suspend_reason: reason,
      suspend_hold: false,
      suspended_at: expect.any(Date),
      degraded: [],
    });
    expect(await harness.row('websites', serviceId)).toMatchObject({ status: 'suspended' });
    expect(await harness.row('mailboxes', serviceId)).toMatchObject({ status: 'suspended' });

    expect((await services.do(serviceId, 'unsuspend')).status).toBe('completed');
    expect(account()?.state).toBe('active');
    expect(mailbox()?.suspended).toBe(false);
    expect(await services.service(serviceId)).toMatchObject({
      status: 'active',
      suspended_at: null,
      suspend_reason: null,
    });
    expect(await harness.row('websites', serviceId)).toMatchObject({ status: 'active' });
    expect(await harness.row('mailboxes', serviceId)).toMatchObject({ status: 'active' });
    expect(await harness.forgotten()).toEqual([]);
  });

  it('is suspended only when the panel says so', async () => {
    harness.policy = { ...harness.policy, baseMs: 60_000, ceilingMs: 60_000 };
    harness.panel.calls.set({ method: 'suspendAccount', times: 1, error: new PortError('unavailable', 'Later.') });
    const { taskId } = await services.ask(serviceId, 'suspend', { reason });
    await harness.runner().drive(taskId);
    expect(await services.service(serviceId)).toMatchObject({ status: 'active' });
    await harness.pass(taskId, 120_000);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await services.service(serviceId)).toMatchObject({ status: 'suspended' });
  });

  it.each(
    ['suspend_account', 'list_mailboxes', 'suspend_mailboxes'].flatMap((step) =>
      deaths.filter((death) => death !== 'noted' || step === 'suspend_account').map((death) => [step, death] as const),
    ),
  )('ends the same when the worker dies in %s, once it %s', async (step, death) => {
    const { taskId } = await services.ask(serviceId, 'suspend', { reason });
    expect(await services.kill(taskId, step, death)).toBe(true);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(account()?.state).toBe('suspended');
    expect(mailbox()?.suspended).toBe(true);
    expect(await services.service(serviceId)).toMatchObject({ status: 'suspended', degraded: [] });
    expect(await harness.row('mailboxes', serviceId)).toMatchObject({ status: 'suspended' });
    const acts = harness.panel.calls.ledger.entries().filter(({ operation }) => operation === 'suspendAccount');
    expect(acts).toHaveLength(1);
    expect(await harness.forgotten()).toEqual([]);
  });

  it.each(
    ['unsuspend_account', 'unsuspend_mailboxes'].flatMap((step) =>
      deaths
        .filter((death) => death !== 'noted' || step === 'unsuspend_account')
        .map((death) => [step, death] as const),
    ),
  )('is open again when the worker dies in %s, once it %s', async (step, death) => {
    await services.do(serviceId, 'suspend', { reason });
    const { taskId } = await services.ask(serviceId, 'unsuspend');
    expect(await services.kill(taskId, step, death)).toBe(true);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(account()?.state).toBe('active');
    expect(mailbox()?.suspended).toBe(false);
    expect(await services.service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
    const acts = harness.panel.calls.ledger.entries().filter(({ operation }) => operation === 'unsuspendAccount');
    expect(acts).toHaveLength(1);
  });

  it('does not open mailboxes that were closed before', async () => {
    const closed = { address: 'spam@shop.example', password: 'x', suspended: true };
    harness.mailboxes.mailboxes.set(closed.address, closed);
    harness.mailboxes.mailboxes.set('info@shop.example', { ...closed, address: 'info@shop.example', suspended: false });
    await services.do(serviceId, 'suspend', { reason });
    expect([...harness.mailboxes.mailboxes.values()].every(({ suspended }) => suspended)).toBe(true);
    await services.do(serviceId, 'unsuspend');
    expect([...harness.mailboxes.mailboxes.values()].filter(({ suspended }) => suspended)).toEqual([closed]);
  });

  it('leaves mailboxes to the panel that keeps them', async () => {
    const bound = harness.ports.bound.get('mailbox');
    const [connection = ''] = [...harness.ports.servers.keys()];
    if (bound !== undefined) harness.ports.bound.set('mailbox', { ...bound, connectionId: connection });
    await services.do(serviceId, 'suspend', { reason });
    expect(mailbox()?.suspended).toBe(false);
  });

  it('is suspended, and marked, when the mail server refuses', async () => {
    harness.mailboxes.calls.set({ method: 'suspendMailbox', error: new PortError('wrong-state', 'Not now.') });
    expect((await services.do(serviceId, 'suspend', { reason })).status).toBe('completed');
    expect(await services.service(serviceId)).toMatchObject({ status: 'suspended', degraded: ['suspend_mailboxes'] });
    harness.mailboxes.calls.clear();
    await services.do(serviceId, 'suspend', { reason });
    expect(mailbox()?.suspended).toBe(true);
    expect(await services.service(serviceId)).toMatchObject({ degraded: [] });
  });

  it('fails with nothing changed when the account is gone', async () => {
    harness.panel.accounts.clear();
    expect(await services.do(serviceId, 'suspend', { reason })).toMatchObject({
      status: 'failed',
      errorCode: 'not-found',
    });
    expect(await services.service(serviceId)).toMatchObject({ status: 'active', suspended_at: null });
  });

  it('can be called off while the panel is away', async () => {
    harness.panel.calls.set({ method: 'suspendAccount', error: new PortError('unavailable', 'Later.') });
    const { taskId } = await services.ask(serviceId, 'suspend', { reason });
    await harness.runner().drive(taskId);
    await harness.provisioning.cancel(taskId);
    expect((await harness.finish(taskId)).status).toBe('cancelled');
    expect(await services.service(serviceId)).toMatchObject({ status: 'active' });
  });

  it('holds what a person suspended: the automation cannot open it, an administrator can', async () => {
    await services.do(serviceId, 'suspend', { reason: 'It sends spam.' }, operator);
    await services.do(serviceId, 'suspend', { reason }, automation);
    expect(await services.service(serviceId)).toMatchObject({ suspend_hold: true, suspend_reason: 'It sends spam.' });
    for (const who of [automation, operator]) {
      await expect(services.ask(serviceId, 'unsuspend', {}, who)).rejects.toMatchObject({ code: 'service-held' });
    }
    expect((await services.do(serviceId, 'unsuspend', {}, admin)).status).toBe('completed');
    expect(await services.service(serviceId)).toMatchObject({ status: 'active', suspend_hold: false });
  });

  it('lets the automation open again what the automation closed', async () => {
    await services.do(serviceId, 'suspend', { reason }, automation);
    expect((await services.do(serviceId, 'unsuspend', {}, automation)).status).toBe('completed');
  });

  it('spares an exempt service, except from an administrator', async () => {
    await harness.dataSource.query(
      `UPDATE services SET suspend_exempt_until = now() + interval '1 day', suspend_exempt_reason = 'They pay by wire.' WHERE id = $1`,
      [serviceId],
    );
    for (const who of [automation, operator]) {
      await expect(services.ask(serviceId, 'suspend', { reason }, who)).rejects.toThrow('They pay by wire.');
    }
    expect((await services.do(serviceId, 'suspend', { reason }, admin)).status).toBe('completed');
  });

  it('is a conflict while another operation is open, and names it', async () => {
    const { taskId } = await services.ask(serviceId, 'suspend', { reason });
    await expect(services.ask(serviceId, 'suspend', { reason })).rejects.toMatchObject({ taskId });
  });

  it('takes one of several requests at once', async () => {
    const asked = await Promise.allSettled([1, 2, 3, 4].map(() => services.ask(serviceId, 'suspend', { reason })));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of asked)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ name: 'TaskConflictError' });
  });

  it('puts an order aside of which only optional steps are left', async () => {
    await harness.reset();
    const { serviceId: other, taskId } = await harness.order();
    harness.policy = { ...harness.policy, baseMs: 60_000, ceilingMs: 60_000 };
    harness.mail.faults.deferred.set(harness.customer.email, 100);
    await harness.runner().drive(taskId);
    expect((await harness.journal.task(taskId))?.status).toBe('waiting');
    expect(await services.service(other)).toMatchObject({ status: 'active', degraded: ['send_welcome_email'] });
    expect((await services.do(other, 'suspend', { reason })).status).toBe('completed');
    expect((await harness.journal.task(taskId))?.status).toBe('completed');
    expect(await services.service(other)).toMatchObject({ status: 'suspended', degraded: ['send_welcome_email'] });
    expect(await harness.forgotten()).toEqual([]);
  });

  it('tells what it would do, and does none of it', async () => {
    const before = harness.panel.calls.ledger.entries().length;
    const plan = await services.lifecycle.plan({
      serviceId,
      operation: 'suspend',
      input: { reason },
      requestedBy: admin,
    });
    expect(plan).toMatchObject({
      operation: 'suspend',
      recipe: 'service.suspend',
      steps: [
        { step: 'suspend_account', outcome: 'act', calls: [{ port: 'provisioner', method: 'suspendAccount' }] },
        { step: 'list_mailboxes', outcome: 'confirm', calls: [] },
        { step: 'suspend_mailboxes', outcome: 'act', calls: [{ port: 'mailbox', method: 'suspendMailbox' }] },
      ],
    });
    const calls = harness.panel.calls.ledger.entries().slice(before);
    expect(calls.map(({ operation }) => operation)).toEqual(['findAccount']);
    expect(await harness.dataSource.query(`SELECT 1 FROM provisioning_tasks WHERE operation = 'suspend'`)).toEqual([]);
    expect(account()?.state).toBe('active');
  });

  it.each([
    [{}, 'reason'],
    [{ reason: '' }, 'reason'],
    [{ reason: 'two\nlines' }, 'reason'],
    [{ reason: 7 }, 'reason'],
    [{ reason: 'x'.repeat(201) }, 'reason'],
    [{ reason, hold: 'yes' }, 'hold'],
    [{ reason, other: 1 }, 'other'],
  ])('refuses the input %j', async (input, path) => {
    await expect(services.ask(serviceId, 'suspend', input as never)).rejects.toMatchObject({
      kind: 'bad-input',
      fields: [{ path }],
    });
  });

  it('is not for customers, nor for services in another state', async () => {
    const customer = { actor: 'user:3', role: 'customer', customerId: harness.customer.id } as const;
    await expect(services.ask(serviceId, 'suspend', { reason }, customer)).rejects.toMatchObject({ kind: 'forbidden' });
    const stranger = { ...customer, customerId: serviceId };
    await expect(services.ask(serviceId, 'suspend', { reason }, stranger)).rejects.toThrow('no such service');
    await expect(services.ask(serviceId, 'unsuspend')).rejects.toMatchObject({ code: 'wrong-state' });
  });
});
