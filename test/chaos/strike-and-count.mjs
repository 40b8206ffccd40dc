import { checkInvariants } from './invariants.mjs';
import { never, placeOrders, retryAll, untilSettled } from './orders.mjs';

/**
 * One run: places the fault's orders at an installation that has not started yet, strikes, waits until everything is settled, and compares what
 * is there with what should be. `resumedMs`: the longest time until work went on, `allMs`: until all that was interrupted had gone on, 0 where
 * there is nothing to say; `asked`: jobs that asked for a person on the way.
 * @param {import('./installation.mjs').Installation} installation
 */
export async function strikeAndCount(installation, fault, backend, runSeed) {
  const { orders, before = 0.5, domainOf } = fault;
  const random = randomFrom(runSeed);
  const name = `chaos${runSeed}x${Math.floor(random() * 1e6)}`;
  await installation.start({ backend, latencyMs: 60 });
  const early = Math.round(orders * before);
  const place = (from, to) =>
    placeOrders(installation, { from, to, domainOf: (index) => domainOf?.(name, index) ?? `${name}-${index}.com` });
  await place(0, early);
  await installation.addWorkers(3);
  const [resumed = never] = await Promise.all([fault.strike(installation, random, orders), place(early, orders)]);
  let states = await untilSettled(installation, orders);
  const asked = states.needs_attention ?? 0;
  // A person who is asked looks into it and lets it go on; what was really wrong is over by now.
  for (let round = 0; round < 3 && (states.needs_attention ?? 0) > 0; round += 1) {
    await retryAll(installation);
    states = await untilSettled(installation, orders);
  }
  const broken = await checkInvariants(installation);
  const asking = await installation.query(
    `SELECT v.domain, s.name, s.state, s.error, s.reason FROM provisioning_tasks t JOIN services v ON v.id = t.service_id
       LEFT JOIN provisioning_steps s ON s.task_id = t.id AND s.state NOT IN ('completed', 'skipped', 'pending')
      WHERE t.status = 'needs_attention'`,
  );
  broken.stuck.push(...asking.map((row) => `asks for a person again and again: ${JSON.stringify(row)}`));
  return { resumedMs: resumed.first, allMs: resumed.all, asked, broken };
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
