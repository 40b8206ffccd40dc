import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { newId } from '@keelson/database';
import type { MemoryAccount } from '@keelson/testing/memory';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { ReconcileHarness } from '../../test/reconcile-harness.js';
import { DriftConflictError, FindingNotFoundError, ObservationUnderWayError } from './drift.errors.js';

describe('observing what vendors hold', () => {
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

  const accountOf = async (serviceId: string): Promise<MemoryAccount> => {
    const { username } = (await harness.row<{ username: string }>('services', serviceId)) ?? { username: '' };
    const account = harness.panel.accounts.get(username);
    if (account === undefined) throw new Error('the service has no account');
    return account;
  };
  const zone = () => harness.names.zones.get('shop.example');
  const findings = () => harness.dataSource.query('SELECT * FROM drift_findings ORDER BY id');
  const events = async () =>
    (await harness.dataSource.query<{ type: string }[]>('SELECT type FROM drift_events ORDER BY id')).map(
      ({ type }) => type,
    );
  /** Several services, whose domains are numbered. */
  const several = async (count: number): Promise<string[]> => {
    const services: string[] = [];
    for (let index = 0; index < count; index += 1) {
      services.push(await world.services.active({ domain: `shop${index}.example` }));
    }
    return services;
  };

  it('finds nothing where everything is as it was made', async () => {
    await world.services.active();
    const observations = await world.reconciler.observe();
    expect(observations.map(({ area, complete, differences }) => [area, complete, differences]).sort()).toEqual([
      ['accounts', true, 0],
      ['domains', true, 0],
      ['mailboxes', true, 0],
      ['zones', true, 0],
    ]);
    expect(await world.open()).toEqual([]);
  });

  it('tells every way in which accounts, zones and mailboxes differ', async () => {
    const account = await accountOf(await world.services.active());
    Object.assign(account, { state: 'suspended', suspendReason: 'abuse', package: 'premium' });
    harness.panel.accounts.set('stranger', { ...account, username: 'stranger', domain: 'other.example' });
    zone()?.sets.set('www.shop.example CNAME', {
      ...{ name: 'www.shop.example', type: 'CNAME', ttl: 60, values: ['elsewhere.example'] },
    });
    zone()?.sets.delete('shop.example MX');
    harness.names.zones.set('other.example', { owner: 'somebody', serial: 1, signed: false, sets: new Map() });
    harness.mailboxes.mailboxes.get('admin@shop.example')!.suspended = true;
    await world.reconciler.observe();
    expect(await world.open()).toEqual([
      `account.package ${account.username} open`,
      `account.suspension ${account.username} open`,
      'account.unmanaged stranger open',
      'mailbox.suspension admin@shop.example open',
      'zone.records shop.example MX open',
      'zone.records www.shop.example CNAME open',
      'zone.unmanaged other.example open',
    ]);
    const [suspension] = (await world.findings()).filter(({ kind }) => kind === 'account.suspension');
    expect(suspension).toMatchObject({
      connection: 'panel web1',
      expected: { state: 'active' },
      actual: { state: 'suspended', reason: 'abuse' },
      suggestion: 'repair',
      timesSeen: 1,
    });
  });

  it('does not compare what customers put into their zones and mailboxes themselves', async () => {
    await world.services.active();
    zone()?.sets.set('blog.shop.example A', { name: 'blog.shop.example', type: 'A', ttl: 60, values: ['192.0.2.1'] });
    harness.mailboxes.mailboxes.set('ada@shop.example', {
      address: 'ada@shop.example',
      password: 'x',
      suspended: false,
    });
    await world.reconciler.observe();
    expect(await world.open()).toEqual([]);
  });

  it('changes only the time of the last sighting when the same is observed again at once', async () => {
    (await accountOf(await world.services.active())).state = 'suspended';
    await world.observe('accounts');
    const [before] = await findings();
    await world.observe('accounts');
    const [after, ...more] = await findings();
    expect(more).toEqual([]);
    expect(after.last_seen.getTime()).toBeGreaterThan(before.last_seen.getTime());
    expect(after).toEqual({ ...before, last_seen: after.last_seen });
    expect(await events()).toEqual(['found']);
  });

  it('confirms a difference that is seen again after the gap, which is an alert, and resolves it when it is gone', async () => {
    const account = await accountOf(await world.services.active());
    account.state = 'suspended';
    await world.observe('accounts');
    expect(await world.alerts()).toEqual([]);
    await world.pass();
    await world.observe('accounts');
    await world.pass();
    await world.observe('accounts');
    expect(await world.alerts()).toMatchObject([
      { kind: 'drift.found', facts: { connection: 'panel web1', area: 'accounts', differences: '1' } },
    ]);
    account.state = 'active';
    await world.observe('accounts');
    expect(await world.open()).toEqual([]);
    expect(await world.alerts()).toEqual([]);
    expect(await events()).toEqual(['found', 'confirmed', 'resolved']);
    account.state = 'suspended';
    await world.observe('accounts');
    expect((await findings()).map(({ status }: { status: string }) => status)).toEqual(['resolved', 'open']);
  });

  it('begins anew when the difference becomes another, also one that was ignored', async () => {
    const account = await accountOf(await world.services.active());
    account.package = 'premium';
    await world.confirm('accounts');
    const [finding] = await world.findings();
    await world.drift.ignore(finding?.id ?? '', 'agreed with the customer', 'user:1');
    await world.observe('accounts');
    expect(await world.open()).toEqual([`account.package ${account.username} ignored`]);
    account.package = 'business';
    await world.observe('accounts');
    expect(await world.findings()).toMatchObject([
      { status: 'open', reason: null, timesSeen: 1, actual: { package: 'business' } },
    ]);
  });

  it('opens an ignored one again when an operator says so, and only such a one', async () => {
    const account = await accountOf(await world.services.active());
    account.package = 'premium';
    await world.confirm('accounts');
    const id = (await world.findings())[0]?.id ?? '';
    await expect(world.drift.reopen(id, 'user:1')).rejects.toThrow(DriftConflictError);
    await world.drift.ignore(id, 'agreed with the customer', 'user:1');
    expect((await world.drift.plan({ ids: [id] })).items).toEqual([]);
    expect(await world.drift.reopen(id, 'user:2')).toMatchObject({ status: 'open', reason: null, timesSeen: 2 });
    expect((await world.drift.plan({ ids: [id] })).items).toHaveLength(1);
    await expect(world.drift.reopen(id, 'user:2')).rejects.toThrow('is open, not ignored');
    await expect(world.drift.reopen(newId(), 'user:2')).rejects.toThrow(FindingNotFoundError);
    expect((await world.drift.show(id)).history.slice(2)).toMatchObject([
      { type: 'ignored', data: { actor: 'user:1' } },
      { type: 'reopened', data: { actor: 'user:2' } },
    ]);
  });

  it('leaves out what the policy ignores, and finds it again when it no longer does', async () => {
    const account = await accountOf(await world.services.active());
    account.package = 'premium';
    await world.confirm('accounts');
    await world.drift.ignore((await world.findings())[0]?.id ?? '', 'for now', 'user:1');
    Object.assign(world.config, { policy: { 'account.package': 'ignore' } });
    await world.observe('accounts');
    expect(await world.open()).toEqual([]);
    Object.assign(world.config, { policy: {} });
    await world.observe('accounts');
    expect(await world.open()).toEqual([`account.package ${account.username} open`]);
  });

  it('leaves services alone that a task works on', async () => {
    const serviceId = await world.services.active();
    (await accountOf(serviceId)).package = 'premium';
    await world.services.ask(serviceId, 'suspend', { reason: 'unpaid' });
    await world.observe('accounts');
    expect(await world.open()).toEqual([]);
  });

  it('does not take an account that is being made for a stranger', async () => {
    await world.services.active();
    const { taskId } = await harness.order({ domain: 'next.example' });
    harness.names.calls.set({ method: 'ensureZone', error: new PortError('unavailable', 'Later.') });
    await harness.runner().drive(taskId);
    expect(await harness.statesOf(taskId)).toMatchObject({ create_account: 'completed', setup_dns: 'waiting' });
    expect(harness.panel.accounts.size).toBe(2);
    await harness.dataSource.query(`UPDATE services SET username = NULL WHERE domain = 'next.example'`);
    await world.observe('accounts');
    expect(await world.open()).toEqual([]);
  });

  describe('when the list cannot be relied on', () => {
    it.each<[string, () => void]>([
      [
        'fails',
        () => harness.panel.calls.set({ method: 'listAccounts', error: new PortError('unavailable', 'Away.') }),
      ],
      [
        'ends in the middle',
        () => {
          const calls = harness.panel.calls;
          const run = calls.run.bind(calls);
          let pages = 0;
          calls.run = (method, subject, act) => {
            if (method === 'listAccounts' && (pages += 1) === 2) throw new PortError('unavailable', 'Away.');
            return run(method, subject, act);
          };
        },
      ],
    ])('concludes nothing from one that %s', async (_how, spoil) => {
      await several(5);
      for (const account of harness.panel.accounts.values()) account.state = 'suspended';
      await world.observe('accounts');
      const before = await findings();
      for (const account of harness.panel.accounts.values()) account.state = 'active';
      spoil();
      const [observation] = await world.observe('accounts');
      expect(observation).toMatchObject({ complete: false, error: 'unavailable: Away.', listed: null });
      expect(await findings()).toEqual(before);
    });

    it('sounds the alarm for an empty one and stores nothing as missing', async () => {
      await world.services.active();
      harness.panel.accounts.clear();
      const [observation] = await world.observe('accounts');
      expect(observation).toMatchObject({ complete: true, suspicion: 'empty', listed: 0, believed: 1 });
      expect(await world.open()).toEqual([]);
      expect(await world.alerts()).toMatchObject([
        {
          ...{ kind: 'drift.suspicious', title: 'the list of accounts at panel web1 is suspiciously empty' },
          detail: expect.stringContaining('It lists 0 where we know of 1.'),
        },
      ]);
      expect(await harness.dataSource.query('SELECT status FROM services')).toEqual([{ status: 'active' }]);
    });

    it('sounds the alarm for one that has shrunk by more than the brake, until an administrator says that it is so', async () => {
      const services = await several(5);
      await world.observe('accounts');
      for (const serviceId of services.slice(0, 4))
        harness.panel.accounts.delete((await accountOf(serviceId)).username);
      const [observation] = await world.observe('accounts');
      expect(observation).toMatchObject({ suspicion: 'shrunk', listed: 1, believed: 5 });
      expect(await world.open()).toEqual([]);
      expect(await world.alerts()).toMatchObject([
        { kind: 'drift.suspicious', title: expect.stringContaining('shrunk') },
      ]);
      await world.observe('accounts', { acceptShrunk: true });
      expect(await world.alerts()).toEqual([]);
      expect(await world.open()).toHaveLength(4);
      expect((await world.findings()).every(({ suggestion }) => suggestion === 'look')).toBe(true);
      const states = await harness.dataSource.query<{ status: string }[]>('SELECT DISTINCT status FROM services');
      expect(states).toEqual([{ status: 'active' }]);
    });

    it('sees the shrinking of strangers too', async () => {
      await world.services.active();
      const [own] = harness.panel.accounts.values();
      for (let index = 0; index < 20; index += 1) {
        harness.panel.accounts.set(`other${index}`, {
          ...own!,
          username: `other${index}`,
          domain: `o${index}.example`,
        });
      }
      await world.observe('accounts');
      for (let index = 0; index < 4; index += 1) harness.panel.accounts.delete(`other${index}`);
      expect(await world.observe('accounts')).toMatchObject([{ suspicion: 'shrunk', listed: 17 }]);
    });

    it('reports a few that are missing, and never terminates them', async () => {
      const services = await several(2);
      const { username } = await accountOf(services[0] ?? '');
      harness.panel.accounts.delete(username);
      await world.confirm('accounts');
      expect(await world.open()).toEqual([`account.missing ${username} open`]);
      expect((await world.drift.plan()).items).toEqual([]);
      expect(await harness.row('services', services[0] ?? '')).toMatchObject({ status: 'active', username });
      expect(await harness.holdings()).toMatchObject({ slots: 2 });
    });
  });

  it('reports domains of the registrar by name and day of expiry', async () => {
    const serviceId = await world.services.active({ domain: 'bought.example', domainMode: 'new_registration' });
    await world.observe('domains');
    expect(await world.open()).toEqual([]);
    const held = harness.registrar.domains.get('bought.example');
    held!.expiresAt = new Date('2031-05-06T00:00:00Z');
    harness.registrar.domains.set('other.example', { ...held!, domain: 'other.example' });
    await world.confirm('domains');
    expect(await world.open()).toEqual(['domain.expiry bought.example open', 'domain.unmanaged other.example open']);
    const [expiry] = (await world.findings()).filter(({ kind }) => kind === 'domain.expiry');
    await world.repair({ ids: [expiry?.id ?? ''] });
    const day = (await harness.row<{ expires_at: Date }>('domains', serviceId))?.expires_at.toISOString();
    expect(day).toBe('2031-05-06T00:00:00.000Z');
    await world.pass();
    await world.observe('domains');
    expect(await world.open()).toEqual(['domain.unmanaged other.example open']);
  });

  describe('by schedule', () => {
    const due = () => harness.dataSource.query(`UPDATE observation_schedules SET due_at = now() - interval '3 days'`);
    const count = async () =>
      (await harness.dataSource.query<{ count: number }[]>('SELECT count(*)::int FROM observations'))[0]?.count;

    it('observes everything once, and again when it is due; an outage of days is caught up with one look', async () => {
      await world.services.active();
      expect((await world.reconciler.observeDue()).size).toBe(4);
      expect((await world.reconciler.observeDue()).size).toBe(0);
      await due();
      expect((await world.reconciler.observeDue()).size).toBe(4);
      expect((await world.reconciler.observeDue()).size).toBe(0);
      expect(await count()).toBe(8);
    });

    it('comes back after the gap when there is something to confirm, else after the interval', async () => {
      (await accountOf(await world.services.active())).state = 'suspended';
      const minutes = async () =>
        (
          await harness.dataSource.query<{ minutes: number }[]>(
            `SELECT round(extract(epoch FROM due_at - now()) / 60)::int AS minutes FROM observation_schedules WHERE area = 'accounts'`,
          )
        )[0]?.minutes;
      await world.observe('accounts');
      expect(await minutes()).toBe(30);
      await world.pass();
      await world.observe('accounts');
      expect(await minutes()).toBe(360);
    });

    it('lets several workers share the work without looking at one connection twice at once', async () => {
      await world.services.active();
      const panels = [harness.panel];
      for (let index = 2; index <= 6; index += 1) panels.push(await harness.addServer(`web${index}`, 10));
      let most = 0;
      for (const { calls } of panels) {
        const run = calls.run.bind(calls);
        let now = 0;
        calls.run = async (method, subject, act) => {
          if (method !== 'listAccounts') return run(method, subject, act);
          most = Math.max(most, (now += 1));
          await new Promise((resolve) => setTimeout(resolve, 5));
          return run(method, subject, act).finally(() => (now -= 1));
        };
      }
      const others = Array.from({ length: 4 }, () => new ReconcileHarness(harness).reconciler.observeDue());
      await Promise.all([world.reconciler.observeDue(), ...others]);
      expect(most).toBe(1);
      expect(await count()).toBe(9);
    });

    const expire = () =>
      harness.dataSource.query(`UPDATE observation_schedules SET lease_until = now() - interval '1 s'`);

    it('takes over from a worker that gave no sign of life, whose late result counts for nothing', async () => {
      const account = await accountOf(await world.services.active());
      account.state = 'suspended';
      const { calls } = harness.panel;
      const run = calls.run.bind(calls);
      let wake = () => {};
      const asleep = new Promise<void>((resolve) => {
        calls.run = async (method, subject, act) => {
          calls.run = run;
          const answer = await run(method, subject, act);
          resolve();
          await new Promise<void>((awake) => (wake = awake));
          return answer;
        };
      });
      const late = world.observe('accounts').catch((error: unknown) => error);
      await asleep;
      await expect(world.observe('accounts')).rejects.toThrow(ObservationUnderWayError);
      await expire();
      account.state = 'active';
      await world.observe('accounts');
      wake();
      expect(await late).toBeInstanceOf(ObservationUnderWayError);
      expect(await world.open()).toEqual([]);
      expect(await count()).toBe(1);
    });
  });
});
