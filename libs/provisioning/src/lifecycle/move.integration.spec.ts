import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OperatorDesk } from '../tasks/operator-desk.service.js';
import { LifecycleHarness } from '../../test/lifecycle-harness.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import type { MemoryHostingServer } from '@keelson/testing/memory';

describe('moving a service', () => {
  let harness: ProvisioningHarness;
  let services: LifecycleHarness;
  let desk: OperatorDesk;
  let second: MemoryHostingServer;
  let serviceId: string;
  const dayMs = 86_400_000;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    services = new LifecycleHarness(harness);
    desk = new OperatorDesk(harness.dataSource, harness.journal, harness.registry);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    serviceId = await services.active();
    second = await harness.addServer('web2', 10);
  });

  const used = async () => {
    const rows = await harness.dataSource.query<{ name: string; used: number }[]>(
      'SELECT name, used FROM servers ORDER BY name',
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.used]));
  };

  describe('to another server', () => {
    /** Up to where a person copies the data. */
    async function copying() {
      const { taskId } = await services.ask(serviceId, 'migrate');
      expect(await harness.finish(taskId)).toMatchObject({
        status: 'needs_attention',
        error: expect.stringMatching(/^Copy the account \S+ from web1 to web2/),
      });
      return taskId;
    }

    it('makes it there, waits for the copy, switches, and removes the old account a day later', async () => {
      const taskId = await copying();
      expect([harness.panel.accounts.size, second.accounts.size]).toEqual([1, 1]);
      await desk.markDone(taskId, 'copy_data', { by: 'otto', evidence: 'transfer 4711' });
      await harness.runner().drive(taskId);
      expect(await used()).toEqual({ web1: 0, web2: 1 });
      expect(harness.panel.accounts.size).toBe(1);
      await harness.pass(taskId, dayMs + 1_000);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect([harness.panel.accounts.size, second.accounts.size]).toEqual([0, 1]);
      expect(await services.service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
    });

    it('is taken back as if nothing had been, until the data is copied', async () => {
      const taskId = await copying();
      await harness.provisioning.cancel(taskId);
      expect((await harness.finish(taskId)).status).toBe('cancelled');
      expect([harness.panel.accounts.size, second.accounts.size]).toEqual([1, 0]);
      expect(await used()).toEqual({ web1: 1, web2: 0 });
      expect(await services.service(serviceId)).toMatchObject({ status: 'active' });
    });

    it.each(
      ['reserve_slot', 'create_new_account'].flatMap((step) =>
        (['claimed', 'acted', 'recorded'] as const).map((death) => [step, death] as const),
      ),
    )('takes one slot and makes one account when the worker dies in %s, once it %s', async (step, death) => {
      const { taskId } = await services.ask(serviceId, 'migrate');
      expect(await services.kill(taskId, step, death)).toBe(true);
      expect((await harness.finish(taskId)).status).toBe('needs_attention');
      expect(await used()).toEqual({ web1: 1, web2: 1 });
      expect(second.accounts.size).toBe(1);
    });

    it('is refused when no other server has room', async () => {
      await harness.dataSource.query(`UPDATE servers SET is_online = false WHERE name = 'web2'`);
      await expect(services.ask(serviceId, 'migrate')).rejects.toThrow(/No other server of the group default/);
    });
  });

  describe('to another domain', () => {
    it('takes account, zone, mailbox and site along, and gives the old name free', async () => {
      expect((await services.do(serviceId, 'change_domain', { domain: 'Bücher.example' })).status).toBe('completed');
      const name = 'xn--bcher-kva.example';
      expect([...harness.panel.accounts.values()][0]?.domain).toBe(name);
      expect([...harness.names.zones.keys()]).toEqual([name]);
      expect(harness.mailboxes.mailboxes.has(`admin@${name}`)).toBe(true);
      expect(await services.service(serviceId)).toMatchObject({ domain: name, status: 'active' });
      expect(await harness.row('websites', serviceId)).toMatchObject({ domain: name, status: 'active' });
      expect(await harness.row('domains', serviceId)).toMatchObject({ name, mode: 'external' });
      await services.active({ domain: 'shop.example' });
    });

    it.each(
      ['change_account_domain', 'setup_dns', 'remove_old_zone'].flatMap((step) =>
        (['claimed', 'acted', 'recorded'] as const).map((death) => [step, death] as const),
      ),
    )('comes to the same end when the worker dies in %s, once it %s', async (step, death) => {
      const { taskId } = await services.ask(serviceId, 'change_domain', { domain: 'new.example' });
      expect(await services.kill(taskId, step, death)).toBe(true);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect([...harness.names.zones.keys()]).toEqual(['new.example']);
      expect(harness.panel.accounts.size).toBe(1);
    });

    it.each([
      ['nonsense', /must be a domain name/],
      ['shop.example', /already/],
    ])('is refused to %s', async (domain, message) => {
      await expect(services.ask(serviceId, 'change_domain', { domain })).rejects.toThrow(message);
    });
  });
});
