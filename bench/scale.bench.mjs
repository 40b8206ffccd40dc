// What the database does when it is large: the engine's own statements in a database of ten thousand services and in one of a million with ten million steps, side
// by side. Beside the times: which large tables a statement reads from end to end (it should read none), and how many blocks it touches.
// `npm run bench -- scale 100000` takes another number of services.
import pg from 'pg';
import { median, report, spread } from './measure.mjs';
import { fill, stepsPerTask } from './scale/fill.mjs';
import { blocksOf, largeTables, Plans, readInFull, sizes } from './scale/plans.mjs';
import { openDatabase, subjectsOf } from './scale/subjects.mjs';
import { Stores } from './stores.mjs';

const target = 1.5;
const small = 10_000;
const words = process.argv.slice(3);
const large = Number(words.find((word) => /^\d+$/.test(word)) ?? 1_000_000);
const rounds = { warm: 4, measured: 25 };
/** Tables with as many rows are large: half of what has a row for each service. */
const largeRows = large / 2;

/** A database of its own in the server, with the tables of this version. */
async function makeDatabase(server, name) {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  await client.query(`CREATE DATABASE ${name} TEMPLATE keelson`);
  await client.end();
  return url;
}

const stores = new Stores();
try {
  const server = await stores.postgres();
  const databases = [];
  for (const [name, services] of Object.entries({ small, large })) {
    const url = await makeDatabase(server, name);
    const began = performance.now();
    await fill(url, services);
    const plans = new Plans();
    const dataSource = await openDatabase(url, plans);
    stores.onClose(() => dataSource.destroy());
    databases.push({ dataSource, plans, filledMs: performance.now() - began, subjects: await subjectsOf(dataSource) });
  }

  const millis = (value) => `${value.toFixed(2)} ms`;
  const tables = await largeTables(databases[1].dataSource, largeRows);
  const rows = [];
  for (const figure of Object.keys(databases[0].subjects)) {
    const times = databases.map(() => []);
    for (let round = -rounds.warm; round < rounds.measured; round += 1) {
      for (const [index, { subjects }] of databases.entries()) {
        const { prepare, act } = subjects[figure];
        const given = await prepare?.();
        const began = performance.now();
        await act(given);
        if (round >= 0) times[index].push(performance.now() - began);
      }
    }
    const seen = [];
    for (const { dataSource, plans, subjects } of databases) {
      const { prepare, act } = subjects[figure];
      const given = await prepare?.();
      seen.push(await plans.of(dataSource, () => act(given)));
    }
    const ratio = median(times[1]) / median(times[0]);
    const scanned = readInFull(seen[1], tables, largeRows);
    const { grows } = databases[1].subjects[figure];
    rows.push(
      { figure: `${figure}, ${small} services`, value: `${spread(times[0], millis)}, ${blocksOf(seen[0])} blocks` },
      { figure: `${figure}, ${large} services`, value: `${spread(times[1], millis)}, ${blocksOf(seen[1])} blocks` },
      {
        figure: `  ratio${scanned.length > 0 ? `; reads all of ${scanned.join(', ')}` : ''}${grows === undefined ? '' : `; ${grows}`}`,
        value: ratio.toFixed(2),
        ...(grows === undefined && {
          target: `≤ ${target}, nothing in full`,
          met: ratio <= target && scanned.length === 0,
        }),
      },
    );
  }
  const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
  for (const { name, rows: count, table, indexes } of await sizes(databases[1].dataSource, 12)) {
    rows.push({
      figure: `size of ${name}, ${count} rows`,
      value: `${megabytes(table)} + ${megabytes(indexes)} indexes`,
    });
  }
  rows.push({
    figure: `filled with ${large} services, ${large * stepsPerTask} steps`,
    value: `${Math.round(databases[1].filledMs / 1000)} s`,
  });
  report('scale', rows);
} finally {
  await stores.close();
}
process.exit(0);
