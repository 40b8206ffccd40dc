import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { taskStates, untilCompleted, untilTakenOver } from './orders.mjs';

const misdeeds = fileURLToPath(new URL('./misdeeds.mjs', import.meta.url));

/** Plugins that do what none may do, in workers that a supervisor starts again. */
export const pluginFaults = [
  {
    name: 'two orders whose plugin ends the process, each time',
    numbers: [32, 33],
    orders: 40,
    domainOf: (name, index) => `${{ 11: 'exit-', 23: 'crash-' }[index] ?? ''}${name}-${index}.com`,
    strike: async (installation, _random, orders) => {
      const env = misdeedsOf(installation, ['exit', 'crash']);
      const stopKeeping = await replaceWorkers(installation, env);
      await until(
        async () => ((await taskStates(installation)).completed ?? 0) >= orders - 2,
        'the orders beside the poisoned ones are not completed',
      );
      await until(
        async () => ((await taskStates(installation)).needs_attention ?? 0) >= 2,
        'the poisoned orders are not put aside',
      );
      const aside = await installation.query(
        `SELECT s.domain FROM provisioning_tasks t JOIN services s ON s.id = t.service_id WHERE t.status = 'needs_attention'`,
      );
      const innocent = aside.filter(({ domain }) => !/^(exit|crash)-/.test(domain));
      if (innocent.length > 0) throw new Error(`put aside beside the poisoned: ${JSON.stringify(innocent)}`);
      rmSync(env.MISDEEDS, { recursive: true });
      stopKeeping();
    },
  },
  {
    name: 'a plugin that holds the thread of its worker for 20 s',
    numbers: [32],
    orders: 60,
    before: 1,
    domainOf: (name, index) => `${index === 30 ? 'block-' : ''}${name}-${index}.com`,
    strike: async (installation) => {
      const env = misdeedsOf(installation, ['block']);
      const stopKeeping = await replaceWorkers(installation, env);
      let blocked;
      await until(async () => {
        const [, pid] = (readdirSync(env.MISDEEDS).find((name) => name.startsWith('blocked')) ?? '').split('.');
        blocked = installation.workers.find(({ child }) => String(child.pid) === pid);
        return blocked !== undefined;
      }, 'no worker was blocked');
      const resumed = await untilTakenOver(installation, await installation.heldBy(blocked));
      stopKeeping();
      return resumed;
    },
  },
  {
    name: 'a plugin that leaks a rejection with every call',
    numbers: [32],
    orders: 40,
    domainOf: (name, index) => `${index % 2 === 0 ? 'leak-' : ''}${name}-${index}.com`,
    strike: async (installation, _random, orders) => {
      const stopKeeping = await replaceWorkers(installation, misdeedsOf(installation, ['leak']));
      const workers = [...installation.workers];
      await untilCompleted(installation, orders);
      if (!workers.every(({ running }) => running)) throw new Error('a leaked rejection ended a worker');
      stopKeeping();
    },
  },
];

function misdeedsOf(installation, names) {
  const folder = join(installation.home, 'misdeeds');
  mkdirSync(folder);
  for (const name of names) writeFileSync(join(folder, name), '');
  return { MISDEEDS: folder, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${misdeeds}` };
}

/** Puts workers with the misdeeds in the place of all others, and keeps them running. */
async function replaceWorkers(installation, env) {
  const old = installation.workers.splice(0);
  for (let index = 0; index < old.length; index += 1) await installation.addWorker(env);
  const stopKeeping = installation.keepWorkers(env);
  await Promise.all(old.map((worker) => worker.stop()));
  return stopKeeping;
}

async function until(condition, otherwise, patienceMs = 150_000) {
  const end = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(otherwise);
    await sleep(250);
  }
}
