// How soon work goes on after a worker, Postgres or Redis was killed under hundreds of orders, and what that did to them: the faults of test/chaos, as they
// are, against whole installations of processes. What counts is the longest time until a step that began after the blow was completed, and what is
// at the vendors in the end.
import { faults } from '../../test/chaos/faults.mjs';
import { Installation } from '../../test/chaos/installation.mjs';
import { strikeAndCount } from '../../test/chaos/strike-and-count.mjs';

const limitMs = 15_000;
const measured = ['worker killed, eight times', 'Postgres killed, twice', 'Redis emptied, twice'];

async function run(fault, backend) {
  const installation = new Installation();
  try {
    return await strikeAndCount(installation, fault, backend, 1);
  } finally {
    await installation.stop();
  }
}

/** @returns {Promise<object[]>} rows for `report` */
export async function resume({ quick }) {
  const rows = [];
  for (const name of measured) {
    const known = faults.find((fault) => fault.name === name);
    const fault = quick ? { ...known, orders: 40 } : known;
    for (const backend of fault.backends ?? ['postgres', 'redis']) {
      const { resumedMs, broken } = await run(fault, backend);
      const { duplicates, leaks, ...others } = broken;
      const counts = [duplicates, leaks, Object.values(others).flat()].map(({ length }) => length);
      rows.push(
        {
          figure: `${name}, on ${backend}, ${fault.orders} orders: work goes on after`,
          value: `${(resumedMs / 1000).toFixed(1)} s`,
          target: `≤ ${limitMs / 1000} s`,
          met: resumedMs <= limitMs,
        },
        {
          figure: '  made twice, without an owner, otherwise wrong',
          value: counts.join(', '),
          target: '0, 0, 0',
          met: counts.every((count) => count === 0),
        },
      );
    }
  }
  return rows;
}
