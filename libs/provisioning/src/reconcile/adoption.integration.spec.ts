import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import type { MemoryAccount } from '@keelson/testing/memory';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { ReconcileHarness } from '../../test/reconcile-harness.js';
import type { AdoptionDecision } from './adoption-plan.js';

const tables = ['customers', 'services', 'domains', 'websites', 'dns_zones', 'remote_resources', 'audit_log'];

describe('adopting the accounts of a panel', () => {
  let harness: ProvisioningHarness;
  let world: ReconcileHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    world = new ReconcileHarness(harness);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    world.reset();
  });

  const account = (username: string, more: Partial<MemoryAccount> = {}) =>
    harness.panel.accounts.set(username, {
      ...{ remoteId: `id-${username}`, username, domain: `${username}.example`, package: 'starter', state: 'active' },
      ...{ email: `${username}@example.org`, password: 'x', reseller: false, ip: '192.0.2.9' },
      ...{ databases: new Map(), certificates: new Map(), forcedHttps: new Set() },
      ...more,
    });
  const adopt = (more: { dryRun?: boolean; product?: string } = {}) =>
    world.adoption.adopt({ connection: 'panel web1', match: 'email', dryRun: false, ...more }, 'user:1');
  const actions = (decisions: AdoptionDecision[]) => decisions.map(({ action, username }) => `${username} ${action}`);
  const counts = async () =>
    Object.fromEntries(
      await Promise.all(
        tables.map(async (table) => {
          const [row] = await harness.dataSource.query<{ n: number }[]>(`SELECT count(*)::int AS n FROM ${table}`);
          return [table, row?.n];
        }),
      ),
    ) as Record<string, number>;
  const service = async (username: string) =>
    (await harness.dataSource.query('SELECT * FROM services WHERE username = $1', [username]))[0];

  /** One service that was sold here, and four accounts that were not. */
  const existing = async () => {
    await world.services.active();
    account('old1', { externalId: 'crm-17' });
    account('old2', { email: 'ada@example.org' });
    account('old3', { state: 'suspended', suspendReason: 'unpaid' });
    account('old4', { domain: 'shop.example' });
  };

  it('lets an account that is gone later come back under its own name, when an operator names it', async () => {
    await existing();
    await adopt();
    const { id } = await service('old1');
    harness.panel.accounts.delete('old1');
    await world.confirm('accounts');
    const [missing] = (await world.findings()).filter(({ kind }) => kind === 'account.missing');
    await world.repair({ ids: [missing?.id ?? ''] });
    const { username } = (await world.services.service(id)) as { username: string };
    expect(username).toBe('old1');
    expect(harness.panel.accounts.get(username)).toMatchObject({
      ...{ domain: 'old1.example', externalId: id, password: await harness.secrets.find(id, 'panel_password') },
    });
    await world.observe('accounts');
    expect((await world.open()).filter((line) => line.includes('missing'))).toEqual([]);
  });

  it('first shows what it would write, and writes none of it', async () => {
    await existing();
    const before = await counts();
    const decisions = await adopt({ dryRun: true });
    expect(actions(decisions).slice(1)).toEqual(['old1 adopt', 'old2 adopt', 'old3 adopt', 'old4 conflict']);
    expect(await counts()).toEqual(before);
    expect(await harness.holdings()).toMatchObject({ slots: 1, accounts: 5 });
  });

  it('writes customer, service, site, domain, resource and slot, and touches nothing at the panel', async () => {
    await existing();
    const panel = JSON.stringify([...harness.panel.accounts.values()]);
    const before = await counts();
    await adopt();
    const after = await counts();
    expect(after).toMatchObject({
      customers: (before['customers'] ?? 0) + 2,
      services: (before['services'] ?? 0) + 3,
      domains: (before['domains'] ?? 0) + 3,
      websites: (before['websites'] ?? 0) + 3,
      remote_resources: (before['remote_resources'] ?? 0) + 3,
    });
    expect(JSON.stringify([...harness.panel.accounts.values()])).toBe(panel);
    expect(await harness.holdings()).toMatchObject({ slots: 4 });
    expect(await service('old1')).toMatchObject({
      ...{ status: 'active', domain: 'old1.example', package_name: 'starter', ip: '192.0.2.9', suspended_at: null },
      ...{ server_id: expect.any(String), provisioned_at: expect.any(Date), subscription_id: null },
    });
    expect(await service('old2')).toMatchObject({ customer_id: harness.customer.id });
    expect(await service('old3')).toMatchObject({ status: 'suspended', suspend_reason: 'unpaid' });
    const { id } = await service('old3');
    expect(await harness.row('websites', id)).toMatchObject({ status: 'suspended' });
    expect(await harness.row('domains', id)).toMatchObject({ status: 'active', mode: 'external' });
    expect(await harness.row('dns_zones', id)).toMatchObject({ status: 'skipped' });
    expect(await harness.row('remote_resources', id)).toMatchObject({ kind: 'account', remote_id: 'id-old3' });
  });

  it('writes nothing new when it is repeated, also by several at once', async () => {
    await existing();
    await Promise.all([adopt(), adopt(), adopt()]);
    const before = await counts();
    expect(before['services']).toBe(4);
    expect(await harness.holdings()).toMatchObject({ slots: 4 });
    expect(actions(await adopt()).slice(1)).toEqual(['old1 managed', 'old2 managed', 'old3 managed', 'old4 conflict']);
    expect(await counts()).toEqual(before);
  });

  it('leaves nothing for the reconciler to find, and what it adopted can be operated', async () => {
    await existing();
    harness.panel.accounts.delete('old4');
    await world.observe('accounts');
    expect(await world.open()).toHaveLength(3);
    await adopt();
    await world.observe('accounts');
    expect(await world.open()).toEqual([]);
    const { id } = await service('old1');
    expect((await world.services.do(id, 'suspend', { reason: 'unpaid' })).status).toBe('completed');
    expect(harness.panel.accounts.get('old1')?.state).toBe('suspended');
    harness.panel.accounts.get('old1')!.state = 'active';
    expect((await world.services.do(id, 'repair_account')).status).toBe('completed');
    expect(harness.panel.accounts.get('old1')?.state).toBe('suspended');
  });

  it('counts accounts beyond the capacity of the server: they are there', async () => {
    await world.services.active();
    await harness.dataSource.query('UPDATE servers SET capacity = 1');
    account('old1');
    account('old2');
    await adopt();
    expect(await harness.dataSource.query('SELECT capacity, used FROM servers')).toEqual([{ capacity: 1, used: 3 }]);
  });

  it('writes nothing when the panel does not list to the end', async () => {
    await existing();
    const before = await counts();
    harness.panel.calls.set({ method: 'listAccounts', error: new PortError('unavailable', 'Away.') });
    await expect(adopt()).rejects.toThrow('Away.');
    expect(await counts()).toEqual(before);
  });

  it.each([
    ['nowhere', 'There is no enabled connection "nowhere".'],
    ['dns one', 'The connection dns one keeps no accounts'],
  ])('refuses the connection %s', async (connection, why) => {
    const asked = world.adoption.adopt({ connection, match: 'email', dryRun: true }, 'user:1');
    await expect(asked).rejects.toThrow(why);
  });
});
