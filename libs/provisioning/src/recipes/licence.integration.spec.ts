import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mailPort, PortError } from '@keelson/core';
import type { Licences } from '@keelson/hosting';
import { LifecycleHarness } from '../../test/lifecycle-harness.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { defineRecipe } from '../engine/recipe.js';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import type { HostingOrder } from './hosting-order.js';
import { serviceHooks } from './service-hooks.js';
import { issueLicence } from './steps/issue-licence.step.js';

describe('a licence order', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const order = () => harness.order({ type: 'licence', domain: undefined });
  const licences = () => harness.tools.licences as Licences;
  const keyOf = (serviceId: string) => harness.tools.licences.findKey(serviceId);

  it('issues the key and mails it, and keeps it out of the journal and the e-mail log', async () => {
    const { serviceId, taskId } = await order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    const key = await keyOf(serviceId);
    expect(key).toMatch(/^NP(-[A-HJ-NP-Z2-9]{4}){3}$/);
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', type: 'licence' });
    expect(harness.mail.delivered).toHaveLength(1);
    const [mail] = harness.mail.delivered;
    for (const part of [mail?.text, mail?.html]) expect(part).toContain(key);
    expect(mail?.subject).toBe('Welcome to Keelson: Starter is ready');
    for (const table of ['provisioning_steps', 'provisioning_events', 'provisioning_tasks', 'email_log', 'licences']) {
      expect(JSON.stringify(await harness.dataSource.query(`SELECT * FROM ${table}`))).not.toContain(key);
    }
  });

  it('is good although no mail gets through', async () => {
    harness.mail.faults.refused.add('ada@example.org');
    const { serviceId, taskId } = await order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.row('services', serviceId)).toMatchObject({
      status: 'active',
      degraded: ['send_welcome_email'],
    });
    expect(await keyOf(serviceId)).toBeDefined();
  });

  it('is good where no mail is bound at all', async () => {
    harness.ports.bound.delete(mailPort.id);
    const { serviceId, taskId } = await order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await keyOf(serviceId)).toBeDefined();
  });

  it('that cannot be completed leaves no key that is good', async () => {
    const recipe = defineRecipe<HostingOrder>('licence.provision', { version: 1, ...serviceHooks })
      .step('issue_licence', issueLicence(harness.tools))
      .step('fail', {
        after: ['issue_licence'],
        run: () => Promise.reject(new PortError('invalid-input', 'No.')),
        undo: () => Promise.resolve(),
      })
      .build();
    const { id: serviceId } = await harness.service({ type: 'licence', domain: undefined });
    const { taskId } = await harness.start(serviceId);
    await harness.dataSource.query(
      `UPDATE provisioning_steps SET name = 'fail' WHERE task_id = $1 AND name = 'send_welcome_email'`,
      [taskId],
    );
    const runner = harness.runner(harness.journal, new RecipeRegistry([recipe]));
    expect((await harness.finish(taskId, undefined, runner)).status).toBe('failed');
    expect(await keyOf(serviceId)).toBeUndefined();
    const revoked = await harness.dataSource.query<unknown[]>(
      'SELECT 1 FROM licences WHERE service_id = $1 AND revoked_at IS NOT NULL',
      [serviceId],
    );
    expect(revoked).toHaveLength(1);
  });

  it('is as good as its service from then on', async () => {
    const services = new LifecycleHarness(harness);
    const serviceId = await services.active({ type: 'licence', domain: undefined });
    const status = async () => {
      const key = (await keyOf(serviceId)) ?? '';
      return (await licences().findByKey(key))?.status;
    };
    expect(await status()).toBe('active');
    await services.do(serviceId, 'resend_credentials');
    expect(harness.mail.delivered.at(-1)?.text).toContain(await keyOf(serviceId));
    await services.do(serviceId, 'suspend', { reason: 'Not paid', hold: false });
    expect(await status()).toBe('suspended');
    await services.do(serviceId, 'unsuspend');
    expect(await status()).toBe('active');
    await services.do(serviceId, 'terminate', { reason: 'Cancelled', removeAfterDays: 0 });
    expect(await status()).toBe('suspended');
    await services.do(serviceId, 'remove');
    expect(await services.service(serviceId)).toMatchObject({ status: 'terminated' });
    expect(await status()).toBe('cancelled');
  });

  it('issues one key, whichever process works it', async () => {
    const { serviceId, taskId } = await order();
    await Promise.all(Array.from({ length: 5 }, () => harness.runner().drive(taskId)));
    await harness.finish(taskId);
    const licences = await harness.dataSource.query<unknown[]>('SELECT 1 FROM licences WHERE service_id = $1', [
      serviceId,
    ]);
    expect(licences).toHaveLength(1);
  });
});
