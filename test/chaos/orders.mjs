import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

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
 * Places orders for hosting through the API, as an integrator would, each with an Idempotency-Key, and repeats a call that got no clear
 * answer. Returns the ids of the jobs.
 * @param {import('./installation.mjs').Installation} installation
 * @param {{ count: number, name: string, mode?: (index: number) => object }} orders
 */
export async function placeOrders(installation, { count, name }) {
  const jobs = [];
  await inParallel(count, 8, async (index) => {
    const domain = `${name}-${index}.com`;
    const customer = await repeated(installation, '/api/customers', { name: 'Ada Example', email: `ada@${domain}` });
    const customerId = customer.data?.id ?? customer.id;
    const service = await repeated(installation, '/api/services', { customerId, productId: 'basic', domain });
    const order = { serviceId: service.data.id, customerId, productId: 'basic', domain };
    jobs.push((await repeated(installation, '/api/provisioning/provision', order)).jobId);
  });
  return jobs;
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

/** Waits until nothing is on its way any more. Throws after the patience with what is left. */
export async function untilSettled(installation, patienceMs = 240_000) {
  const end = performance.now() + patienceMs;
  for (;;) {
    const states = await taskStates(installation);
    const open = (states.queued ?? 0) + (states.running ?? 0) + (states.waiting ?? 0);
    if (open === 0) return states;
    if (performance.now() > end) {
      const left = await installation.query(
        `SELECT t.status, s.name, s.state, s.error_code, s.reason, s.error, count(*)::int FROM provisioning_tasks t
           JOIN provisioning_steps s ON s.task_id = t.id AND s.state NOT IN ('completed', 'skipped')
          WHERE t.status IN ('queued', 'running', 'waiting') GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7 DESC LIMIT 8`,
      );
      throw new Error(`not settled: ${JSON.stringify(states)} ${JSON.stringify(left)}`);
    }
    await sleep(250);
  }
}

/** Resolves once so many tasks are completed. */
export async function untilCompleted(installation, count, patienceMs = 120_000) {
  const end = performance.now() + patienceMs;
  while (((await taskStates(installation)).completed ?? 0) < count) {
    if (performance.now() > end) throw new Error(`fewer than ${count} tasks were completed`);
    await sleep(100);
  }
}

/**
 * Milliseconds from now until a step that began after now has been completed: the engine is at work again.
 * @param {import('./installation.mjs').Installation} installation
 */
export async function untilResumed(installation, patienceMs = 120_000) {
  const began = performance.now();
  const since = new Date();
  for (;;) {
    const [{ resumed }] = await installation.query(
      `SELECT EXISTS (SELECT FROM provisioning_steps WHERE state = 'completed' AND started_at > $1) AS resumed`,
      [since],
    );
    if (resumed) return performance.now() - began;
    if (performance.now() - began > patienceMs) return Number.POSITIVE_INFINITY;
    await sleep(100);
  }
}
