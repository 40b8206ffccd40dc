// Does to a real installation what happens to real installations, and then counts what is there. Every row of the table is one fault on one
// queue backend: runs, orders, the longest time until work went on, and until all that was interrupted had gone on, objects made twice,
// objects without an owner, orders that nobody would look at again, slots that are not accounts, steps that claim what their vendor knows
// nothing of, and jobs that asked for a person on the way. Ends with 1 when any run is broken, or work went on later than after 15 s.
//
//   npm run chaos                       every fault on both backends
//   npm run chaos -- redis emptied      only faults whose name or backend holds all of the words
//   npm run chaos -- --seed 7           the same runs again
//   npm run chaos -- --runs 3           each with three seeds
//   npm run chaos -- --counts-only      a row is good by what is there in the end, however long it took: for machines that are shared
import { setTimeout as sleep } from 'node:timers/promises';
import { faults } from './faults.mjs';
import { Installation } from './installation.mjs';
import { strikeAndCount } from './strike-and-count.mjs';

const words = process.argv.slice(2);
const option = (name) => {
  const at = words.indexOf(name);
  return at < 0 ? undefined : Number(words.splice(at, 2)[1]);
};
const countsOnly = words.includes('--counts-only');
if (countsOnly) words.splice(words.indexOf('--counts-only'), 1);
const seed = option('--seed') ?? Math.floor(Math.random() * 1e6);
const runs = option('--runs') ?? 1;
const resumeLimitMs = 15_000;
const runLimitMs = 420_000;
const backends = ['postgres', 'redis'];

const plan = faults
  .flatMap((fault) => (fault.backends ?? backends).map((backend) => ({ fault, backend })))
  .filter(({ fault, backend }) =>
    words.every((word) => `${fault.name} on ${backend}`.toLowerCase().includes(word.toLowerCase())),
  );

let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void Promise.resolve(running?.stop()).finally(() => process.exit(130)));
}

console.log(`chaos with --seed ${seed}: ${plan.length} rows, ${runs} ${runs === 1 ? 'run' : 'runs'} each\n`);
const columns = [
  'fault',
  'on',
  'runs',
  'orders',
  'resumed',
  'all',
  'duplicates',
  'leaks',
  'stuck',
  'slots',
  'unproven',
  'asked',
  'took',
  '',
];
const widths = [54, 8, 4, 6, 8, 6, 10, 5, 5, 5, 8, 5, 6, 0];
const line = (cells) =>
  console.log(
    cells
      .map((cell, index) => String(cell).padEnd(widths[index]))
      .join('  ')
      .trimEnd(),
  );
line(columns);
let failed = 0;
for (const { fault, backend } of plan) {
  const began = performance.now();
  const outcomes = [];
  for (let run = 0; run < runs; run += 1) outcomes.push(await runOne(fault, backend, seed + run));
  const sum = (name) => outcomes.reduce((total, { broken }) => total + (broken?.[name].length ?? 0), 0);
  const counts = ['duplicates', 'leaks', 'stuck', 'slots', 'unproven'].map(sum);
  const longest = (name) => Math.max(...outcomes.map((outcome) => outcome[name] ?? 0));
  const resumed = longest('resumedMs');
  const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const good = errors.length === 0 && counts.every((count) => count === 0) && (countsOnly || resumed <= resumeLimitMs);
  failed += good ? 0 : 1;
  line([
    fault.name,
    backend,
    runs,
    fault.orders * runs,
    seconds(resumed),
    seconds(longest('allMs')),
    ...counts,
    outcomes.reduce((total, { asked = 0 }) => total + asked, 0),
    `${Math.round((performance.now() - began) / 1000)} s`,
    good ? 'good' : errors.length > 0 ? 'BROKEN' : 'BAD',
  ]);
  for (const error of errors) console.log(error.message);
  if (!good) for (const { broken } of outcomes) if (broken !== undefined) console.log(JSON.stringify(broken, null, 2));
}
console.log(`\n${plan.length - failed} rows good, ${failed} not`);
process.exit(failed === 0 && plan.length > 0 ? 0 : 1);

function seconds(ms) {
  return ms === 0 ? '–' : `${(ms / 1000).toFixed(1)} s`;
}

/** One run, over within a bounded time whatever happens. */
async function runOne(fault, backend, runSeed) {
  const installation = new Installation();
  running = installation;
  const limit = new AbortController();
  try {
    const late = sleep(runLimitMs, undefined, { signal: limit.signal }).then(() => {
      throw new Error(`the run was not over after ${runLimitMs / 1000} s`);
    });
    return await Promise.race([strikeAndCount(installation, fault, backend, runSeed), late]);
  } catch (error) {
    const texts = [installation.api, ...installation.workers].map((program) => program?.text().slice(-1_500));
    return { error: new Error(`${error.stack}\n${texts.join('\n---\n')}`) };
  } finally {
    limit.abort();
    await installation.stop();
    running = undefined;
  }
}
