import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError, registrarPort } from '@keelson/core';
import { MemoryRegistrarAdapter, memoryRegistrarCapabilities } from '@keelson/testing/memory';
import { type Death, deaths, DyingJournal } from '../../test/dying-journal.js';
import { invariants, sound } from '../../test/invariants.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { OperatorDesk } from '../tasks/operator-desk.service.js';

const hourMs = 3_600_000;
const code = 'auth-Code&1';

describe('transfer_domain', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    harness.registrar.foreign.set('shop.example', code);
  });

  const order = (authCode = code) => harness.order({ domainMode: 'transfer', authCode });
  const starts = () => harness.registrar.calls.ledger.entries().filter((call) => call.operation === 'startTransfer');
  const stepOf = async (taskId: string, name = 'transfer_domain') =>
    (await harness.journal.steps(taskId)).find((step) => step.name === name);

  /** Drives until it is so. */
  async function until(taskId: string, isSo: () => Promise<boolean>): Promise<void> {
    const runner = harness.runner();
    for (let turn = 0; turn < 200; turn += 1) {
      await runner.drive(taskId);
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`it does not come to that: ${JSON.stringify(await harness.statesOf(taskId))}`);
  }

  const underWay = (taskId: string) =>
    until(taskId, async () => {
      const step = await stepOf(taskId);
      return step?.state === 'waiting' && step.note !== null;
    });

  /** Lets the registrar come to the end of its transfers, and the task notice. */
  async function arrive(taskId: string): Promise<void> {
    harness.registrar.finishTransfers();
    await harness.pass(taskId, 2 * hourMs);
  }

  it('orders the transfer once, asks about it for days, and puts the domain right when it has arrived', async () => {
    const { taskId, serviceId } = await order();
    await underWay(taskId);
    expect(await stepOf(taskId)).toMatchObject({ state: 'waiting', note: { reference: 'shop.example' }, attempt: 0 });
    expect((await harness.provisioning.view(taskId)).steps).toMatchObject({
      register_domain: 'skipped',
      transfer_domain: 'waiting',
      configure_domain: 'pending',
    });
    for (let day = 0; day < 3; day += 1) {
      await harness.pass(taskId, 24 * hourMs);
      await harness.runner().drive(taskId);
      expect(await stepOf(taskId)).toMatchObject({ state: 'waiting', attempt: 0 });
    }
    expect(starts()).toHaveLength(1);
    expect(await harness.row('services', serviceId)).toMatchObject({
      status: 'active',
      degraded: expect.arrayContaining(['transfer_domain', 'configure_domain']),
    });
    expect(harness.mail.delivered).toHaveLength(1);
    await arrive(taskId);
    expect(await harness.finish(taskId)).toMatchObject({ status: 'completed', error: null });
    expect(starts()).toHaveLength(1);
    expect(harness.registrar.payments).toMatchObject([{ method: 'startTransfer', domain: 'shop.example' }]);
    expect(harness.registrar.domains.get('shop.example')).toMatchObject({
      nameservers: ['ns1.keelson.test', 'ns2.keelson.test'],
      locked: true,
      privacy: true,
      autoRenew: false,
      contact: { firstName: 'Ada', email: 'ada@example.org' },
    });
    const held = harness.registrar.domains.get('shop.example');
    expect(await harness.row('domains', serviceId)).toMatchObject({
      status: 'active',
      mode: 'transfer',
      expires_at: held?.expiresAt,
      problem: null,
    });
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', degraded: [] });
  });

  it('forgets the auth code when the domain has arrived', async () => {
    const kept = () => harness.secrets.find(serviceId, 'auth_code');
    const { taskId, serviceId } = await order();
    await underWay(taskId);
    expect(await kept()).toBe(code);
    await arrive(taskId);
    await harness.finish(taskId);
    expect(await kept()).toBeUndefined();
  });

  it('says in the task that the other way was not taken', async () => {
    const { taskId } = await harness.order({ domainMode: 'transfer', authCode: code });
    await underWay(taskId);
    const { timeline } = await harness.provisioning.view(taskId);
    expect(timeline.find(({ step }) => step === 'register_domain')).toMatchObject({
      status: 'skipped',
      reason: 'the domain is not bought with this order',
    });
  });

  it('tells the customer why it failed and what to do, and takes the same transfer up again with a new code', async () => {
    const { taskId, serviceId } = await order('wrong');
    await underWay(taskId);
    await arrive(taskId);
    expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', errorCode: 'wrong-state' });
    const view = await harness.provisioning.view(taskId);
    expect(view.steps).toMatchObject({
      transfer_domain: 'failed',
      create_account: 'completed',
      install_ssl: 'pending',
    });
    expect(view.error).toBe('The transfer failed. The auth code is wrong. Give a new auth code, then retry.');
    const mail = harness.mail.delivered.at(-1);
    expect(mail).toMatchObject({
      to: [{ address: 'ada@example.org' }],
      subject: 'shop.example could not be moved to us yet',
    });
    expect(mail?.text).toContain('The auth code is wrong.');
    expect(mail?.text).toContain('Ask the registrar that keeps the domain now for its auth code');
    expect(await harness.row('domains', serviceId)).toMatchObject({
      status: 'pending',
      problem: { during: 'transfer', reason: 'The auth code is wrong.', remedy: 'auth-code' },
    });
    expect(await harness.holdings()).toMatchObject({ accounts: 1, zones: 1, domains: 0, payments: 1 });

    await harness.tools.domains.putAuthCode(harness.dataSource.manager, serviceId, code);
    await harness.provisioning.retry(taskId);
    await underWay(taskId);
    await arrive(taskId);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ domains: 1, payments: 1 });
    expect(await harness.row('domains', serviceId)).toMatchObject({ status: 'active', problem: null });
  });

  it('mails a refusal that is repeated once, and one after a new code again', async () => {
    const { taskId, serviceId } = await order('wrong');
    for (const replacement of [undefined, 'wrong-too']) {
      if (replacement !== undefined) {
        await harness.tools.domains.putAuthCode(harness.dataSource.manager, serviceId, replacement);
      }
      for (let turn = 0; turn < 2; turn += 1) {
        if (turn > 0 || replacement !== undefined) await harness.provisioning.retry(taskId);
        await underWay(taskId);
        await arrive(taskId);
        expect((await harness.finish(taskId)).status).toBe('needs_attention');
      }
    }
    const refusals = harness.mail.delivered.filter(({ subject }) => subject.includes('could not be moved'));
    expect(refusals).toHaveLength(2);
  });

  it('keeps the hosting that is in use when the transfer failed: the step is passed over, not the order taken back', async () => {
    const { taskId, serviceId } = await order('wrong');
    await underWay(taskId);
    await arrive(taskId);
    await harness.finish(taskId);
    await expect(harness.provisioning.cancel(taskId)).rejects.toThrow('The service is in use already');
    const desk = new OperatorDesk(harness.dataSource, harness.journal, harness.registry);
    await desk.skip(taskId, 'transfer_domain', { by: 'operator@keelson.test', reason: 'the customer stays there' });
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', degraded: [] });
    expect(await harness.statesOf(taskId)).toMatchObject({ configure_domain: 'skipped', secure_dns: 'skipped' });
    expect(await harness.holdings()).toMatchObject({ accounts: 1, zones: 1, domains: 0 });
  });

  it('of a domain alone is the order: it is in use when it has arrived, and taken back when it is given up', async () => {
    const alone = () => harness.order({ type: 'domain', domainMode: 'transfer', authCode: code });
    const { taskId, serviceId } = await alone();
    await underWay(taskId);
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'provisioning' });
    expect(harness.mail.delivered).toEqual([]);
    await arrive(taskId);
    expect((await harness.finish(taskId)).status).toBe('completed');

    harness.registrar.foreign.set('other.example', 'theirs');
    const second = await harness.order({
      type: 'domain',
      domain: 'other.example',
      domainMode: 'transfer',
      authCode: code,
    });
    await underWay(second.taskId);
    await arrive(second.taskId);
    expect((await harness.finish(second.taskId)).status).toBe('needs_attention');
    await harness.provisioning.cancel(second.taskId);
    expect((await harness.finish(second.taskId)).status).toBe('cancelled');
    expect([...harness.names.zones.keys()]).toEqual(['shop.example']);
  });

  it('asks for the code that is missing, and pays nothing', async () => {
    const { taskId } = await harness.order({ domainMode: 'transfer' });
    expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', errorCode: 'invalid-input' });
    expect(await harness.holdings()).toMatchObject({ accounts: 1, payments: 0 });
  });

  it('cannot be cancelled while it is under way, not even while the registrar is away', async () => {
    const { taskId } = await order();
    await underWay(taskId);
    await expect(harness.provisioning.cancel(taskId)).rejects.toThrow('transfer_domain cannot be taken back');
    harness.registrar.calls.set({ method: 'checkTransfer', error: new PortError('unavailable', 'Later.') });
    await harness.pass(taskId, 24 * hourMs);
    await harness.runner().drive(taskId);
    expect(await stepOf(taskId)).toMatchObject({ state: 'waiting', errorCode: 'unavailable' });
    await expect(harness.provisioning.cancel(taskId)).rejects.toThrow('transfer_domain cannot be taken back');
    harness.registrar.calls.clear();
    await underWay(taskId);
    expect(starts()).toHaveLength(1);
  });

  it('waits with the order for money, burns no attempt, and goes on by itself', async () => {
    harness.registrar.balance = 0;
    const { taskId } = await order();
    for (let turn = 0; turn < 8; turn += 1) {
      await harness.runner().drive(taskId);
      await harness.pass(taskId, hourMs);
    }
    expect(await stepOf(taskId)).toMatchObject({ state: 'waiting', errorCode: 'no-funds', attempt: 0, note: null });
    harness.registrar.balance = 5_000;
    await underWay(taskId);
    await arrive(taskId);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ domains: 1, payments: 1 });
  });

  it.each(deaths.map((death) => [death] as const))('whose worker dies once it %s pays once', async (death: Death) => {
    const { taskId } = await order();
    const journal = new DyingJournal(harness.dataSource, 'transfer_domain', death);
    const dying = harness.runner(journal);
    await dying.drive(taskId).catch(ifKilled);
    if (!journal.dead) {
      // It answers that it waits: it dies when the domain has arrived.
      await arrive(taskId);
      await dying.drive(taskId).catch(ifKilled);
    }
    expect(journal.dead).toBe(true);
    await harness.lapse(taskId);
    if (!['acted', 'recorded'].includes(death)) {
      await underWay(taskId);
      await arrive(taskId);
    }
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ accounts: 1, zones: 1, domains: 1, payments: 1, mails: 1 });
    expect(await invariants(harness)).toEqual(sound);
  });

  it('whose worker dies between the order and the note of its reference pays once', async () => {
    const { taskId } = await order();
    const journal = new DyingJournal(harness.dataSource, 'transfer_domain', 'began');
    await harness.runner(journal).drive(taskId).catch(ifKilled);
    expect(journal.dead).toBe(true);
    expect(await stepOf(taskId)).toMatchObject({ state: 'intent', note: null });
    await harness.lapse(taskId);
    await underWay(taskId);
    expect(await stepOf(taskId)).toMatchObject({ state: 'waiting', note: { reference: 'shop.example' } });
    await arrive(taskId);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ domains: 1, payments: 1 });
  });

  it('whose answer is lost is looked for and not ordered again', async () => {
    harness.registrar.calls.loseNextAnswer('startTransfer');
    const { taskId } = await order();
    await underWay(taskId);
    await arrive(taskId);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ domains: 1, payments: 1 });
  });

  it('does not give away a domain that the account held before', async () => {
    harness.registrar.transfers.set('shop.example', { domain: 'shop.example', authCode: code, contact: {} as never });
    harness.registrar.finishTransfers();
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', errorCode: 'already-exists' });
    expect(await harness.holdings()).toMatchObject({ payments: 0 });
  });

  it('shows the auth code nowhere', async () => {
    const { taskId } = await order();
    await underWay(taskId);
    await arrive(taskId);
    await harness.finish(taskId);
    for (const table of ['provisioning_tasks', 'provisioning_steps', 'provisioning_events', 'domains', 'email_log']) {
      expect(JSON.stringify(await harness.dataSource.query(`SELECT * FROM ${table}`))).not.toContain(code);
    }
  });

  describe('of a domain that was signed', () => {
    const old = { keyTag: 7, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };

    beforeEach(async () => {
      harness.registrar.signedElsewhere.set('shop.example', [old]);
      const connectionId = await harness.connection('registrar signing');
      const adapter = new MemoryRegistrarAdapter(harness.registrar);
      harness.ports.bound.set(registrarPort.id, { adapter, capabilities: memoryRegistrarCapabilities, connectionId });
    });

    it('takes the old keys away, waits until they are forgotten, moves it, waits again, and signs it anew', async () => {
      const { taskId, serviceId } = await order();
      await underWay(taskId);
      await arrive(taskId);
      await until(taskId, () => waits('configure_domain'));
      const held = () => harness.registrar.domains.get('shop.example');
      expect(held()).toMatchObject({ dsRecords: [], nameservers: ['ns1.elsewhere.example', 'ns2.elsewhere.example'] });
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active' });
      await harness.pass(taskId, 47 * hourMs);
      await harness.runner().drive(taskId);
      expect(held()?.nameservers).toEqual(['ns1.elsewhere.example', 'ns2.elsewhere.example']);
      await harness.pass(taskId, hourMs);
      await until(taskId, () => waits('secure_dns'));
      expect(held()).toMatchObject({ dsRecords: [], nameservers: ['ns1.keelson.test', 'ns2.keelson.test'] });
      expect(harness.names.zones.get('shop.example')?.signed).toBe(false);
      await harness.pass(taskId, 48 * hourMs);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(harness.names.zones.get('shop.example')?.signed).toBe(true);
      expect(held()?.dsRecords).toMatchObject([{ keyTag: 1, digestType: 2 }]);
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', degraded: [] });

      async function waits(name: string): Promise<boolean> {
        const step = await stepOf(taskId, name);
        return step?.state === 'waiting' && (step.dueInMs ?? 0) > hourMs;
      }
    });
  });
});

function ifKilled(error: unknown): void {
  if ((error as Error).message !== 'killed') throw error;
}
