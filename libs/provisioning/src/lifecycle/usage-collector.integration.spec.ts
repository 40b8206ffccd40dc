import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { ServiceUsages } from '@keelson/hosting';
import type { MemoryHostingServer } from '@keelson/testing/memory';
import { LifecycleHarness } from '../../test/lifecycle-harness.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { UsageCollector } from './usage-collector.service.js';

describe('collecting what services use', () => {
  let harness: ProvisioningHarness;
  let services: LifecycleHarness;
  let usages: ServiceUsages;
  let serviceId: string;
  let now: Date;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    services = new LifecycleHarness(harness);
    usages = new ServiceUsages(harness.dataSource);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    now = new Date('2026-11-21T10:00:00Z');
    serviceId = await services.active();
  });

  const collector = () => new UsageCollector(harness.dataSource, harness.tools.ports, usages, { now: () => now });
  const asked = (panel: MemoryHostingServer, method = 'listUsage') =>
    panel.calls.ledger.entries().filter(({ operation }) => operation === method).length;
  const due = () => harness.dataSource.query('UPDATE usage_collections SET due_at = now()');

  it('keeps one row a day for each service, the last measurement of the day', async () => {
    expect(await collector().collectDue()).toBe(1);
    now = new Date('2026-11-21T16:00:00Z');
    await due();
    await collector().collectDue();
    now = new Date('2026-11-22T01:00:00Z');
    await due();
    await collector().collectDue();
    expect(await usages.history(serviceId, 10)).toMatchObject([
      { day: '2026-11-22', measuredAt: now, diskMb: 12, diskLimitMb: 10_240, bandwidthMb: 34, mailboxes: null },
      { day: '2026-11-21', measuredAt: new Date('2026-11-21T16:00:00Z') },
    ]);
  });

  it('measures one service when it is asked to, and says so when that cannot be', async () => {
    await collector().measure(serviceId);
    expect(await usages.history(serviceId, 10)).toMatchObject([{ day: '2026-11-21', diskMb: 12 }]);
    const other = '00000000-0000-7000-8000-000000000000';
    await expect(collector().measure(other)).rejects.toThrow('service');
    await harness.dataSource.query('UPDATE services SET username = NULL WHERE id = $1', [serviceId]);
    await expect(collector().measure(serviceId)).rejects.toMatchObject({ code: 'no-account' });
  });

  it('asks each server when it is due, and once after an outage of days', async () => {
    await collector().collectDue();
    expect(await collector().collectDue()).toBe(0);
    await harness.dataSource.query(`UPDATE usage_collections SET due_at = now() - interval '3 days'`);
    expect(await collector().collectDue()).toBe(1);
    expect(asked(harness.panel)).toBe(2);
  });

  it('asks once, however many workers are awake', async () => {
    await Promise.all([1, 2, 3, 4].map(() => collector().collectDue()));
    expect(asked(harness.panel)).toBe(1);
  });

  it('lets a server that does not answer delay only itself', async () => {
    const broken = await harness.addServer('web2', 10);
    broken.calls.set({ method: 'listUsage', error: new PortError('unavailable', 'Away.') });
    expect(await collector().collectDue()).toBe(1);
    expect(await usages.history(serviceId, 1)).toHaveLength(1);
    const rows = await harness.dataSource.query<{ error: string | null; minutes: number }[]>(
      `SELECT error, round(extract(epoch FROM due_at - now()) / 60)::int AS minutes FROM usage_collections ORDER BY due_at`,
    );
    expect(rows).toEqual([
      { error: 'Away.', minutes: 15 },
      { error: null, minutes: 360 },
    ]);
  });

  it('passes over accounts that are not ours and figures that are none', async () => {
    const [username = ''] = [...harness.panel.accounts.keys()];
    const [connection = ''] = [...harness.ports.servers.keys()];
    const told = [
      { username: 'stranger', diskMb: 1 },
      { username, diskMb: Number.NaN },
    ];
    expect(await usages.store(connection, told, now)).toBe(0);
    expect(await usages.history(serviceId, 1)).toEqual([]);
  });

  it('does not replace a later measurement by one that came late', async () => {
    const [username = ''] = [...harness.panel.accounts.keys()];
    const [connection = ''] = [...harness.ports.servers.keys()];
    await usages.store(connection, [{ username, diskMb: 9 }], now);
    await usages.store(connection, [{ username, diskMb: 5 }], new Date(now.getTime() - 60_000));
    expect(await usages.history(serviceId, 1)).toMatchObject([{ diskMb: 9 }]);
  });

  it('forgets what is more than 400 days old', async () => {
    const [username = ''] = [...harness.panel.accounts.keys()];
    const [connection = ''] = [...harness.ports.servers.keys()];
    await usages.store(connection, [{ username, diskMb: 9 }], new Date('2025-01-01T00:00:00Z'));
    await usages.store(connection, [{ username, diskMb: 9 }], now);
    expect(await usages.history(serviceId, 10)).toHaveLength(1);
  });

  it('asks account by account where the vendor tells only of one, and does without those that are gone', async () => {
    await services.active({ domain: 'two.example' });
    const [gone = ''] = [...harness.panel.accounts.keys()];
    harness.panel.accounts.delete(gone);
    const { ports } = harness.tools;
    const single = {
      find: async (...args: Parameters<typeof ports.find>) => {
        const bound = await ports.find(...args);
        const { listUsage: _listUsage, ...adapter } = bound?.adapter as never as Record<string | symbol, unknown>;
        for (const mark of Object.getOwnPropertySymbols(bound?.adapter)) adapter[mark] = new Set(['usage']);
        return { ...bound, adapter };
      },
    } as never;
    expect(await new UsageCollector(harness.dataSource, single, usages, { now: () => now }).collectDue()).toBe(1);
    expect(asked(harness.panel, 'getUsage')).toBe(2);
    const rows = await harness.dataSource.query<unknown[]>('SELECT 1 FROM service_usage');
    expect(rows).toHaveLength(1);
  });
});
