import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mailboxPort, PortError } from '@keelson/core';
import { deaths } from '../../test/dying-journal.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { ReconcileHarness } from '../../test/reconcile-harness.js';
import { BrakeError } from './drift.errors.js';

describe('making again what is lost', () => {
  let harness: ProvisioningHarness;
  let world: ReconcileHarness;
  /** Of `shop0.example`, which things happen to; `shop1.example` is there so that no list is empty. */
  let serviceId: string;
  const address = 'admin@shop0.example';

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    world = new ReconcileHarness(harness);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    world.reset();
    [serviceId = ''] = await several(0, 2);
  });

  async function several(from: number, to: number): Promise<string[]> {
    const made: string[] = [];
    for (let index = from; index < to; index += 1) {
      made.push(await world.services.active({ domain: `shop${index}.example` }));
    }
    return made;
  }
  const mailboxes = () => harness.mailboxes.mailboxes;
  const mailbox = () => mailboxes().get(address);
  const changes = (method: string) =>
    harness.mailboxes.calls.ledger.entries(method).filter(({ changed, subject }) => changed && subject === address);
  const service = () => world.services.service(serviceId);
  const suspend = () => world.services.do(serviceId, 'suspend', { reason: 'unpaid' });
  const repair = () => world.services.do(serviceId, 'repair_mailbox');
  const ids = async () => (await world.findings()).map(({ id }) => id);

  describe('a mailbox', () => {
    it('that is gone is made again, empty, with the password that is kept with its service', async () => {
      const before = { ...mailbox() };
      mailbox()!.usedMb = 70;
      mailboxes().delete(address);
      await world.confirm('mailboxes');
      expect(await world.open()).toEqual([`mailbox.missing ${address} open`]);
      expect((await world.drift.plan()).left).toMatchObject([{ why: 'the policy is to report it' }]);
      Object.assign(world.config, { policy: { 'mailbox.missing': 'repair' } });
      expect((await world.drift.plan()).items).toMatchObject([{ repair: 'repair_mailbox' }]);
      expect(mailbox()).toBeUndefined();
      const [applied] = (await world.repair()).applied;
      expect(mailbox()).toEqual(before);
      expect(mailbox()).toMatchObject({
        password: await harness.secrets.find(serviceId, 'mailbox_password'),
        usedMb: 0,
      });
      expect((await harness.journal.steps(applied?.taskId ?? ''))[0]?.output).toEqual({
        ...{ madeEmpty: [address], opened: [], closed: [] },
      });
      expect((await world.repair()).applied).toEqual([]);
      await world.observe('mailboxes');
      expect(await world.open()).toEqual([]);
    });

    it('that somebody closed is opened while its service is active', async () => {
      mailbox()!.suspended = true;
      Object.assign(world.config, { policy: { 'mailbox.suspension': 'repair' } });
      await world.confirm('mailboxes');
      await world.repair();
      expect(mailbox()?.suspended).toBe(false);
      await world.observe('mailboxes');
      expect(await world.open()).toEqual([]);
    });

    it('that somebody opened is closed while its service is suspended, and opened with it', async () => {
      await suspend();
      await world.confirm('mailboxes');
      expect(await world.open()).toEqual([]);
      mailbox()!.suspended = false;
      await world.confirm('mailboxes');
      expect(await world.open()).toEqual([`mailbox.suspension ${address} open`]);
      await world.repair({ ids: await ids() });
      expect(mailbox()?.suspended).toBe(true);
      await world.services.do(serviceId, 'unsuspend');
      expect(mailbox()?.suspended).toBe(false);
    });

    it('that is gone while its service is suspended is made again and closed', async () => {
      await suspend();
      mailboxes().delete(address);
      await world.confirm('mailboxes');
      await world.repair({ ids: await ids() });
      expect(mailbox()).toMatchObject({ suspended: true, usedMb: 0 });
    });

    it('that stayed closed when its service was opened is opened, and no longer listed as degraded', async () => {
      await suspend();
      harness.mailboxes.calls.set({ method: 'unsuspendMailbox', error: new PortError('wrong-state', 'Not now.') });
      await world.services.do(serviceId, 'unsuspend');
      harness.mailboxes.calls.clear();
      expect(await service()).toMatchObject({ status: 'active', degraded: ['unsuspend_mailboxes'] });
      await world.confirm('mailboxes');
      await world.repair({ ids: await ids() });
      expect(mailbox()?.suspended).toBe(false);
      expect(await service()).toMatchObject({ status: 'active', degraded: [] });
      expect(await harness.row('mailboxes', serviceId)).toMatchObject({ status: 'active' });
    });

    it('of a customer is closed and opened with the service, and otherwise the customer’s business', async () => {
      const theirs = 'info@shop0.example';
      mailboxes().set(theirs, { address: theirs, password: 'x', suspended: false });
      await suspend();
      mailboxes().get(theirs)!.suspended = false;
      await world.confirm('mailboxes');
      expect(await world.open()).toEqual([`mailbox.suspension ${theirs} open`]);
      await world.repair({ ids: await ids() });
      expect(mailboxes().get(theirs)?.suspended).toBe(true);
      await world.services.do(serviceId, 'unsuspend');
      mailboxes().delete(theirs);
      await world.confirm('mailboxes');
      expect(await world.open()).toEqual([]);
      await repair();
      expect(mailboxes().has(theirs)).toBe(false);
    });

    it.each(deaths)('is made once when a worker dies after it %s', async (death) => {
      mailboxes().delete(address);
      const { taskId } = await world.services.ask(serviceId, 'repair_mailbox');
      const made = changes('ensureMailbox').length;
      // A step without a look notes nothing.
      expect(await world.services.kill(taskId, 'put_mailboxes', death)).toBe(death !== 'noted');
      expect(await harness.finish(taskId)).toMatchObject({ status: 'completed' });
      expect((await repair()).status).toBe('completed');
      expect(mailbox()).toMatchObject({ suspended: false });
      expect(changes('ensureMailbox')).toHaveLength(made + 1);
    });

    it('is made once when the answer is lost', async () => {
      mailboxes().delete(address);
      const made = changes('ensureMailbox').length;
      harness.mailboxes.calls.loseNextAnswer('ensureMailbox');
      expect((await repair()).status).toBe('completed');
      expect(changes('ensureMailbox')).toHaveLength(made + 1);
    });

    it('whose password is not kept is left to a person', async () => {
      mailboxes().delete(address);
      await harness.secrets.forget(harness.dataSource.manager, serviceId, 'mailbox_password');
      expect(await repair()).toMatchObject({ status: 'failed', error: expect.stringContaining('make it by hand') });
      expect(mailbox()).toBeUndefined();
      expect(await harness.secrets.find(serviceId, 'mailbox_password')).toBeUndefined();
    });

    it('cannot be opened where the connection cannot do it, and is never made on another connection', async () => {
      mailbox()!.suspended = true;
      const bound = harness.ports.bound.get(mailboxPort.id)!;
      harness.ports.bound.set(mailboxPort.id, { ...bound, capabilities: ['domains'] });
      expect(await repair()).toMatchObject({ status: 'failed', error: expect.stringContaining('do it there') });
      mailboxes().delete(address);
      harness.ports.bound.set(mailboxPort.id, { ...bound, connectionId: await harness.connection('mail two') });
      expect(await repair()).toMatchObject({ status: 'failed', error: expect.stringContaining('no longer bound') });
      expect(mailbox()).toBeUndefined();
    });

    it('is not touched by a dry run, which says what would be done', async () => {
      mailboxes().delete(address);
      const request = { serviceId, operation: 'repair_mailbox' as const };
      const { steps } = await world.services.lifecycle.plan({
        ...request,
        requestedBy: { actor: 'user:1', role: 'admin' },
      });
      expect(steps).toMatchObject([
        {
          ...{ step: 'put_mailboxes', outcome: 'act' },
          calls: [{ summary: `makes ${address} again, empty, if it is missing, opens it if it is not` }],
        },
      ]);
      expect(mailbox()).toBeUndefined();
    });

    it('is under the brake', async () => {
      await several(2, 5);
      for (const one of mailboxes().values()) one.suspended = true;
      Object.assign(world.config, { policy: { 'mailbox.suspension': 'repair' } });
      await world.confirm('mailboxes');
      await expect(world.drift.apply()).rejects.toThrow('5 mailboxes of mailbox one (at most 3)');
      expect([...mailboxes().values()].every(({ suspended }) => suspended)).toBe(true);
    });
  });

  describe('an account', () => {
    const accounts = () => harness.panel.accounts;
    const username = async () => (await service())?.['username'] as string;
    const accountsOf = (name: string) => [...accounts().values()].filter((one) => one.username === name);

    it('is made again when an operator names the finding, and only then', async () => {
      const name = await username();
      accounts().delete(name);
      // Configuration files that say so are refused.
      Object.assign(world.config, { policy: { 'account.missing': 'repair' } });
      await world.confirm('accounts');
      expect((await world.drift.plan()).left).toMatchObject([{ why: 'it is repaired only when it is named (--only)' }]);
      expect(await world.drift.applyPolicy()).toEqual([]);
      expect((await world.repair()).applied).toEqual([]);
      expect(accounts().has(name)).toBe(false);
      expect(await service()).toMatchObject({ status: 'active', username: name });

      const named = { ids: await ids() };
      expect((await world.drift.plan(named)).items).toMatchObject([{ repair: 'reprovision' }]);
      expect(accounts().has(name)).toBe(false);
      expect((await world.repair(named)).applied).toHaveLength(1);
      expect((await world.repair(named)).applied).toEqual([]);
      expect(accounts().get(name)).toMatchObject({ domain: 'shop0.example', state: 'active', package: 'starter' });
      expect(await service()).toMatchObject({ status: 'active', username: name });
      expect(await harness.holdings()).toMatchObject({ slots: 2 });
      await world.observe('accounts');
      expect(await world.open()).toEqual([]);
    });

    it.each(deaths)('is made once when a worker dies after it %s', async (death) => {
      const name = await username();
      accounts().delete(name);
      await world.confirm('accounts');
      const { applied } = await world.drift.apply({ ids: await ids() });
      const taskId = applied[0]?.taskId ?? '';
      expect(await world.services.kill(taskId, 'create_account', death)).toBe(true);
      expect(await harness.finish(taskId)).toMatchObject({ status: 'completed', operation: 'reprovision' });
      expect(accountsOf(name)).toHaveLength(1);
      expect(accounts().size).toBe(2);
      expect((await world.services.do(serviceId, 'reprovision')).status).toBe('completed');
      expect(accounts().size).toBe(2);
    });

    it('of a suspended service stays missing, and nobody concludes that it was terminated', async () => {
      await suspend();
      accounts().delete(await username());
      await world.confirm('accounts');
      const plan = await world.drift.plan({ ids: await ids() });
      expect(plan).toMatchObject({ items: [], left: [{ why: 'the service is suspended' }] });
      expect(await service()).toMatchObject({ status: 'suspended' });
    });

    it('is under the brake, also when it is named', async () => {
      await several(2, 5);
      accounts().clear();
      for (let turn = 0; turn < 2; turn += 1) {
        await world.observe('accounts', { acceptShrunk: true });
        await world.pass();
      }
      await world.observe('accounts', { acceptShrunk: true });
      await expect(world.drift.apply({ ids: await ids() })).rejects.toThrow(BrakeError);
      expect(accounts().size).toBe(0);
      await world.repair({ ids: (await ids()).slice(0, 3) });
      expect(accounts().size).toBe(3);
    });
  });
});
