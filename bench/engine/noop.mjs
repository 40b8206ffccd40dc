// What the engine itself costs: a task of six steps that follow each other and do nothing, against six BullMQ jobs of which each adds the
// next, on the same queue, with the same worker settings, in one process.
import { QueueConnection } from '@keelson/queue';
import { defineRecipe } from '@keelson/provisioning';
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { median, spread } from '../measure.mjs';
import { Stores } from '../stores.mjs';
import { Engine } from './engine.mjs';

const steps = 6;
const target = 2.5;

/** A recipe of so many steps, each after the one before. */
function idleRecipe(count) {
  let recipe = defineRecipe(`bench.idle${count}`, {
    version: 1,
    load: (_manager, input) => Promise.resolve(input),
    bindingOf: () => ({ productId: '', productType: 'hosting' }),
  });
  for (let index = 1; index <= count; index += 1) {
    const after = index === 1 ? [] : [`step_${index - 1}`];
    recipe = recipe.step(`step_${index}`, { after, run: async () => undefined, undo: async () => undefined });
  }
  return recipe.build();
}

/** Chains of jobs on a queue of their own, over the connections and with the worker settings that the engine's queues have. */
class JobChains {
  #ended = new Map();

  constructor(connection, onRedis, concurrency) {
    const backend = onRedis ? undefined : createPostgresBackend;
    const options = { removeOnComplete: true, attempts: 5, backoff: { type: 'exponential', delay: 1_000 } };
    this.queue = new Queue('bench', { connection: connection.producer, defaultJobOptions: options }, backend);
    const work = async ({ name, data: { left } }) => {
      if (left > 1) await this.queue.add(name, { left: left - 1 });
      else this.#ended.get(name)();
    };
    const settings = { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 3 };
    this.worker = new Worker('bench', work, { connection: connection.consumer, concurrency, ...settings }, backend);
    // A connection that is cut while everything closes is no news.
    for (const part of [this.queue, this.worker]) part.on('error', () => undefined);
  }

  async run(name) {
    const ended = new Promise((resolve) => this.#ended.set(name, resolve));
    await this.queue.add(name, { left: steps });
    await ended;
    this.#ended.delete(name);
  }

  async close() {
    await this.worker.close();
    await this.queue.close();
  }
}

/**
 * Whether a ratio is the one that is asked for: a task against six jobs where both answer when the disk has it. The others show what Redis is
 * better at: jobs that nobody has on disk yet, and many at a time, for which it goes to the disk once.
 */
function asks(way, redis) {
  return redis === undefined || (redis.durable && way === 'alone');
}

/** Milliseconds that one of `count` takes, `width` at a time. */
async function costOf(count, width, run) {
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await run(next++);
    }),
  );
  return (performance.now() - began) / count;
}

/** Transaction ids taken so far: one for each commit that wrote something. */
async function written(dataSource) {
  const [{ next }] = await dataSource.query('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next');
  return Number(next);
}

async function measure({ name, redis }, { rounds, count, width }) {
  const stores = new Stores();
  try {
    const databaseUrl = await stores.postgres();
    const redisUrl = redis && (await stores.redis(redis));
    const [six, twelve] = [idleRecipe(steps), idleRecipe(2 * steps)];
    const engine = await Engine.open({ databaseUrl, redisUrl, recipes: () => [six, twelve], drives: width });
    stores.onClose(() => engine.close());
    const chains = new JobChains(engine.app.get(QueueConnection), redis !== undefined, width);
    stores.onClose(() => chains.close());

    const runTasks = async (recipe, many, atOnce) => {
      const services = await engine.services(many);
      return costOf(many, atOnce, (index) => engine.run(recipe, services[index]));
    };
    const runJobs = (many, atOnce, round) =>
      costOf(many, atOnce, (index) => chains.run(`c${round}-${atOnce}-${index}`));
    const costs = { alone: { jobs: [], tasks: [] }, together: { jobs: [], tasks: [] } };
    for (let round = 0; round <= rounds; round += 1) {
      const alone = { jobs: await runJobs(count, 1, round), tasks: await runTasks(six, count, 1) };
      const together = {
        jobs: await runJobs(count * 8, width, round),
        tasks: await runTasks(six, count * 8, width),
      };
      if (round === 0) continue;
      for (const [way, cost] of Object.entries({ alone, together })) {
        costs[way].jobs.push(cost.jobs);
        costs[way].tasks.push(cost.tasks);
      }
    }

    const taken = [];
    for (const recipe of [six, twelve]) {
      const before = await written(engine.dataSource);
      await runTasks(recipe, count, 1);
      taken.push(((await written(engine.dataSource)) - before) / count);
    }
    const aStep = (taken[1] - taken[0]) / steps;
    const exact = (value) => `${value.toFixed(1)} ms`;
    const ways = { alone: 'one at a time', together: `${width} at a time` };
    return [
      ...Object.entries(ways).flatMap(([way, said]) => {
        const { jobs, tasks } = costs[way];
        const ratio = median(tasks.map((cost, round) => cost / jobs[round]));
        return [
          { figure: `${name}: six jobs, ${said}`, value: spread(jobs, exact) },
          { figure: `${name}: a task of six steps, ${said}`, value: spread(tasks, exact) },
          {
            figure: '  ratio',
            value: ratio.toFixed(2),
            ...(asks(way, redis) && { target: `≤ ${target}`, met: ratio <= target }),
          },
        ];
      }),
      { figure: `${name}: commits a step`, value: aStep.toFixed(2), target: '≤ 2', met: aStep <= 2.02 },
      { figure: `${name}: commits a task, with order and queue`, value: taken[0].toFixed(1) },
    ];
  } finally {
    await stores.close();
  }
}

/** @returns {Promise<object[]>} rows for `report` */
export async function noop({ quick }) {
  const size = quick ? { rounds: 1, count: 10, width: 16 } : { rounds: 5, count: 50, width: 16 };
  const backends = [
    { name: 'Postgres' },
    { name: 'Redis that fsyncs', redis: { durable: true } },
    { name: 'Redis without disk', redis: { durable: false } },
  ];
  const rows = [];
  for (const backend of backends) rows.push(...(await measure(backend, size)));
  return rows;
}
