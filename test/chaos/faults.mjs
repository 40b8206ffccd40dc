import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { untilOk } from '../../bench/measure.mjs';
import { pluginFaults } from './plugin-faults.mjs';
import {
  inParallel,
  longer,
  never,
  retryAll,
  taskStates,
  untilCompleted,
  untilResumed,
  untilTakenOver,
} from './orders.mjs';

const clockOffset = fileURLToPath(new URL('./clock-offset.mjs', import.meta.url));

/**
 * What is done to a running installation while orders are on their way. `numbers`: as in docs/faults.md. `strike` gets the installation, a
 * seeded random number generator and the number of orders; it returns the longest times until work went on afterwards, where that says
 * something. It puts back what it broke. `before`: share of the orders that wait in the queue before the first worker starts; the
 * others come in meanwhile.
 */
export const faults = [
  {
    name: 'worker killed, eight times',
    numbers: [1, 2, 3],
    orders: 300,
    before: 1,
    strike: async (installation, random, orders) => {
      let longest = never;
      for (let round = 0; round < 8; round += 1) {
        await untilCompleted(installation, Math.floor((orders / 12) * (round + 1)));
        const held = await installation.killWorker(Math.floor(random() * installation.workers.length));
        longest = longer(longest, await untilTakenOver(installation, held));
      }
      return longest;
    },
  },
  {
    name: 'worker stopped for 20 s, then waking as a zombie',
    numbers: [4],
    orders: 120,
    before: 1,
    strike: async (installation) => {
      await untilCompleted(installation, 10);
      const [zombie] = installation.workers;
      zombie.kill('SIGSTOP');
      const resumed = await untilTakenOver(installation, await installation.heldBy(zombie));
      await sleep(Math.max(0, 20_000 - resumed.all));
      zombie.kill('SIGCONT');
      return resumed;
    },
  },
  {
    name: 'Postgres killed, twice',
    numbers: [9],
    orders: 300,
    strike: async (installation, _random, orders) => {
      let longest = never;
      for (const share of [0.1, 0.4]) {
        await untilCompleted(installation, Math.floor(orders * share));
        installation.killPostgres();
        longest = longer(longest, await untilResumed(installation));
      }
      return longest;
    },
  },
  {
    name: 'Postgres read-only for 5 s',
    numbers: [10],
    orders: 60,
    strike: async (installation) => {
      await untilCompleted(installation, 10);
      const [{ name }] = await installation.query('SELECT current_database() AS name');
      await installation.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      await cutSessions(installation);
      await sleep(5_000);
      await installation.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
      await cutSessions(installation);
      return untilResumed(installation);
    },
  },
  {
    name: 'Redis emptied, twice',
    numbers: [5],
    backends: ['redis'],
    orders: 300,
    before: 1,
    strike: async (installation, _random, orders) => {
      let longest = never;
      for (const share of [0.1, 0.4]) {
        await untilCompleted(installation, Math.floor(orders * share));
        await installation.redisCommand('FLUSHALL');
        longest = longer(longest, await untilResumed(installation));
      }
      return longest;
    },
  },
  {
    name: 'Redis killed and started empty',
    numbers: [6],
    backends: ['redis'],
    orders: 120,
    before: 1,
    strike: async (installation) => {
      await untilCompleted(installation, 20);
      installation.redis.kill('SIGKILL');
      await installation.redis.ended;
      await sleep(500);
      await installation.startRedis();
      return untilResumed(installation);
    },
  },
  {
    name: 'Redis away for 30 s, while orders come in',
    numbers: [8],
    backends: ['redis'],
    orders: 60,
    strike: async (installation) => {
      await untilCompleted(installation, 5);
      installation.redis.kill('SIGKILL');
      await installation.redis.ended;
      await untilOk(`${installation.apiUrl}/api/public/plans`, performance.now());
      await sleep(30_000);
      await installation.startRedis();
      return untilResumed(installation);
    },
  },
  {
    name: 'answers lost before and after the act, one in six',
    numbers: [19, 20],
    orders: 60,
    strike: (installation) =>
      whileFaulty(installation, [
        { kind: 'drop-after', chance: 0.12 },
        { kind: 'drop-before', chance: 0.05 },
      ]),
  },
  {
    name: 'throttled and overloaded, one in four',
    numbers: [21],
    orders: 60,
    strike: (installation) =>
      whileFaulty(installation, [
        { kind: 'rate-limit', chance: 0.08, value: 1 },
        { kind: 'rate-limit-silent', chance: 0.02 },
        { kind: 'unavailable', chance: 0.08 },
        { kind: 'server-error', chance: 0.05 },
      ]),
  },
  {
    name: 'HTML, cut off and endless answers, one in eight',
    numbers: [22],
    orders: 40,
    strike: (installation) =>
      whileFaulty(installation, [
        { kind: 'html', chance: 0.06 },
        { kind: 'truncated', chance: 0.05 },
        { kind: 'huge', chance: 0.005 },
      ]),
  },
  {
    name: 'mail server away',
    numbers: [30],
    orders: 40,
    strike: async (installation, _random, orders) => {
      const { faults: switches } = installation.simulator('smtp');
      switches.set({ kind: 'unavailable' });
      const end = performance.now() + 60_000;
      for (;;) {
        const [{ count }] = await installation.query(
          `SELECT count(*)::int AS count FROM services WHERE status = 'active'`,
        );
        if (count >= orders) break;
        if (performance.now() > end) throw new Error(`${orders - count} services wait for the mail server`);
        await sleep(200);
      }
      switches.clear();
    },
  },
  {
    name: 'clocks of two workers a minute off',
    numbers: [34],
    orders: 120,
    before: 1,
    strike: async (installation) => {
      for (const offset of [60_000, -60_000]) {
        await installation.addWorker({
          CLOCK_OFFSET_MS: String(offset),
          NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${clockOffset}`,
        });
      }
      await untilCompleted(installation, 20);
      return untilTakenOver(installation, await installation.killWorker(0));
    },
  },
  {
    name: 'orders cancelled and retried while workers die',
    numbers: [18],
    orders: 80,
    strike: async (installation, random) => {
      await untilCompleted(installation, 5);
      const jobs = await installation.query(`SELECT id FROM provisioning_tasks ORDER BY id`);
      const { toPublicId } = await import('@keelson/database');
      const chosen = jobs.filter(() => random() < 0.6).map(({ id }) => toPublicId('job', id));
      const [held] = await Promise.all([
        installation.killWorker(0),
        inParallel(chosen.length, 4, async (index) => {
          const decisions = random() < 0.5 ? ['cancel', 'retry'] : ['retry', 'cancel'];
          const answers = await Promise.all(
            decisions.map((what) => installation.call('POST', `/api/provisioning/${what}/${chosen[index]}`)),
          );
          const odd = answers.find(({ status }) => ![202, 409].includes(status));
          if (odd !== undefined) throw new Error(`a decision was answered ${odd.status}: ${JSON.stringify(odd.body)}`);
        }),
      ]);
      return untilTakenOver(installation, held);
    },
  },
  {
    name: 'a new release rolled out worker by worker',
    numbers: [36],
    orders: 120,
    before: 1,
    strike: async (installation) => {
      await untilCompleted(installation, 15);
      for (const old of [...installation.workers]) {
        await installation.addWorker();
        old.kill('SIGTERM');
        await old.ended;
        installation.workers.splice(installation.workers.indexOf(old), 1);
      }
    },
  },
  ...pluginFaults,
];

/** Ends every session but ours, so that new ones see changed settings. */
async function cutSessions(installation) {
  await installation.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

/** Lets every vendor misbehave until two thirds of the orders are through or people are asked, then behave again. */
async function whileFaulty(installation, list) {
  for (const { faults: switches } of installation.sandbox.simulators) switches.set(...list);
  const end = performance.now() + 45_000;
  for (;;) {
    const { completed = 0, queued = 0, running = 0, waiting = 0 } = await taskStates(installation);
    if (completed > 0 && completed >= 2 * (queued + running + waiting)) break;
    if (performance.now() > end) break;
    await sleep(250);
  }
  for (const { faults: switches } of installation.sandbox.simulators) switches.clear();
  // After trouble upon trouble in one step the next look is minutes away: whoever knows that it is over need not wait for it.
  await sleep(20_000);
  await retryAll(installation, ['waiting']);
}
