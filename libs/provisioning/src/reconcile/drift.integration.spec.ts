import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MemoryAccount } from '@keelson/testing/memory';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { ReconcileHarness } from '../../test/reconcile-harness.js';
import { BrakeError, DriftConflictError } from './drift.errors.js';

describe('repairing what differs', () => {
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

  const accounts = (): MemoryAccount[] => [...harness.panel.accounts.values()];
  const zone = () => harness.names.zones.get('shop.example');
  const repairAll = () =>
    Object.assign(world.config, {
      policy: {
        'account.suspension': 'repair',
        'account.package': 'repair',
        'zone.records': 'repair',
        'zone.missing': 'repair',
      },
    });
  const tasks = () =>
    harness.dataSource.query<{ operation: string; status: string; requested_by: string }[]>(
      `SELECT operation, status, requested_by FROM provisioning_tasks WHERE operation <> 'provision' ORDER BY id`,
    );
  const several = async (count: number) => {
    for (let index = 0; index < count; index += 1) await world.services.active({ domain: `shop${index}.example` });
  };
  /** Everything that vendors hold, as text. */
  const everything = () =>
    JSON.stringify([
      accounts(),
      [...harness.names.zones].map(([name, { owner, sets }]) => [name, owner, [...sets.values()]]),
    ]);

  it('only reports, unless the policy or an administrator says otherwise', async () => {
    await world.services.active();
    accounts()[0]!.state = 'suspended';
    await world.confirm('accounts');
    expect((await world.drift.plan()).left).toMatchObject([{ why: 'the policy is to report it' }]);
    expect((await world.repair()).applied).toEqual([]);
    const [finding] = await world.findings();
    const plan = await world.repair({ ids: [finding?.id ?? ''] });
    expect(plan.applied).toMatchObject([
      { findingId: finding?.id, repair: 'repair_account', taskId: expect.any(String) },
    ]);
    expect(accounts()[0]?.state).toBe('active');
    expect(await tasks()).toEqual([{ operation: 'repair_account', status: 'completed', requested_by: 'user:1' }]);
    expect(await world.findings()).toMatchObject([{ status: 'planned', taskId: plan.applied[0]?.taskId }]);
    await world.observe('accounts');
    expect(await world.open()).toEqual([]);
    const { history } = await world.drift.show(finding?.id ?? '');
    expect(history.map(({ type }) => type)).toEqual(['found', 'confirmed', 'planned', 'resolved']);
  });

  it('suspends again what somebody opened at the panel, for the reason that we know', async () => {
    const serviceId = await world.services.active();
    await world.services.do(serviceId, 'suspend', { reason: 'The invoice is overdue.' });
    Object.assign(accounts()[0]!, { state: 'active', suspendReason: undefined });
    repairAll();
    await world.confirm('accounts');
    await world.repair();
    expect(accounts()[0]).toMatchObject({ state: 'suspended', suspendReason: 'The invoice is overdue.' });
  });

  it('does nothing about what was seen only once', async () => {
    await world.services.active();
    accounts()[0]!.package = 'premium';
    repairAll();
    await world.observe('accounts');
    expect(await world.drift.plan()).toMatchObject({ items: [], left: [{ why: 'it was seen only once' }] });
    await world.observe('accounts');
    expect(await world.drift.applyPolicy()).toEqual([]);
    await world.pass();
    await world.observe('accounts');
    expect(await world.drift.applyPolicy()).toHaveLength(1);
    expect(await world.drift.applyPolicy()).toEqual([]);
  });

  it('puts our records back, all of a zone in one task, and leaves those of others', async () => {
    await world.services.active();
    const theirs = { name: 'blog.shop.example', type: 'A' as const, ttl: 60, values: ['192.0.2.1'] };
    zone()?.sets.set('blog.shop.example A', theirs);
    zone()?.sets.delete('shop.example MX');
    zone()?.sets.delete('www.shop.example CNAME');
    repairAll();
    await world.confirm('zones');
    const { applied } = await world.repair();
    expect(applied.map(({ repair }) => repair)).toEqual(['repair_zone', 'repair_zone']);
    expect(await tasks()).toHaveLength(1);
    expect(zone()?.sets.get('www.shop.example CNAME')?.values).toEqual(['shop.example']);
    expect(zone()?.sets.get('blog.shop.example A')).toEqual(theirs);
    await world.observe('zones');
    expect(await world.open()).toEqual([]);
  });

  it('makes a zone again that is gone', async () => {
    const serviceId = await world.services.active();
    await world.services.active({ domain: 'other.example' });
    harness.names.zones.delete('shop.example');
    repairAll();
    await world.confirm('zones');
    expect(await world.open()).toEqual(['zone.missing shop.example open']);
    await world.repair();
    expect(zone()).toMatchObject({ owner: serviceId });
    await world.observe('zones');
    expect(await world.open()).toEqual([]);
  });

  it('never touches a zone or an account of somebody else that stands under our name', async () => {
    await world.services.active();
    zone()!.owner = 'somebody';
    zone()!.sets.clear();
    Object.assign(accounts()[0]!, { externalId: 'somebody', domain: 'theirs.example', state: 'suspended' });
    repairAll();
    await world.confirm('zones', 'accounts');
    expect((await world.open()).map((line) => line.split(' ')[0])).toEqual(['account.domain', 'zone.foreign']);
    const before = everything();
    await world.repair();
    const serviceId = (await world.findings())[0]?.serviceId ?? '';
    expect((await world.services.do(serviceId, 'repair_zone')).status).toBe('failed');
    expect((await world.services.do(serviceId, 'repair_account')).status).toBe('failed');
    expect(everything()).toBe(before);
    expect(await world.services.service(serviceId)).toMatchObject({ status: 'active' });
  });

  it('refuses a plan that touches more than the brake allows, and does nothing of it', async () => {
    await several(5);
    for (const account of accounts()) account.state = 'suspended';
    repairAll();
    await world.confirm('accounts');
    const before = everything();
    const plan = await world.drift.plan();
    expect(plan).toMatchObject({
      items: [],
      refused: [{ connection: 'panel web1', area: 'accounts', touched: 5, limit: 3 }],
    });
    await expect(world.drift.apply()).rejects.toThrow(BrakeError);
    expect(await world.drift.applyPolicy()).toEqual([]);
    expect(everything()).toBe(before);
    expect(await tasks()).toEqual([]);
    Object.assign(world.config, { brakePercent: 100 });
    await world.repair();
    expect(accounts().every(({ state }) => state === 'active')).toBe(true);
  });

  it('counts what is under way against the brake, so that small plans do not add up', async () => {
    await several(5);
    for (const account of accounts()) account.state = 'suspended';
    await world.confirm('accounts');
    const ids = (await world.findings()).map(({ id }) => id);
    expect((await world.drift.apply({ ids: ids.slice(0, 3) })).applied).toHaveLength(3);
    await expect(world.drift.apply({ ids: ids.slice(3) })).rejects.toThrow('5 accounts of panel web1 (at most 3)');
  });

  it('does only what was shown', async () => {
    await several(2);
    repairAll();
    accounts()[0]!.package = 'premium';
    await world.confirm('accounts');
    const { fingerprint } = await world.drift.plan();
    accounts()[1]!.package = 'business';
    await world.confirm('accounts');
    await expect(world.drift.apply({ fingerprint })).rejects.toThrow(DriftConflictError);
    expect(await tasks()).toEqual([]);
    await world.repair({ fingerprint: (await world.drift.plan()).fingerprint });
    expect(accounts().map((account) => account.package)).toEqual(['starter', 'starter']);
  });

  it('does nothing while the last observation failed or is not believed', async () => {
    await several(2);
    accounts()[0]!.package = 'premium';
    repairAll();
    await world.confirm('accounts');
    const kept = new Map(harness.panel.accounts);
    harness.panel.accounts.clear();
    await world.observe('accounts');
    expect((await world.drift.plan()).left).toMatchObject([{ why: 'the last observation cannot be relied on' }]);
    for (const [name, account] of kept) harness.panel.accounts.set(name, account);
    await world.observe('accounts');
    expect((await world.drift.plan()).items).toHaveLength(1);
  });

  it('waits for a task that is open for the service', async () => {
    const serviceId = await world.services.active();
    accounts()[0]!.package = 'premium';
    repairAll();
    await world.confirm('accounts');
    await world.services.ask(serviceId, 'suspend', { reason: 'unpaid' });
    expect((await world.drift.plan()).left).toMatchObject([{ why: 'a task for its service is open' }]);
    expect((await world.drift.apply()).applied).toEqual([]);
  });

  it('starts over when the difference is still there after its repair', async () => {
    await world.services.active();
    accounts()[0]!.package = 'premium';
    repairAll();
    await world.confirm('accounts');
    await world.repair();
    accounts()[0]!.package = 'premium';
    await world.observe('accounts');
    expect(await world.findings()).toMatchObject([{ status: 'planned' }]);
    await world.pass();
    await world.observe('accounts');
    expect(await world.findings()).toMatchObject([{ status: 'open', timesSeen: 1, taskId: null }]);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'brings any mess back to what we believe, and touches nothing of others (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      await several(6);
      const belief = everything();
      repairAll();
      Object.assign(world.config, { brakePercent: 100 });
      const strangers = mess(harness, random);
      await world.confirm('accounts', 'zones');
      for (let turn = 0; turn < 3; turn += 1) await world.repair();
      await world.pass();
      await world.confirm('accounts', 'zones');
      const kinds = (await world.open()).map((line) => line.split(' ')[0]);
      expect(kinds.filter((kind) => kind !== 'account.unmanaged' && kind !== 'zone.unmanaged')).toEqual([]);
      for (const check of strangers) check();
      expect(sorted(everything())).toBe(sorted(belief));
    },
  );
});

/** Changes at random whatever can be repaired, and puts strangers' things between. Returns checks that take the strangers away again. */
function mess(harness: ProvisioningHarness, random: () => number): (() => void)[] {
  const checks: (() => void)[] = [];
  const { accounts } = harness.panel;
  const { zones } = harness.names;
  for (const account of accounts.values()) {
    if (random() < 0.4) Object.assign(account, { state: 'suspended', suspendReason: 'somebody' });
    if (random() < 0.4) account.package = random() < 0.5 ? 'premium' : 'business';
  }
  for (const [name, { sets }] of [...zones]) {
    for (const [key, set] of [...sets].filter(([, { type }]) => type !== 'NS')) {
      const dice = random();
      if (dice < 0.2) sets.delete(key);
      else if (dice < 0.4) sets.set(key, { ...set, ttl: 60 });
      else if (dice < 0.5 && set.type === 'A') sets.set(key, { ...set, values: ['203.0.113.9'] });
    }
    if (random() < 0.15) zones.delete(name);
    else if (random() < 0.5) {
      const theirs = { name: `blog.${name}`, type: 'TXT' as const, ttl: 60, values: [`seed ${random()}`] };
      sets.set(`blog.${name} TXT`, theirs);
      checks.push(() => {
        expect(zones.get(name)?.sets.get(`blog.${name} TXT`)).toEqual(theirs);
        zones.get(name)?.sets.delete(`blog.${name} TXT`);
      });
    }
  }
  const [own] = accounts.values();
  for (let index = 0; own !== undefined && index < 3; index += 1) {
    const stranger = { ...own, username: `other${index}`, domain: `other${index}.example`, externalId: `x${index}` };
    const [account, zone] = [
      JSON.stringify(stranger),
      { owner: `x${index}`, serial: 7, signed: false, sets: new Map() },
    ];
    accounts.set(stranger.username, stranger);
    zones.set(stranger.domain, zone);
    checks.push(() => {
      expect(JSON.stringify(accounts.get(stranger.username))).toBe(account);
      expect(zones.get(stranger.domain)).toEqual({ owner: `x${index}`, serial: 7, signed: false, sets: new Map() });
      accounts.delete(stranger.username);
      zones.delete(stranger.domain);
    });
  }
  return checks;
}

/** Order is no part of what vendors hold. */
function sorted(text: string): string {
  const [accounts, zones] = JSON.parse(text) as [unknown[], [string, string, { name: string; type: string }[]][]];
  const flat = zones.map(([name, owner, sets]) => [name, owner, sets.map((set) => JSON.stringify(set)).sort()]);
  return JSON.stringify([accounts, flat.map((zone) => JSON.stringify(zone)).sort()]);
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
