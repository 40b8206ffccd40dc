// What plugins cost. The guard around an adapter: one call through it, with its log line, against the same call on the bare adapter. Boot: an API with
// twelve plugins, and one with three enabled and nine not, against one with those three alone. Warm: migrated database, running Postgres. The ratios
// are of processor time until the first 200: what a plugin adds is less than the clock's noise.
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Logger } from '@nestjs/common';
import { transform } from '@swc/core';
import { dnsPort, guardAdapter, JsonLogger, logCall } from '@keelson/core';
import { startEmbeddedPostgres } from '@keelson/database';
import { renderPlugin } from '../apps/cli/dist/src/plugin-kit/index.js';
import { freePort, keelson, median, processorMs, report, root, spread, startProgram, untilOk } from './measure.mjs';

const rounds = 5;
const callsARound = 20_000;
const wanted = 12;
const three = ['stripe', 'cpanel-whm', 'powerdns'];
const home = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
const stops = [];

/** Milliseconds that one call takes, by median: bare, guarded without and with the log line. */
async function guardCosts() {
  const sink = createWriteStream('/dev/null');
  Logger.overrideLogger(new JsonLogger({ level: 'log', sink }));
  const bare = Object.fromEntries(dnsPort.methods.map((method) => [method, async () => undefined]));
  const guarded = (record) => guardAdapter(bare, { port: dnsPort, capabilities: [], connection: 'bench', record });
  const adapters = [bare, guarded(() => undefined), guarded(logCall)];
  const costs = adapters.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, adapter] of adapters.entries()) {
      const began = performance.now();
      for (let call = 0; call < callsARound; call += 1) await adapter.findZone('absent.example');
      if (round > 0) costs[index].push((performance.now() - began) / callsARound);
    }
  }
  await new Promise((done) => sink.end(done));
  return costs;
}

/** A folder with these plugins of the checkout, by links, and generated ones up to so many. Returns it with the ids in it. */
async function pluginsFolder(name, ids, count) {
  const folder = join(home, name);
  mkdirSync(folder);
  for (const id of ids) symlinkSync(join(root, 'plugins', id), join(folder, id));
  const made = Array.from({ length: count - ids.length }, (_, index) => `bench-${index + 1}`);
  for (const vendor of made) {
    for (const { path, text } of renderPlugin({ vendor, ports: ['provisioner'], home: 'checkout' })) {
      const source = /^src\/.*\.ts$/.test(path);
      const file = join(folder, vendor, source ? `dist/${path.replace(/ts$/, 'js')}` : path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(
        file,
        source ? (await transform(text, { configFile: join(root, '.swcrc'), sourceMaps: false })).code : text,
      );
    }
  }
  return { folder, ids: [...ids, ...made] };
}

async function boot({ folder }, enabled, databaseUrl) {
  const config = join(home, 'keelson.config.yaml');
  writeFileSync(config, `plugins: [${enabled.join(', ')}]\n`);
  const port = await freePort();
  const began = performance.now();
  const running = startProgram(process.execPath, [join(root, 'bench/boot-plugins.mjs'), folder], {
    KEELSON_HOME: home,
    KEELSON_CONFIG: config,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    LOG_LEVEL: 'error',
  });
  try {
    const wall = await untilOk(`http://127.0.0.1:${port}/api/health`, began);
    return { wall, work: processorMs(running.child.pid) };
  } catch (error) {
    console.error(running.text());
    throw error;
  } finally {
    await running.stop();
  }
}

try {
  const [bare, silent, guarded] = await guardCosts();

  // Generated plugins import what those of the checkout do.
  symlinkSync(realpathSync(join(root, 'node_modules')), join(home, 'node_modules'));
  const real = readdirSync(join(root, 'plugins')).sort().slice(0, wanted);
  const others = real.filter((id) => !three.includes(id));
  const few = await pluginsFolder('three', three, three.length);
  const many = await pluginsFolder('twelve', [...three, ...others], wanted);
  const postgres = await startEmbeddedPostgres({ home });
  stops.push(() => postgres.stop());
  const migration = startProgram(keelson, ['migrate'], { KEELSON_HOME: home, DATABASE_URL: postgres.url });
  await new Promise((done) => migration.child.once('exit', done));
  const boots = { few: [], disabled: [], all: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const a = await boot(few, three, postgres.url);
    const b = await boot(many, three, postgres.url);
    const c = await boot(many, many.ids, postgres.url);
    if (round === 0) continue;
    boots.few.push(a);
    boots.disabled.push(b);
    boots.all.push(c);
  }

  const overhead = median(guarded.map((cost, index) => cost - bare[index]));
  const ratioOf = (values) => median(values.map(({ work }, index) => work / boots.few[index].work));
  const walls = (values) => spread(values.map(({ wall }) => wall));
  const works = (values) => spread(values.map(({ work }) => work));
  const micro = (value) => `${(value * 1000).toFixed(1)} µs`;
  const generated = many.ids.length - real.length;
  report('adapters', [
    { figure: 'a call on the bare adapter', value: spread(bare, micro) },
    { figure: 'through the guard, nothing recorded', value: spread(silent, micro) },
    { figure: 'through the guard, with its log line', value: spread(guarded, micro) },
    { figure: 'overhead a call', value: micro(overhead), target: '≤ 100 µs', met: overhead <= 0.1 },
    { figure: 'API with 3 plugins, to first 200', value: walls(boots.few) },
    { figure: '  processor time', value: works(boots.few) },
    { figure: '3 enabled, 9 disabled', value: walls(boots.disabled) },
    { figure: '  processor time', value: works(boots.disabled) },
    {
      figure: '  ratio of processor time',
      value: ratioOf(boots.disabled).toFixed(2),
      target: '≤ 1.05',
      met: ratioOf(boots.disabled) <= 1.05,
    },
    { figure: `12 enabled, ${generated} of them generated`, value: walls(boots.all) },
    { figure: '  processor time', value: works(boots.all) },
    {
      figure: '  ratio of processor time',
      value: ratioOf(boots.all).toFixed(2),
      target: '≤ 1.3',
      met: ratioOf(boots.all) <= 1.3,
    },
  ]);
} finally {
  for (const stop of stops.reverse()) await stop();
  rmSync(home, { recursive: true, force: true });
}
