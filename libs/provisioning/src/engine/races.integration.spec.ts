import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PortError } from '@keelson/core';
import { newId } from '@keelson/database';
import { DyingJournal } from '../../test/dying-journal.js';
import { invariants, sound } from '../../test/invariants.js';
import { isAtRest, ProvisioningHarness } from '../../test/provisioning-harness.js';
import { hostingRecipe } from '../recipes/hosting.recipe.js';
import { RecipeRegistry } from './recipe-registry.js';

describe('workers, sweepers and people at one task', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const order = (more = {}) => harness.order({ domainMode: 'new_registration', ...more });
  const stepOf = async (taskId: string, name: string) => {
    const step = (await harness.journal.steps(taskId)).find((one) => one.name === name);
    if (step === undefined) throw new Error(`there is no step ${name}`);
    return step;
  };
  const lapsed = `lease_until = now() - interval '1 s'`;

  it('lets either a cancellation or the purchase begin, never both', async () => {
    for (let round = 0; round < 25; round += 1) {
      const { taskId } = await order({ domain: `shop${round}.example` });
      const pivot = await stepOf(taskId, 'register_domain');
      const [claim, cancelled] = await Promise.all([
        harness.journal.claim(pivot.id, 'worker'),
        harness.provisioning.cancel(taskId).then(
          () => true,
          () => false,
        ),
      ]);
      expect(claim === undefined).toBe(cancelled);
    }
  });

  it('begins no step of a task that is being turned round by another worker', async () => {
    const { taskId } = await order();
    const step = await stepOf(taskId, 'assign_server');
    let claimed: Promise<unknown> = Promise.resolve();
    await harness.journal.decide(taskId, async (manager) => {
      claimed = harness.journal.claim(step.id, 'worker');
      await new Promise((resolve) => setTimeout(resolve, 100));
      await harness.journal.change(manager, taskId, { direction: 'undo' });
    });
    expect(await claimed).toBeUndefined();
    expect((await stepOf(taskId, 'assign_server')).state).toBe('pending');
  });

  it('keeps what a vendor did while the database is away, and writes it once', async () => {
    const { taskId } = await order();
    const step = await stepOf(taskId, 'assign_server');
    const claim = await harness.journal.claim(step.id, 'worker');
    const open = harness.dataSource.createQueryRunner.bind(harness.dataSource);
    let refused = 3;
    const away = jest.spyOn(harness.dataSource, 'createQueryRunner').mockImplementation((...how) => {
      if (refused-- > 0) throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1'), { code: 'ECONNREFUSED' });
      return open(...how);
    });
    expect(await harness.journal.record(claim!, { state: 'completed', output: { id: 1 } })).toBe(true);
    expect(refused).toBe(-1);
    away.mockRestore();
    expect(await harness.journal.record(claim!, { state: 'completed', output: { id: 2 } })).toBe(false);
    expect(await stepOf(taskId, 'assign_server')).toMatchObject({ state: 'completed', output: { id: 1 } });
  });

  it('does not take a step for begun whose connection nobody could look up while the database was away', async () => {
    harness.ports.bound.delete('ssl');
    const { taskId } = await order();
    const find = harness.ports.find.bind(harness.ports);
    const away = jest.spyOn(harness.ports, 'find').mockImplementation((port, key) => {
      if (port.id !== 'ssl') return find(port, key);
      return Promise.reject(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1'), { code: 'ECONNREFUSED' }));
    });
    await expect(harness.runner().drive(taskId)).rejects.toThrow('ECONNREFUSED');
    expect(await stepOf(taskId, 'install_ssl')).toMatchObject({ state: 'pending', fence: '0' });
    away.mockRestore();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect((await stepOf(taskId, 'install_ssl')).state).toBe('skipped');
  });

  it('gives a step that is due to one of many workers', async () => {
    const { taskId } = await order();
    const { id } = await stepOf(taskId, 'assign_server');
    const claims = await Promise.all(Array.from({ length: 15 }, (_, n) => harness.journal.claim(id, `worker ${n}`)));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('keeps a worker that was overtaken from acting at all', async () => {
    const { taskId } = await order();
    const { id } = await stepOf(taskId, 'create_account');
    const zombie = await harness.journal.claim(id, 'zombie');
    await harness.dataSource.query(`UPDATE provisioning_steps SET ${lapsed} WHERE id = $1`, [id]);
    await harness.journal.claim(id, 'another');
    expect(zombie && (await harness.journal.noteAbsent(zombie))).toBe(false);
  });

  it('does not bring a finished step back under a lease when a renewal comes late', async () => {
    const { taskId } = await order();
    const { id } = await stepOf(taskId, 'create_account');
    const claim = await harness.journal.claim(id, 'worker');
    if (claim === undefined) throw new Error('the step was not claimed');
    await harness.journal.record(claim, { state: 'unknown', error: 'no answer' });
    await harness.journal.renew('worker', [claim], [taskId]);
    expect((await stepOf(taskId, 'create_account')).leaseUntil).toBeNull();
    await harness.finish(taskId);
    expect((await harness.journal.task(taskId))?.status).toBe('needs_attention');
  });

  it('renews only its own leases', async () => {
    const { taskId } = await order();
    const { id } = await stepOf(taskId, 'create_account');
    const claim = await harness.journal.claim(id, 'worker');
    await harness.dataSource.query(`UPDATE provisioning_steps SET ${lapsed} WHERE id = $1`, [id]);
    await harness.journal.renew('another', claim === undefined ? [] : [claim], []);
    expect((await stepOf(taskId, 'create_account')).lapsed).toBe(true);
    await harness.journal.renew('worker', claim === undefined ? [] : [claim], []);
    expect((await stepOf(taskId, 'create_account')).lapsed).toBe(false);
  });

  it('leaves an undo that is under way to its worker when a person presses retry', async () => {
    harness.mailboxes.calls.set({ method: 'ensureMailbox', error: new PortError('invalid-input', 'Never.') });
    harness.names.calls.set({ method: 'removeZone', times: 1, delayMs: 300 });
    const { taskId } = await order();
    const driven = harness.runner().drive(taskId);
    while ((await stepOf(taskId, 'setup_dns')).state !== 'undoing') await new Promise((r) => setTimeout(r, 10));
    await harness.dataSource.query(`UPDATE provisioning_tasks SET status = 'waiting' WHERE id = $1`, [taskId]);
    await harness.provisioning.retry(taskId);
    await harness.runner().drive(taskId);
    await driven;
    expect((await harness.finish(taskId)).status).toBe('failed');
    const removals = harness.names.calls.ledger.entries().filter(({ operation }) => operation === 'removeZone');
    expect(removals).toHaveLength(1);
  });

  it('tries steps again apart from each other that went down with one worker, so that the one to blame is alone', async () => {
    const steps: { id: string }[] = [];
    for (let n = 0; n < 12; n += 1)
      steps.push(await stepOf((await order({ domain: `shop${n}.example` })).taskId, 'assign_server'));
    const claims = () => Promise.all(steps.map(({ id }) => harness.journal.claim(id, 'worker')));
    const leases = () =>
      harness.dataSource.query<{ seconds: number }[]>(
        `SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 AS seconds FROM provisioning_steps WHERE lease_until IS NOT NULL ORDER BY 1`,
      );
    const spread = async () => {
      const found = (await leases()).map(({ seconds }) => seconds);
      return (found.at(-1) ?? 0) - (found[0] ?? 0);
    };
    await claims();
    expect(await spread()).toBeLessThan(2);
    for (let deaths = 0; deaths < 4; deaths += 1) {
      await harness.dataSource.query(`UPDATE provisioning_steps SET ${lapsed} WHERE lease_until IS NOT NULL`);
      await claims();
    }
    expect(await spread()).toBeGreaterThan(4);
    const held = (await claims()).filter((claim) => claim !== undefined);
    expect(held).toEqual([]);
  });

  it('does not go by an order that is older than the steps which another worker completed meanwhile', async () => {
    const { taskId } = await order();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let reached = () => {};
    const waits = new Promise<void>((resolve) => (reached = resolve));
    const recipe = hostingRecipe(harness.tools);
    const started = () => (reached(), held);
    const slow = harness.runner(
      harness.journal,
      new RecipeRegistry([{ ...recipe, hooks: { ...recipe.hooks, started } }]),
    );
    const driven = slow.drive(taskId);
    await waits;
    const dying = new DyingJournal(harness.dataSource, 'assign_server', 'recorded');
    await harness
      .runner(dying)
      .drive(taskId)
      .catch(() => undefined);
    expect((await stepOf(taskId, 'assign_server')).state).toBe('completed');
    release();
    await driven;
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect((await stepOf(taskId, 'create_account')).state).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ slots: 1, accounts: 1, databases: 1 });
  });

  it('wakes a task whose worker died, and no task twice at once', async () => {
    const { taskId } = await order();
    await harness.journal.begin(taskId);
    expect(await harness.journal.sweep()).toBe(0);
    await harness.dataSource.query(`UPDATE provisioning_tasks SET next_wake_at = now() - interval '1 s'`);
    const swept = await Promise.all([1, 2, 3].map(() => harness.journal.sweep()));
    expect(swept.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('is due when the lease of a step ends, whoever lets it rest for longer, and whenever the step was begun', async () => {
    const dueInSeconds = async (taskId: string) => {
      const [row] = await harness.dataSource.query<{ seconds: number }[]>(
        'SELECT extract(epoch FROM next_wake_at - now())::float8 AS seconds FROM provisioning_tasks WHERE id = $1',
        [taskId],
      );
      return row?.seconds ?? Number.NaN;
    };
    const rest = async (taskId: string) => {
      const task = await harness.journal.begin(taskId);
      return task !== undefined && harness.journal.rest(task, 600_000);
    };
    const { taskId } = await order();
    const step = await stepOf(taskId, 'assign_server');
    expect(await rest(taskId)).toBe(true);
    expect(await dueInSeconds(taskId)).toBeGreaterThan(500);
    const claim = await harness.journal.claim(step.id, 'worker');
    await harness.journal.renew('worker', claim === undefined ? [] : [claim], [taskId]);
    expect(await dueInSeconds(taskId)).toBeLessThan(60);
    expect(await rest(taskId)).toBe(true);
    expect(await dueInSeconds(taskId)).toBeLessThan(60);
    await harness.dataSource.query(`UPDATE provisioning_steps SET ${lapsed} WHERE id = $1`, [step.id]);
    expect(await rest(taskId)).toBe(true);
    expect(await dueInSeconds(taskId)).toBeLessThan(0);
    await harness.dataSource.query('SELECT join_connection_line($1, $2, 600)', [step.id, newId()]);
    expect(await rest(taskId)).toBe(true);
    expect(await dueInSeconds(taskId)).toBeGreaterThan(500);
  });

  it('does not wake a finished task when a worker without its recipe comes late', async () => {
    const { taskId } = await order();
    const late = harness.runner(harness.journal, new RecipeRegistry([]));
    await late.drive(taskId);
    expect(await harness.journal.task(taskId)).toMatchObject({ status: 'waiting', errorCode: 'invalid-config' });
    await harness.finish(taskId);
    await late.drive(taskId);
    expect(await harness.journal.task(taskId)).toMatchObject({ status: 'completed', nextWakeAt: null, error: null });
  });

  it('is not woken at once, again and again, while something else has to happen first', async () => {
    harness.policy = { ...harness.policy, holdMs: 600_000 };
    harness.mailboxes.calls.set({ method: 'ensureMailbox', error: new PortError('invalid-input', 'Never.') });
    harness.names.calls.set({ method: 'removeZone', error: new PortError('invalid-config', 'The key was revoked.') });
    const { taskId } = await order();
    for (let turn = 0; turn < 3; turn += 1) await harness.runner().drive(taskId);
    const [row] = await harness.dataSource.query<{ seconds: number; events: number }[]>(
      `SELECT extract(epoch FROM next_wake_at - now())::float8 AS seconds,
              (SELECT count(*)::int FROM provisioning_events WHERE type = 'step.undoing' AND step = 'setup_dns') AS events
         FROM provisioning_tasks`,
    );
    expect(row?.seconds).toBeGreaterThan(500);
    expect(row?.events).toBe(2);
  });

  it.each([1, 2, 3])('brings every order to its end through disorder, one object each (seed %i)', async (seed) => {
    const random = sequence(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const orders = [];
    for (let n = 0; n < 8; n += 1) orders.push(await order({ domain: `shop${n}.example` }));
    const vendors = [harness.panel, harness.names, harness.mailboxes, harness.registrar];
    const runners = [harness.runner(), harness.runner(), harness.runner()];
    for (let turn = 0; turn < 30; turn += 1) {
      const code = pick(['unavailable', 'outcome-unknown', 'rate-limited'] as const);
      const when = code === 'outcome-unknown' ? pick(['before', 'after'] as const) : 'before';
      pick(vendors).calls.set({ times: 1, delayMs: random() * 20, when, error: new PortError(code, 'Disorder.') });
      const { taskId } = pick(orders);
      await Promise.all([pick(runners).drive(taskId), pick(runners).drive(taskId), harness.journal.sweep()]);
      if (random() < 0.2) await harness.lapse(taskId);
    }
    vendors.forEach(({ calls }) => calls.clear());
    for (const { taskId } of orders) {
      const task = await harness.finish(taskId);
      if (task.status === 'needs_attention') await harness.provisioning.retry(taskId);
      expect((await harness.finish(taskId, isAtRest)).status).toBe('completed');
    }
    const eight = { slots: 8, accounts: 8, databases: 8, zones: 8, mailboxes: 8, domains: 8, payments: 8, mails: 8 };
    expect(await harness.holdings()).toEqual(eight);
    expect(await invariants(harness)).toEqual(sound);
  });
});

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
