// Does to a real installation what happens to real installations, and then counts what is there. Every row of the table is one fault on one
// queue backend: orders placed, how long until work went on, objects made twice, objects without an owner, orders that nobody would look
// at again, and steps that claim what their vendor knows nothing of. Ends with 1 when any of them is not zero.
//
//   npm run chaos                       every fault on both backends
//   npm run chaos -- redis worker       only faults whose name or backend holds one of the words
//   npm run chaos -- --seed 7           the same run again
import { faults } from './faults.mjs';
import { Installation } from './installation.mjs';
import { checkInvariants } from './invariants.mjs';
import { placeOrders, taskStates, untilSettled } from './orders.mjs';

const words = process.argv.slice(2);
const seedAt = words.indexOf('--seed');
const seed = seedAt >= 0 ? Number(words.splice(seedAt, 2)[1]) : Math.floor(Math.random() * 1e6);
const resumeLimitMs = 15_000;
const backends = ['postgres', 'redis'];

const plan = faults
  .flatMap((fault) => (fault.backends ?? backends).map((backend) => ({ fault, backend })))
  .filter(
    ({ fault, backend }) =>
      words.length === 0 ||
      words.every((word) => `${fault.name} on ${backend}`.toLowerCase().includes(word.toLowerCase())),
  );

console.log(`chaos with --seed ${seed}: ${plan.length} runs\n`);
const header = ['fault', 'on', 'orders', 'resumed', 'duplicates', 'leaks', 'stuck', 'unproven', 'person', 'ended'];
const widths = [52, 8, 6, 9, 10, 5, 5, 8, 6, 0];
const line = (cells) => console.log(cells.map((cell, index) => String(cell).padEnd(widths[index])).join('  '));
line(header);
let failed = 0;
for (const { fault, backend } of plan) {
  const outcome = await runOne(fault, backend).catch((error) => ({ error }));
  const { found, resumedMs, states, error } = outcome;
  const bad =
    error !== undefined || Object.values(found).some((list) => list.length > 0) || (resumedMs ?? 0) > resumeLimitMs;
  failed += bad ? 1 : 0;
  line([
    fault.name,
    backend,
    fault.orders,
    resumedMs === undefined ? '' : `${(resumedMs / 1000).toFixed(1)} s`,
    ...(error === undefined
      ? [found.duplicates.length, found.leaks.length, found.stuck.length + found.slots.length, found.unproven.length]
      : ['?', '?', '?', '?']),
    states?.needs_attention ?? 0,
    error === undefined ? (bad ? 'BAD' : 'good') : `BROKEN: ${error.message}`,
  ]);
  if (error === undefined && bad) console.log(JSON.stringify(found, null, 2));
}
console.log(`\n${plan.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 && plan.length > 0 ? 0 : 1);

async function runOne(fault, backend) {
  const random = randomFrom(seed);
  const installation = await Installation.start({ backend, latencyMs: 60 });
  try {
    const name = `chaos${seed}x${Math.floor(random() * 1e6)}`;
    const placed = placeOrders(installation, { count: fault.orders, name });
    const [resumedMs] = await Promise.all([fault.strike(installation, random, fault.orders), placed]);
    let states = await untilSettled(installation);
    // A person who is asked looks into it and lets it go on; what was really wrong is over by now.
    for (let round = 0; round < 3 && (states.needs_attention ?? 0) > 0; round += 1) {
      await retryAll(installation);
      states = await untilSettled(installation);
    }
    return { resumedMs, states: await taskStates(installation), found: await checkInvariants(installation) };
  } catch (error) {
    const texts = [installation.api, ...installation.workers].map((program) => program?.text().slice(-1_500));
    throw new Error(`${error.message}\n${texts.join('\n---\n')}`, { cause: error });
  } finally {
    await installation.stop();
  }
}

async function retryAll(installation) {
  const { toPublicId } = await import('@keelson/database');
  const asked = await installation.query(`SELECT id FROM provisioning_tasks WHERE status = 'needs_attention'`);
  for (const { id } of asked) await installation.call('POST', `/api/provisioning/retry/${toPublicId('job', id)}`);
}

/** mulberry32 */
function randomFrom(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
