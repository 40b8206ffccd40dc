// The real recipe of a hosting order with a new domain, at vendors that take a fixed time for every call that changes something. One order: from
// the order's task being written to its end, against the longest chain of steps, counting nothing but the vendors' time. Many orders at once: from
// all being there to the last one's end, against the larger of that chain and of the work of the busiest connection, divided by the calls at a time
// that it allows. The engine is warm, as a worker is after its first minutes: it has had a burst of orders at vendors that answer at once.
import { median, ms, spread } from '../measure.mjs';
import { Stores } from '../stores.mjs';
import { Engine } from './engine.mjs';
import { hostingRecipes, orderHosting } from './hosting.mjs';
import { SlowVendors } from './slow-vendors.mjs';

const targets = { one: 1.05, many: 1.2 };
const concurrency = 8;
const burst = 50;

/** Milliseconds that the calls of a step take when they follow each other; those that overlap count once. */
function busyMs(calls = [], latencyMs) {
  let end = Number.NEGATIVE_INFINITY;
  let busy = 0;
  for (const { startedAt } of calls) {
    if (startedAt < end - 1) continue;
    busy += latencyMs;
    end = startedAt + latencyMs;
  }
  return busy;
}

/** Milliseconds of the longest chain of steps of a task, by the vendors' time alone. */
function criticalPath(recipe, rows, vendors) {
  const ends = new Map();
  for (const { name, after } of recipe.steps) {
    const { id } = rows.find((row) => row.name === name);
    const begins = Math.max(0, ...after.map((before) => ends.get(before)));
    ends.set(name, begins + busyMs(vendors.calls.get(id), vendors.latencyMs));
  }
  return Math.max(...ends.values());
}

async function openShop({ redis }, limit) {
  const stores = new Stores();
  const databaseUrl = await stores.postgres();
  const redisUrl = redis && (await stores.redis({ durable: false }));
  const vendors = new SlowVendors();
  let services;
  const recipes = (dataSource) => {
    const made = hostingRecipes(dataSource, vendors);
    services = made.services;
    return made.recipes;
  };
  const engine = await Engine.open({ databaseUrl, redisUrl, recipes, ports: vendors, places: concurrency });
  stores.onClose(() => engine.close());
  await vendors.connect(engine.dataSource, limit);
  const recipe = engine.registry.newest('hosting.provision');
  const warm = Array.from({ length: burst }, (_, index) => `warm-${index}.com`);
  await engine.runAll(recipe, await orderHosting(engine.dataSource, services, warm));
  vendors.calls.clear();
  return { stores, engine, vendors, services, recipe };
}

/** When the first task was written and the last one ended, by the database's clock, in milliseconds since 1970. */
async function timesOf({ dataSource }, taskIds) {
  const [times] = await dataSource.query(
    `SELECT extract(epoch FROM min(created_at))::float8 * 1000 AS "createdAt", extract(epoch FROM max(completed_at))::float8 * 1000 AS "endedAt"
       FROM provisioning_tasks WHERE id = ANY ($1)`,
    [taskIds],
  );
  return times;
}

async function oneByOne(backend, latencies, rounds) {
  const { stores, engine, vendors, services, recipe } = await openShop(backend);
  try {
    const rows = [];
    for (const latency of latencies) {
      vendors.latencyMs = latency;
      const domains = Array.from({ length: rounds }, (_, round) => `one-${latency}-${round}.com`);
      const walls = [];
      const paths = [];
      for (const order of await orderHosting(engine.dataSource, services, domains)) {
        const id = await engine.run(recipe, order);
        const { createdAt, endedAt } = await timesOf(engine, [id]);
        walls.push(endedAt - createdAt);
        paths.push(criticalPath(recipe, await engine.journal.steps(id), vendors));
      }
      const ratios = walls.map((wall, index) => wall / paths[index]);
      rows.push(
        { figure: `${backend.name}: critical path, ${latency} ms a call`, value: ms(median(paths)) },
        { figure: `${backend.name}: one order`, value: spread(walls) },
        ratioRow(median(ratios), targets.one),
      );
    }
    return rows;
  } finally {
    await stores.close();
  }
}

async function atOnce(backend, latency, count) {
  const { stores, engine, vendors, services, recipe } = await openShop(backend, concurrency);
  try {
    vendors.latencyMs = latency;
    const domains = Array.from({ length: count }, (_, index) => `many-${index}.com`);
    const orders = await orderHosting(engine.dataSource, services, domains);
    const { ids: tasks, writtenAt } = await engine.runAll(recipe, orders);
    const wall = (await timesOf(engine, tasks)).endedAt - writtenAt;
    const paths = await Promise.all(
      tasks.map(async (id) => criticalPath(recipe, await engine.journal.steps(id), vendors)),
    );
    const work = new Map();
    for (const { port } of [...vendors.calls.values()].flat()) work.set(port, (work.get(port) ?? 0) + latency);
    const bound = Math.max(...paths, ...[...work.values()].map((total) => total / concurrency));
    const [busiest] = [...work].sort((a, b) => b[1] - a[1])[0];
    return [
      {
        figure: `${backend.name}: ${count} orders, ${latency} ms a call, ${busiest} allows ${concurrency}: bound`,
        value: ms(bound),
      },
      { figure: `${backend.name}: ${count} orders at once`, value: ms(wall) },
      ratioRow(wall / bound, targets.many),
    ];
  } finally {
    await stores.close();
  }
}

function ratioRow(ratio, target) {
  return { figure: '  ratio', value: ratio.toFixed(3), target: `≤ ${target}`, met: ratio <= target };
}

/** @returns {Promise<object[]>} rows for `report` */
export async function purchase({ quick }) {
  const latencies = quick ? [200] : [200, 400, 800];
  const rows = [];
  for (const backend of [{ name: 'Postgres' }, { name: 'Redis', redis: true }]) {
    rows.push(...(await oneByOne(backend, latencies, quick ? 1 : 5)));
    for (const latency of latencies) rows.push(...(await atOnce(backend, latency, quick ? 24 : 200)));
  }
  return rows;
}
