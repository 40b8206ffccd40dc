// Boot and idle memory. Warm: migrated database, running Postgres; the engine's API against a bare Nest + Fastify application, in turn.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, keelson, median, report, residentMb, root, spread, startProgram, untilOk } from './measure.mjs';

const rounds = 5;
const home = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
const stops = [];

/** A whole installation in an empty home. Resolves with the time until its API answered 200. */
async function fromNothing(folder) {
  const port = await freePort();
  const began = performance.now();
  const installation = startProgram(keelson, ['start'], {
    KEELSON_HOME: folder,
    KEELSON_CONFIG: join(folder, 'none.yaml'),
    PORT: String(port),
    SANDBOX_PORT: '0',
    LOG_LEVEL: 'error',
  });
  try {
    return { took: await untilOk(`http://127.0.0.1:${port}/api/health`, began), installation };
  } catch (error) {
    console.error(installation.text());
    throw error;
  }
}

async function boot([command, ...args], env, path) {
  const port = await freePort();
  const began = performance.now();
  const running = startProgram(command, args, { ...env, PORT: String(port) });
  try {
    return await untilOk(`http://127.0.0.1:${port}${path}`, began);
  } catch (error) {
    console.error(running.text());
    throw error;
  } finally {
    await running.stop();
  }
}

try {
  const cold = [];
  for (let round = 0; round < 3; round += 1) {
    const folder = join(home, `cold-${round}`);
    const { took, installation } = await fromNothing(folder);
    cold.push(took);
    await installation.stop();
  }

  const { startEmbeddedPostgres } = await import('@keelson/database');
  const warmHome = join(home, 'cold-0');
  const postgres = await startEmbeddedPostgres({ home: warmHome });
  stops.push(() => postgres.stop());
  const sandbox = startProgram(keelson, ['sandbox'], { KEELSON_HOME: warmHome, SANDBOX_PORT: '0' });
  stops.push(() => sandbox.stop());
  while (!sandbox.text().includes('\n')) await sleep(20);
  const { environment } = JSON.parse(sandbox.text().split('\n')[0]);
  const engine = {
    ...environment,
    KEELSON_HOME: warmHome,
    DATABASE_URL: postgres.url,
    KEELSON_CONFIG: join(root, 'apps/cli/sandbox.config.yaml'),
    LOG_LEVEL: 'error',
  };
  const bare = [];
  const api = [];
  for (let round = 0; round <= rounds; round += 1) {
    const a = await boot([process.execPath, join(root, 'bench/bare-nest.mjs')], {}, '/health');
    const b = await boot([keelson, 'api'], engine, '/api/health');
    if (round > 0) {
      bare.push(a);
      api.push(b);
    }
  }

  const idle = async (role) => {
    const port = await freePort();
    const running = startProgram(keelson, [role], { ...engine, PORT: String(port) });
    if (role === 'api') await untilOk(`http://127.0.0.1:${port}/api/health`, performance.now());
    await sleep(8_000);
    const mb = residentMb(running.child.pid);
    await running.stop();
    return mb;
  };
  const apiMb = await idle('api');
  const workerMb = await idle('worker');

  const ratios = api.map((value, index) => value / bare[index]);
  const ratio = median(ratios);
  const mb = (value) => `${value.toFixed(0)} MB`;
  report('boot', [
    { figure: 'bare Nest + Fastify, to first 200', value: spread(bare) },
    { figure: 'API, warm, to first 200', value: spread(api) },
    { figure: 'ratio', value: ratio.toFixed(2), target: '≤ 3', met: ratio <= 3 },
    { figure: 'everything, from an empty home', value: spread(cold), target: '≤ 10 s', met: median(cold) <= 10_000 },
    { figure: 'API, idle', value: mb(apiMb), target: '≤ 180 MB', met: apiMb <= 180 },
    { figure: 'worker, idle', value: mb(workerMb), target: '≤ 150 MB', met: workerMb <= 150 },
  ]);
} finally {
  for (const stop of stops.reverse()) await stop();
  rmSync(home, { recursive: true, force: true });
}
