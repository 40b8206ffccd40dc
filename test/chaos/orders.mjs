import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pay } from '../../apps/cli/dist/src/demo/purchase.js';

const card = '4242424242424242';

/** Runs the work for each number from 0 on, so many at the same time. */
export async function inParallel(count, width, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

/**
 * Places orders through the API as integrators and shops do, each call with an Idempotency-Key and repeated until its answer is clear. One in
 * five is bought in the shop: with a domain, paid on the vendor's page, and begun by a webhook.
 * @param {import('./installation.mjs').Installation} installation
 * @param {{ from: number, to: number, domainOf: (index: number) => string }} orders the numbers of the orders, and their domains
 */
export async function placeOrders(installation, { from, to, domainOf }) {
  await inParallel(to - from, 12, async (nth) => {
    const index = from + nth;
    const domain = domainOf(index);
    if (index % 5 === 4) return buy(installation, domain);
    const customer = await repeated(installation, '/api/customers', { name: 'Ada Example', email: `ada@${domain}` });
    const customerId = customer.data?.id ?? customer.id ?? customer.customerId;
    const service = await repeated(installation, '/api/services', { customerId, productId: 'basic', domain });
    const order = { serviceId: service.data.id, customerId, productId: 'basic', domain };
    await repeated(installation, '/api/provisioning/provision', order);
  });
}

async function buy(installation, domain) {
  const { url } = await repeated(installation, '/api/checkout/create-session', {
    planId: 'basic',
    billingCycle: 'monthly',
    customer: {
      name: 'Ada Example',
      email: `ada@${domain}`,
      phone: '+442071234567',
      address: { line1: '1 Sample Road', city: 'London', state: 'London', postalCode: 'SW1A 1AA', country: 'GB' },
    },
    domain: { mode: 'new_registration', value: domain },
  });
  await pay(url, card);
}

async function repeated(installation, path, body) {
  const key = {
    'idempotency-key': createHash('sha256')
      .update(`${path} ${JSON.stringify(body)}`)
      .digest('hex'),
  };
  for (let tries = 0; ; tries += 1) {
    const answer = await installation
      .call('POST', path, body, key)
      .catch((error) => ({ status: 0, body: String(error) }));
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    const known = answer.status === 409 && (answer.body.jobId !== undefined || answer.body.customerId !== undefined);
    if (known) return answer.body;
    if (tries >= 150 || (answer.status >= 400 && answer.status < 500 && answer.status !== 409)) {
      throw new Error(`${path} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    await sleep(200);
  }
}

/** How many tasks are in each state. */
export async function taskStates(installation) {
  const rows = await installation.query(
    'SELECT status, count(*)::int AS count FROM provisioning_tasks GROUP BY status',
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** Waits until so many orders have their tasks and nothing is on its way any more. Throws after the patience with what is left. */
export async function untilSettled(installation, orders, patienceMs = Number(process.env.PATIENCE ?? 180_000)) {
  const end = performance.now() + patienceMs;
  for (;;) {
    const states = await taskStates(installation);
    const open = (states.queued ?? 0) + (states.running ?? 0) + (states.waiting ?? 0);
    const all = Object.values(states).reduce((sum, count) => sum + count, 0);
    if (open === 0 && all >= orders) return states;
    if (performance.now() > end) throw new Error(`not settled: ${JSON.stringify(states)} ${await left(installation)}`);
    await sleep(250);
  }
}

async function left(installation) {
  const rows = await installation.query(
    `SELECT t.status, t.wake_count AS "taskRuns", round(extract(epoch FROM t.next_wake_at - now())) AS "taskDueIn", s.name, s.state, s.fence, s.attempt,
            s.crashes, s.worker, round(extract(epoch FROM s.lease_until - now())) AS "leaseEndsIn", s.error_code, s.reason, s.error,
            round(extract(epoch FROM l.lease_until - now())) AS "placeEndsIn", l.ticket IS NOT NULL AS "hasPlace",
            round(extract(epoch FROM l.retry_at - now())) AS "asksIn"
       FROM provisioning_tasks t JOIN provisioning_steps s ON s.task_id = t.id AND s.state NOT IN ('completed', 'skipped', 'pending')
       LEFT JOIN connection_line l ON l.step_id = s.id
      WHERE t.status IN ('queued', 'running', 'waiting') LIMIT 8`,
  );
  return JSON.stringify(rows);
}

/** Resolves once so many tasks are completed. */
export async function untilCompleted(installation, count, patienceMs = 120_000) {
  const end = performance.now() + patienceMs;
  while (((await taskStates(installation)).completed ?? 0) < count) {
    if (performance.now() > end)
      throw new Error(`fewer than ${count} tasks were completed: ${await left(installation)}`);
    await sleep(100);
  }
}

/** When work went on after a blow, in milliseconds: for the first time, and, where it is known, for all that was interrupted. */
export const never = { first: 0, all: 0 };

/** Of two blows, the longer times. */
export function longer(one, other) {
  return { first: Math.max(one.first, other.first), all: Math.max(one.all, other.all) };
}

/**
 * From now until a task that waited in the queue before has begun and completed a step: queue, workers and database are at work again. Where none
 * waits any more, until a step that began after now was completed.
 */
export async function untilResumed(installation, patienceMs = 120_000) {
  const began = performance.now();
  const [{ now, waits }] = await installation.query(
    `SELECT clock_timestamp()::text AS now, EXISTS (SELECT FROM provisioning_tasks WHERE started_at IS NULL) AS waits`,
  );
  const first = await waitFor(installation, began, patienceMs, [
    `SELECT EXISTS (SELECT FROM provisioning_tasks t JOIN provisioning_steps s ON s.task_id = t.id
                     WHERE t.created_at < $1 AND (t.started_at > $1 OR NOT $2) AND s.state = 'completed' AND s.started_at > $1) AS done`,
    [now, waits],
  ]);
  return { first, all: 0 };
}

/** From now until the first, and all, of these steps, which a worker had begun that is gone, were finished or taken over by another. */
export async function untilTakenOver(installation, held, patienceMs = 120_000) {
  if (held.length === 0) return never;
  const began = performance.now();
  const left = `SELECT count(*) FROM provisioning_steps s JOIN unnest($1::uuid[], $2::bigint[]) AS held (id, fence) ON held.id = s.id
                 WHERE s.fence = held.fence AND s.state = 'intent'`;
  const parameters = [held.map(({ id }) => id), held.map(({ fence }) => fence)];
  const first = await waitFor(installation, began, patienceMs, [
    `SELECT (${left}) < ${held.length} AS done`,
    parameters,
  ]);
  const all = await waitFor(installation, began, patienceMs, [`SELECT (${left}) = 0 AS done`, parameters]);
  return { first, all };
}

async function waitFor(installation, began, patienceMs, [sql, parameters]) {
  for (;;) {
    const [{ done }] = await installation.query(sql, parameters);
    if (done) return performance.now() - began;
    if (performance.now() - began > patienceMs) return Number.POSITIVE_INFINITY;
    await sleep(50);
  }
}

/** A person looks at every job in one of these states, and has it go on at once. */
export async function retryAll(installation, states = ['needs_attention']) {
  const { toPublicId } = await import('@keelson/database');
  const asked = await installation.query('SELECT id FROM provisioning_tasks WHERE status = ANY ($1)', [states]);
  for (const { id } of asked) {
    const job = toPublicId('job', id);
    const { status, body } = await installation.call('POST', `/api/provisioning/retry/${job}`);
    // It may have gone on by itself meanwhile.
    if (status !== 202 && status !== 409)
      throw new Error(`the retry of ${job} is answered ${status}: ${JSON.stringify(body)}`);
  }
}
