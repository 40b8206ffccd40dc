import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { MemoryDnsAdapter, MemoryMailboxAdapter, MemoryProvisionerAdapter } from '@keelson/testing/memory';
import { invariants, sound } from '../../test/invariants.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

const secret = 'S3cure-and-l0ng';
const nothing = { slots: 0, accounts: 0, databases: 0, zones: 0, mailboxes: 0, domains: 0, payments: 0, mails: 0 };
const everything = { slots: 1, accounts: 1, databases: 1, zones: 1, mailboxes: 1, domains: 1, payments: 1, mails: 1 };

describe('hosting.provision that cannot be finished', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const order = () => harness.order({ domainMode: 'new_registration' });
  const refusal = new PortError('invalid-input', 'The vendor refuses it for good.');
  const acts = [
    ['create_account', 'panel', 'ensureAccount'],
    ['setup_dns', 'names', 'putRecords'],
    ['provision_email', 'mailboxes', 'ensureMailbox'],
    ['create_database', 'panel', 'ensureDatabase'],
  ] as const;

  it.each(acts)('takes everything back when %s fails for good, and can be retried', async (step, vendor, method) => {
    harness[vendor].calls.set({ method, error: refusal });
    const { taskId, serviceId } = await order();
    const task = await harness.finish(taskId);
    expect(task).toMatchObject({ status: 'failed', error: refusal.message, errorCode: 'invalid-input' });
    expect(await harness.holdings()).toEqual(nothing);
    expect(await harness.row('services', serviceId)).toMatchObject({
      status: 'failed',
      server_id: null,
      username: null,
      ip: null,
    });
    expect(await harness.row('remote_resources', serviceId)).toBeUndefined();
    expect((await harness.statesOf(taskId))[step]).toBe('compensated');
    expect(await invariants(harness)).toEqual(sound);

    harness[vendor].calls.clear();
    await harness.provisioning.retry(taskId);
    expect(await harness.finish(taskId)).toMatchObject({ status: 'completed', error: null });
    expect(await harness.holdings()).toEqual(everything);
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active' });
  });

  it.each(acts)('takes everything back when it is cancelled during %s', async (step, vendor, method) => {
    harness[vendor].calls.set({ method, times: 1, delayMs: 400, when: 'after' });
    const { taskId, serviceId } = await order();
    const driven = harness.runner().drive(taskId);
    await begun(taskId, step);
    await harness.provisioning.cancel(taskId);
    await driven;
    expect((await harness.finish(taskId)).status).toBe('cancelled');
    expect(await harness.holdings()).toEqual(nothing);
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'cancelled', server_id: null });
    const again = await order();
    expect((await harness.finish(again.taskId)).status).toBe('completed');
    expect(await invariants(harness)).toEqual(sound);
  });

  it('is not cancelled once money is being spent', async () => {
    harness.registrar.calls.set({ method: 'registerDomain', times: 1, delayMs: 400, when: 'after' });
    const { taskId } = await order();
    const driven = harness.runner().drive(taskId);
    await begun(taskId, 'register_domain');
    await expect(harness.provisioning.cancel(taskId)).rejects.toThrow('register_domain cannot be taken back');
    await driven;
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toEqual(everything);
  });

  it('can still be cancelled while the purchase waits for money', async () => {
    harness.registrar.balance = 0;
    const { taskId } = await order();
    await harness.runner().drive(taskId);
    await harness.provisioning.cancel(taskId);
    expect((await harness.finish(taskId)).status).toBe('cancelled');
    expect(await harness.holdings()).toEqual(nothing);
  });

  it('takes back what a vendor that asks for patience had half made', async () => {
    harness.names.calls.set({ method: 'putRecords', error: new PortError('rate-limited', 'Slow down.') });
    const { taskId } = await order();
    await harness.runner().drive(taskId);
    expect(await harness.holdings()).toMatchObject({ zones: 1 });
    await harness.provisioning.cancel(taskId);
    expect((await harness.finish(taskId)).status).toBe('cancelled');
    expect(await harness.holdings()).toEqual(nothing);
  });

  it('goes on taking back, by itself, after a vendor was away', async () => {
    harness.mailboxes.calls.set({ method: 'ensureMailbox', error: refusal });
    harness.names.calls.set({ method: 'removeZone', times: 2, error: new PortError('unavailable', 'Later.') });
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'failed', error: refusal.message });
    expect(await harness.holdings()).toEqual(nothing);
  });

  it('asks a person when taking back is refused, and goes on when told to', async () => {
    harness.mailboxes.calls.set({ method: 'ensureMailbox', error: refusal });
    harness.names.calls.set({ method: 'removeZone', error: new PortError('wrong-state', 'The zone is locked.') });
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', error: refusal.message });
    harness.names.calls.clear();
    await harness.provisioning.retry(taskId);
    expect((await harness.finish(taskId)).status).toBe('failed');
    expect(await harness.holdings()).toEqual(nothing);
  });

  it('does not forget a vendor whose connection was unbound meanwhile', async () => {
    harness.mailboxes.calls.set({ method: 'ensureMailbox', error: refusal });
    harness.names.calls.set({ method: 'removeZone', times: 1, error: new PortError('unavailable', 'Later.') });
    const { taskId } = await order();
    await harness.runner().drive(taskId);
    const dns = harness.ports.bound.get('dns');
    harness.ports.bound.delete('dns');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await harness.runner().drive(taskId);
    const [step] = (await harness.journal.steps(taskId)).filter(({ name }) => name === 'setup_dns');
    expect(step).toMatchObject({ state: 'undoing', errorCode: 'invalid-config' });
    if (dns !== undefined) harness.ports.bound.set('dns', dns);
    expect((await harness.finish(taskId)).status).toBe('failed');
    expect(await harness.holdings()).toEqual(nothing);
  });

  it("never takes over another one's account on the domain", async () => {
    const theirs = { username: 'theirs', domain: 'shop.example', externalId: 'other', email: 'else@example.net' };
    await new MemoryProvisionerAdapter(harness.panel).ensureAccount({
      ...theirs,
      package: 'starter',
      password: secret,
    });
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'failed', errorCode: 'already-exists' });
    expect(await harness.holdings()).toEqual({ ...nothing, accounts: 1 });
    expect(harness.panel.accounts.get('theirs')?.externalId).toBe('other');
  });

  it('never takes over a zone of another service', async () => {
    await new MemoryDnsAdapter(harness.names).ensureZone({
      zone: 'shop.example',
      nameservers: ['ns1.other.example'],
      owner: 'another service',
    });
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'failed', errorCode: 'already-exists' });
    expect(await harness.holdings()).toEqual({ ...nothing, zones: 1 });
    expect([...(harness.names.zones.get('shop.example')?.sets.keys() ?? [])]).toEqual(['shop.example NS']);
  });

  it('never takes over, nor removes, a mailbox that was there before', async () => {
    await new MemoryMailboxAdapter(harness.mailboxes).ensureMailbox({
      address: 'admin@shop.example',
      password: secret,
    });
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'failed', errorCode: 'already-exists' });
    expect(await harness.holdings()).toEqual({ ...nothing, mailboxes: 1 });
    await harness.provisioning.retry(taskId);
    expect((await harness.finish(taskId)).status).toBe('failed');
    expect(harness.mailboxes.mailboxes.get('admin@shop.example')?.password).toBe(secret);
  });

  it('never gives away a domain that the registrar account holds for somebody else', async () => {
    const first = await order();
    await harness.finish(first.taskId);
    await harness.dataSource.query(`UPDATE domains SET status = 'cancelled'`);
    await harness.dataSource.query(`UPDATE dns_zones SET status = 'removed'`);
    await harness.dataSource.query(`UPDATE mailboxes SET status = 'removed'`);
    harness.panel.accounts.clear();
    harness.names.zones.clear();
    harness.mailboxes.mailboxes.clear();
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', errorCode: 'already-exists' });
    await harness.provisioning.cancel(taskId);
    expect((await harness.finish(taskId)).status).toBe('cancelled');
    expect(await harness.holdings()).toMatchObject({ accounts: 0, domains: 1, payments: 1 });
  });

  async function begun(taskId: string, step: string): Promise<void> {
    while ((await harness.statesOf(taskId))[step] !== 'intent') await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
