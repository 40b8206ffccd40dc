import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

describe('the welcome mail of hosting.provision', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const service = (id: string) => harness.row<{ status: string; degraded: string[] }>('services', id);

  it('keeps nobody waiting: the service is active while the mail server has not answered yet', async () => {
    harness.mail.faults.delayMs = 600;
    const { taskId, serviceId } = await harness.order();
    const driven = harness.runner().drive(taskId);
    while ((await service(serviceId))?.status !== 'active') {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(harness.mail.delivered).toEqual([]);
    expect(await service(serviceId)).toMatchObject({
      status: 'active',
      degraded: expect.arrayContaining(['send_welcome_email']),
    });
    expect(await harness.row('websites', serviceId)).toMatchObject({ status: 'active' });
    await driven;
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
  });

  it('arrives by itself when the mail server comes back', async () => {
    harness.mail.faults.deferred.set('ada@example.org', 2);
    const { taskId, serviceId } = await harness.order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(harness.mail.delivered).toHaveLength(1);
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
  });

  it.each([
    ['is refused for good', () => void harness.mail.faults.refused.add('ada@example.org')],
    ['meets a dead mail server', () => void harness.mail.faults.deferred.set('ada@example.org', 1_000)],
  ])('leaves an active, degraded service and a finished job when it %s', async (_what, spoil) => {
    spoil();
    const { taskId, serviceId } = await harness.order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'completed', nextWakeAt: null });
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: ['send_welcome_email'] });
    expect(await harness.holdings()).toMatchObject({ accounts: 1, mails: 0 });
  });

  it('is given up after two answers were lost: a third might be a third mail', async () => {
    const send = harness.mail.sendMail.bind(harness.mail);
    harness.mail.sendMail = (message) => {
      harness.mail.faults.breakOff = 'after';
      return send(message);
    };
    const { taskId, serviceId } = await harness.order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(harness.mail.delivered).toHaveLength(2);
    expect(await harness.holdings()).toMatchObject({ mails: 1 });
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: ['send_welcome_email'] });
  });

  it('can be sent later, when the customer was given another address', async () => {
    harness.mail.faults.refused.add('ada@example.org');
    const { taskId, serviceId } = await harness.order();
    await harness.finish(taskId);
    harness.mail.faults.refused.clear();
    await harness.provisioning.retry(taskId);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(harness.mail.delivered).toHaveLength(1);
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
    await expect(harness.provisioning.retry(taskId)).rejects.toThrow('nothing to retry');
  });

  it('keeps the job from being cancelled: the service is in use', async () => {
    harness.mail.faults.deferred.set('ada@example.org', 1);
    // Long enough that the mail is not tried again before the job rests.
    harness.policy = { ...harness.policy, baseMs: 400, ceilingMs: 400 };
    const { taskId } = await harness.order();
    await harness.finish(taskId, (task) => task.status === 'waiting');
    await expect(harness.provisioning.cancel(taskId)).rejects.toThrow('in use already: terminate it instead');
    expect((await harness.finish(taskId)).status).toBe('completed');
  });
});
