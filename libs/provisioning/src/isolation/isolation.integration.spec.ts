import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { IsolationHarness } from '../../test/isolation-harness.js';

let harness: IsolationHarness;

beforeAll(async () => {
  harness = await IsolationHarness.open();
}, 120_000);
afterEach(() => harness.reset());
afterAll(() => harness?.close());

const down = () => Promise.reject(new PortError('unavailable', 'refused'));

describe('a server that hangs', () => {
  it('delays only its own tasks: those of two others all complete while its calls are still under way', async () => {
    const [dead, one, two] = [await harness.vendor('dead'), await harness.vendor('one'), await harness.vendor('two')];
    const release = dead.hang();
    const stuck = await harness.order(dead, 30);
    const alive = [...(await harness.order(one, 30)), ...(await harness.order(two, 30))];
    harness.worker();
    harness.worker();
    await harness.completed(alive);
    expect(dead.inFlight).toBe(8);
    expect(dead.calls).toHaveLength(8);
    const waiting = async () => (await harness.steps(stuck)).filter(({ state }) => state === 'pending');
    await harness.until(async () => (await waiting()).every(({ reason }) => reason !== null));
    expect(await waiting()).toHaveLength(22);
    for (const { attempt, reason } of await waiting()) {
      expect({ attempt, reason }).toEqual({ attempt: 0, reason: expect.stringContaining('dead') });
    }
    release();
    await harness.completed(stuck);
    expect(new Set(dead.calls).size).toBe(30);
    expect(dead.calls).toHaveLength(30);
  });
});

describe('a connection without limits and without trouble', () => {
  it('leaves no trace in the gates', async () => {
    const vendor = await harness.vendor('free');
    const tasks = await harness.order(vendor, 12);
    harness.worker({ places: 12 });
    await harness.completed(tasks);
    expect(
      await harness.dataSource.query('SELECT 1 FROM connection_gates UNION ALL SELECT 1 FROM connection_line'),
    ).toEqual([]);
  });
});

describe('limits', () => {
  it('on calls at once hold over all workers, and are used to the full', async () => {
    const vendor = await harness.vendor('narrow', { concurrency: 3 });
    const release = vendor.hang();
    const tasks = await harness.order(vendor, 40);
    harness.worker({ places: 12 });
    harness.worker({ places: 12 });
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).waiting === 37);
    await harness.until(() => vendor.inFlight === 3);
    expect(await harness.states.of(vendor.connectionId)).toMatchObject({ limits: { concurrency: 3 }, inFlight: 3 });
    const reason = 'waits for its turn: narrow is used 3 times at once at most';
    const told = async () => (await harness.steps(tasks)).filter((step) => step.reason === reason);
    await harness.until(async () => (await told()).length === 37);
    release();
    await harness.completed(tasks);
    expect(vendor.most).toBe(3);
    expect(vendor.calls).toHaveLength(40);
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).inFlight === 0);
    expect((await harness.steps(tasks)).every(({ attempt }) => attempt === 1)).toBe(true);
  });

  it('on the rate let the burst through and then what time brings, by the clock of the database', async () => {
    const vendor = await harness.vendor('slow', { ratePerSecond: 0.001, burst: 4 });
    const tasks = await harness.order(vendor, 10);
    harness.worker({ places: 12 });
    harness.worker({ places: 12 });
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).waiting === 6);
    await harness.until(() => vendor.calls.length === 4);
    const held = (await harness.steps(tasks)).filter(({ state }) => state === 'pending');
    await harness.until(async () =>
      (await harness.steps(tasks)).every(({ state, reason }) => state !== 'pending' || reason !== null),
    );
    expect((await harness.steps(tasks)).filter(({ reason }) => reason !== null)[0]?.reason).toBe(
      'waits for its turn: slow is used 0.001 times a second at most',
    );
    expect(held).toHaveLength(6);
    await harness.pass(vendor, '2000 s');
    await harness.until(() => vendor.calls.length === 6);
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).waiting === 4);
    await harness.pass(vendor, '1 day');
    await harness.completed(tasks);
    expect(vendor.calls).toHaveLength(10);
  });
});

describe('the breaker', () => {
  it('opens after failures in a row; then steps wait without an attempt, and one at a time finds out', async () => {
    const vendor = await harness.vendor('ill', { concurrency: 1 });
    const healthy = vendor.answer;
    vendor.answer = down;
    const tasks = await harness.order(vendor, 20);
    harness.worker();
    harness.worker();
    const state = () => harness.states.of(vendor.connectionId);
    await harness.until(async () => (await state()).breaker === 'open' && (await state()).waiting === 20);
    expect(vendor.calls).toHaveLength(3);
    const opened = await state();
    expect(opened).toMatchObject({ failures: 3, inFlight: 0 });
    const untried = (await harness.steps(tasks)).filter(({ attempt }) => attempt === 0);
    expect(untried.length).toBeGreaterThanOrEqual(17);

    await harness.pass(vendor, '15 s');
    await harness.until(() => vendor.calls.length === 4);
    await harness.until(async () => (await state()).failures === 4);
    const probed = await state();
    expect(probed.breaker).toBe('open');
    expect(probed.nextProbeAt!.getTime() - probed.openSince!.getTime()).toBeGreaterThan(
      opened.nextProbeAt!.getTime() - opened.openSince!.getTime(),
    );

    const release = vendor.hang();
    await harness.pass(vendor, '30 s');
    await harness.until(async () => (await state()).breaker === 'probing');
    await harness.until(() => vendor.inFlight === 1);
    release();
    vendor.answer = healthy;
    await harness.completed(tasks);
    expect(await state()).toMatchObject({ breaker: 'closed', failures: 0 });
  });

  it('says in the step what it waits for, and until when', async () => {
    const vendor = await harness.vendor('ill', { concurrency: 1 });
    vendor.answer = down;
    await harness.order(vendor, 4);
    harness.worker();
    const state = () => harness.states.of(vendor.connectionId);
    await harness.until(async () => (await state()).breaker === 'open' && (await state()).waiting === 4);
    const late = await harness.order(vendor, 1);
    const { openSince, nextProbeAt } = await state();
    await harness.until(async () => (await harness.steps(late))[0]?.reason !== null);
    expect((await harness.steps(late))[0]).toMatchObject({
      attempt: 0,
      connection: 'ill',
      reason: `waits: ill has not answered properly since ${openSince?.toISOString()}; next try at ${nextProbeAt?.toISOString()}`,
    });
    vendor.answer = () => Promise.resolve();
  });

  it('is not opened by answers, however unwelcome', async () => {
    const vendor = await harness.vendor('strict');
    vendor.answer = () => Promise.reject(new PortError('invalid-input', 'no'));
    const tasks = await harness.order(vendor, 8);
    harness.worker();
    await harness.until(async () => (await harness.count(tasks))['failed'] === 8);
    expect(await harness.states.of(vendor.connectionId)).toMatchObject({ breaker: 'closed', failures: 0 });
  });
});

describe('a vendor that asks for patience', () => {
  const throttled = (alone: boolean) => () =>
    Promise.reject(new PortError('rate-limited', 'slow down', { retryAfterMs: 3_600_000, alone }));

  it('gets it from all workers and all tasks', async () => {
    const vendor = await harness.vendor('busy', { concurrency: 1 });
    vendor.answer = throttled(false);
    const tasks = await harness.order(vendor, 10);
    harness.worker();
    harness.worker();
    const state = () => harness.states.of(vendor.connectionId);
    await harness.until(async () => (await state()).pausedUntil !== undefined && (await state()).waiting === 9);
    expect(vendor.calls).toHaveLength(1);
    vendor.answer = () => Promise.resolve();
    await harness.pass(vendor, '2 hours');
    await harness.until(async () => (await harness.count(tasks))['completed'] === 9);
  });

  it('for one object only delays only that one', async () => {
    const vendor = await harness.vendor('busy', { concurrency: 1 });
    vendor.answer = (object) => (object === 'busy 0' ? throttled(true)() : Promise.resolve());
    const tasks = await harness.order(vendor, 6);
    harness.worker();
    await harness.until(async () => (await harness.count(tasks))['completed'] === 5);
    expect((await harness.states.of(vendor.connectionId)).pausedUntil).toBeUndefined();
  });
});

describe('the queue', () => {
  it('brings the first task of each customer before the second of any, and bulk last', async () => {
    const vendor = await harness.vendor('open');
    const bulk = await harness.order(vendor, 10, { name: 'bulk', priority: 10 });
    const many = await harness.order(vendor, 40, { name: 'many' });
    const late = await harness.order(vendor, 1, { name: 'late' });
    harness.worker({ drives: 1 });
    await harness.completed([...bulk, ...many, ...late]);
    expect(vendor.calls.slice(0, 2)).toEqual(['many 0', 'late 0']);
    expect(vendor.calls.slice(-10).every((object) => object.startsWith('bulk'))).toBe(true);
  });

  it('brings what a dead worker left before what nobody has begun', async () => {
    const vendor = await harness.vendor('open');
    const [left = ''] = await harness.order(vendor, 1, { name: 'left' });
    await harness.journal.begin(left);
    harness.queue.lose();
    const many = await harness.order(vendor, 20, { name: 'many' });
    await harness.dataSource.query(`UPDATE provisioning_tasks SET next_wake_at = now() WHERE id = $1`, [left]);
    await harness.journal.sweep();
    harness.worker({ drives: 1 });
    await harness.completed([left, ...many]);
    expect(vendor.calls[0]).toBe('left 0');
  });

  it('keeps the turns when the sweeper wakes everybody again', async () => {
    const vendor = await harness.vendor('open');
    const many = await harness.order(vendor, 20, { name: 'many' });
    const late = await harness.order(vendor, 1, { name: 'late' });
    harness.queue.lose();
    await harness.dataSource.query(`UPDATE provisioning_tasks SET next_wake_at = now() WHERE status = 'queued'`);
    await harness.journal.sweep();
    harness.worker({ drives: 1 });
    await harness.completed([...many, ...late]);
    expect(vendor.calls.indexOf('late 0')).toBeLessThanOrEqual(1);
  });
});

describe('many vendors with a bad day', () => {
  it.each([11, 42, 2026])(
    'finish every task within their limits (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      harness.policy = { ...harness.policy, probeSeconds: 0.1, longestProbeSeconds: 0.2 };
      const limits = [{ concurrency: 2 }, { ratePerSecond: 200, burst: 5 }, { concurrency: 1 }, {}];
      const vendors = await Promise.all(limits.map((limit, index) => harness.vendor(`v${index}`, limit)));
      const faults = ['unavailable', 'rate-limited', 'outcome-unknown'] as const;
      for (const vendor of vendors) {
        vendor.answer = async () => {
          await new Promise((resolve) => setTimeout(resolve, random() * 5));
          if (random() > 0.25) return;
          const code = faults[Math.floor(random() * faults.length)] ?? 'unavailable';
          throw new PortError(code, 'not today', { retryAfterMs: 20 });
        };
      }
      const customers = [await harness.customer(), await harness.customer(), await harness.customer()];
      const tasks: string[] = [];
      for (const vendor of vendors) {
        for (const customerId of customers) tasks.push(...(await harness.order(vendor, 5, { customerId })));
      }
      harness.worker({ drives: 8, places: 2 });
      harness.worker({ drives: 8, places: 2 });
      await harness.completed(tasks);
      expect(vendors[0]?.most).toBeLessThanOrEqual(2);
      expect(vendors[2]?.most).toBe(1);
      expect(Math.max(...vendors.map(({ most }) => most))).toBeLessThanOrEqual(4);
      await harness.until(async () =>
        [...(await harness.states.all()).values()].every(({ inFlight, waiting }) => inFlight + waiting === 0),
      );
    },
    60_000,
  );
});

/** The same numbers between 0 and 1 for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('a worker that dies', () => {
  it('gives its places back when their leases end; what it still does then changes nobody else’s', async () => {
    const vendor = await harness.vendor('narrow', { concurrency: 2 });
    const release = vendor.hang();
    const lost = await harness.order(vendor, 2);
    const dying = harness.worker({ drives: 2 });
    await harness.until(() => vendor.inFlight === 2);
    dying.freeze();
    vendor.answer = () => new Promise((resolve) => setImmediate(resolve));
    const others = await harness.order(vendor, 10);
    harness.worker();
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).waiting === 10);
    expect(vendor.calls).toHaveLength(2);
    await harness.dataSource.query(
      `UPDATE connection_line SET lease_until = now() - interval '1 s' WHERE ticket IS NOT NULL`,
    );
    await harness.completed(others);
    await harness.dataSource.query(
      `UPDATE provisioning_steps SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL`,
    );
    await harness.journal.sweep();
    await harness.dataSource.query(
      `UPDATE provisioning_tasks SET next_wake_at = now() - interval '1 s' WHERE status = 'running'`,
    );
    await harness.journal.sweep();
    await harness.completed(lost);
    release();
    await harness.until(() => vendor.inFlight === 0);
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).inFlight === 0);
    expect((await harness.steps(lost)).every(({ attempt, crashes }) => attempt === 2 && crashes === 1)).toBe(true);
  });
});
