import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { IsolationHarness } from '../../test/isolation-harness.js';
import { Bulkhead } from './bulkhead.js';
import { ConnectionGates } from './connection-gates.service.js';
import { ConnectionLine } from './connection-line.service.js';

let harness: IsolationHarness;

beforeAll(async () => {
  harness = await IsolationHarness.open();
}, 120_000);
afterEach(() => harness.reset());
afterAll(() => harness?.close());

const neverBegun = () => Promise.reject(new Error('It began.'));

describe('the line', () => {
  it('lets a customer with one task go before the rest of one with many', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 1 });
    const release = vendor.hang();
    const many = await harness.order(vendor, 40, { name: 'many' });
    harness.worker();
    harness.worker();
    await harness.until(
      async () => vendor.inFlight === 1 && (await harness.states.of(vendor.connectionId)).waiting === 39,
    );
    const one = await harness.order(vendor, 1, { name: 'one' });
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).waiting === 40);
    release();
    await harness.completed([...many, ...one]);
    expect(vendor.calls.indexOf('one 0')).toBeLessThanOrEqual(2);
  });

  it('lets interactive work go before bulk', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 1 });
    const release = vendor.hang();
    const bulk = await harness.order(vendor, 20, { name: 'bulk', priority: 1_000 });
    harness.worker();
    const waiting = async () => (await harness.states.of(vendor.connectionId)).waiting;
    await harness.until(async () => vendor.inFlight === 1 && (await waiting()) === 19);
    const clicks = await harness.order(vendor, 3, { name: 'click' });
    await harness.until(async () => (await waiting()) === 22);
    release();
    await harness.completed([...bulk, ...clicks]);
    expect(vendor.calls.slice(1, 4).sort()).toEqual(['click 0', 'click 1', 'click 2']);
  });

  it('is called by whoever finds nothing but the line in the way: somebody joined it while the connection had room', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 1 });
    const [first, second] = await harness.steps(await harness.order(vendor, 2));
    const { dataSource, policy, journal } = harness;
    const line = new ConnectionLine(dataSource, journal, policy);
    const gates = new ConnectionGates(dataSource, line, new Bulkhead(1), policy);
    await line.join(first?.id ?? '', vendor.connectionId);
    const end = await gates.through(second?.id ?? '', vendor, neverBegun);
    expect(end).toStrictEqual({ state: 'held', delayMs: policy.retrySeconds * 1000 });
    await harness.until(async () => (await harness.states.of(vendor.connectionId)).inFlight === 1);
    expect(await dataSource.query('SELECT step_id FROM connection_line WHERE lease_until IS NOT NULL')).toEqual([
      { step_id: first?.id },
    ]);
  });

  it('says why its steps wait once they have waited for a second, and again when it is for something else', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 2 });
    const [step] = await harness.steps(await harness.order(vendor, 1));
    const { dataSource, policy, journal } = harness;
    const line = new ConnectionLine(dataSource, journal, policy);
    await line.join(step?.id ?? '', vendor.connectionId);
    const explained = async () => {
      await line.explain(await line.waited());
      await line.explain(await line.waited());
      const events = await dataSource.query<{ data: { reason: string } }[]>(
        `SELECT data FROM provisioning_events WHERE type = 'step.held' ORDER BY id`,
      );
      return events.map(({ data }) => data.reason);
    };
    expect(await explained()).toEqual([]);
    await dataSource.query(`UPDATE connection_line SET since = since - interval '1 second'`);
    const full = 'waits for its turn: shared is used 2 times at once at most';
    expect(await explained()).toEqual([full]);
    await dataSource.query(`UPDATE connection_gates SET not_before = '2100-01-01Z'`);
    const paused = 'waits: shared asked for patience until 2100-01-01T00:00:00.000Z';
    expect(await explained()).toEqual([full, paused]);
    const [row] = await dataSource.query<{ reason: string; connection: string }[]>(
      'SELECT reason, connection FROM provisioning_steps',
    );
    expect(row).toEqual({ reason: paused, connection: 'shared' });
  });

  it('leaves the place of a step that is under way alone when the same step is taken up twice', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 1 });
    vendor.hang();
    const [task = ''] = await harness.order(vendor, 1);
    harness.worker();
    await harness.until(() => vendor.inFlight === 1);
    await harness.dataSource.query(
      'SELECT join_connection_line(id, $2, 1) FROM provisioning_steps WHERE task_id = $1',
      [task, vendor.connectionId],
    );
    expect(await harness.states.of(vendor.connectionId)).toMatchObject({ inFlight: 1, waiting: 0 });
  });

  it('holds a step that waits, but not one that another worker is at: that one may die at any moment', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 1 });
    vendor.hang();
    const tasks = await harness.order(vendor, 2);
    harness.worker();
    await harness.until(
      async () => vendor.inFlight === 1 && (await harness.states.of(vendor.connectionId)).waiting === 1,
    );
    const { dataSource, policy, journal } = harness;
    const line = new ConnectionLine(dataSource, journal, policy);
    const crowded = new ConnectionGates(dataSource, line, new Bulkhead(0), policy);
    const ends: Record<string, unknown> = {};
    for (const { id, state } of await harness.steps(tasks)) ends[state] = await crowded.through(id, vendor, neverBegun);
    expect(ends).toStrictEqual({ pending: { state: 'held', delayMs: policy.retrySeconds * 1000 }, intent: undefined });
  });

  it('lets what a dead worker had begun go before all that wait', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 1 });
    const release = vendor.hang();
    const [left = ''] = await harness.order(vendor, 1, { name: 'left' });
    const [step] = await harness.steps([left]);
    await harness.journal.claim(step?.id ?? '', 'a worker that dies');
    harness.queue.lose();
    const others = await harness.order(vendor, 6, { name: 'other' });
    harness.worker();
    const waiting = async () => (await harness.states.of(vendor.connectionId)).waiting;
    await harness.until(async () => vendor.inFlight === 1 && (await waiting()) === 5);
    await harness.dataSource.query(`UPDATE provisioning_steps SET lease_until = now() WHERE id = $1`, [step?.id]);
    await harness.dataSource.query(`UPDATE provisioning_tasks SET next_wake_at = now() WHERE id = $1`, [left]);
    await harness.journal.sweep();
    await harness.until(async () => (await waiting()) === 6);
    release();
    await harness.completed([left, ...others]);
    expect(vendor.calls[1]).toBe('left 0');
  });

  it('forgets tasks that are cancelled', async () => {
    const vendor = await harness.vendor('shared', { concurrency: 1 });
    const release = vendor.hang();
    const tasks = await harness.order(vendor, 6);
    harness.worker();
    await harness.until(
      async () => vendor.inFlight === 1 && (await harness.states.of(vendor.connectionId)).waiting === 5,
    );
    const first = (await harness.steps(tasks)).find(({ state }) => state === 'intent')?.taskId;
    const cancelled = tasks.filter((id) => id !== first).slice(0, 3);
    await harness.dataSource.query('UPDATE provisioning_tasks SET cancel_requested_at = now() WHERE id = ANY ($1)', [
      cancelled,
    ]);
    release();
    await harness.until(async () => (await harness.count(tasks))['completed'] === 3);
    expect(vendor.calls).toHaveLength(3);
  });
});
