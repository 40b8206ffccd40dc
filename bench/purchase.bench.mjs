// A purchase with vendors that wait a fixed time before every call that changes something. The wall time of the job, from the moment its first
// step could begin to its end, against the critical path: the longest chain of steps, counting only the fixed wait of each call. What the vendors' answers take beside it counts against the engine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callJson, findJob, followJob, openCheckout, pay } from '../apps/cli/dist/src/demo/purchase.js';
import { freePort, keelson, median, report, spread, startProgram, untilOk } from './measure.mjs';

const latencies = [200, 400, 800];
const rounds = 5;
/** So long the mail server of the simulator waits before it greets, as real ones do, to catch clients that talk first. A wait of the vendor's like the others. */
const greetingMs = 100;
const admin = { email: 'admin@keelson.test', password: 'a long enough password' };

/** Which step makes which call; calls of one step follow each other. None: calls for the certificate. */
const stepOf = (plugin, { operation }) => {
  if (operation.startsWith('SSL::')) return undefined;
  if (plugin === 'powerdns') return 'setup_dns';
  if (plugin === 'smtp') return 'send_welcome_email';
  if (operation.startsWith('Email::')) return 'provision_email';
  if (operation.startsWith('Mysql::')) return 'create_database';
  return 'create_account';
};

/** When the last step ended, but for the certificate: its authority makes everybody wait, and the site works before. */
function endOf({ timeline }) {
  const done = timeline.filter(({ step, status }) => status === 'completed' && step !== 'install_ssl');
  return Math.max(...done.map(({ startedAt, durationMs }) => Date.parse(startedAt) + durationMs));
}

async function measure(latency) {
  const home = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const port = await freePort();
  const installation = startProgram(keelson, ['start'], {
    KEELSON_HOME: home,
    KEELSON_CONFIG: join(home, 'none.yaml'),
    PORT: String(port),
    APP_URL: `http://127.0.0.1:${port}`,
    SANDBOX_PORT: '0',
    SANDBOX_LATENCY_MS: String(latency),
    LOG_LEVEL: 'error',
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
  });
  const api = `http://127.0.0.1:${port}`;
  try {
    await untilOk(`${api}/api/health`, performance.now());
    while (!installation.text().includes('Ctrl-C')) await new Promise((resolve) => setTimeout(resolve, 50));
    const sandbox = /Sandbox\s+(http\S+)/.exec(installation.text())[1].replace(/\/$/, '');
    const { token } = await callJson(`${api}/api/auth/login`, { method: 'POST', body: admin });
    const plugins = ['cpanel-whm', 'powerdns', 'smtp'];
    const ledgers = () => Promise.all(plugins.map((plugin) => callJson(`${sandbox}/control/${plugin}/ledger`)));
    const walls = [];
    const paths = [];
    for (let round = 0; round <= rounds; round += 1) {
      const before = (await ledgers()).map((ledger) => ledger.length);
      const order = { planId: 'basic', email: `alice${round}@example.com`, domain: `bench-${latency}-${round}.com` };
      const checkout = await openCheckout(api, order);
      await pay(checkout.url, '4242424242424242');
      const job = await followJob(api, token, await findJob(api, checkout.id));
      if (job.status !== 'completed') throw new Error(`job ${job.id} is ${job.status}: ${job.error}`);
      const busy = {};
      const after = await ledgers();
      const endOfStep = (name) => Date.parse(job.timeline.find(({ step }) => step === name)?.finishedAt ?? '');
      after.forEach((ledger, index) => {
        for (const entry of ledger.slice(before[index])) {
          const step = stepOf(plugins[index], entry);
          // The zone is also written for the certificate's proof, after the step that made it.
          if (step === undefined || !(entry.at <= endOfStep(step) + latency / 2)) continue;
          const waits = entry.operation === 'CONNECT' ? greetingMs : latency;
          busy[step] = (busy[step] ?? 0) + (entry.operation === 'CONNECT' || entry.tookMs >= latency ? waits : 0);
        }
      });
      const {
        create_account = 0,
        setup_dns = 0,
        provision_email = 0,
        create_database = 0,
        send_welcome_email = 0,
      } = busy;
      const path = create_account + Math.max(setup_dns, provision_email, create_database) + send_welcome_email;
      if (round === 0) continue;
      walls.push(endOf(job) - Date.parse(job.startedAt));
      paths.push(path);
    }
    return { latency, walls, paths };
  } finally {
    await installation.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

const rows = [];
for (const latency of latencies) {
  const { walls, paths } = await measure(latency);
  const ratio = median(walls.map((wall, index) => wall / paths[index]));
  rows.push(
    { figure: `critical path, ${latency} ms a call`, value: spread(paths) },
    { figure: `job, ${latency} ms a call`, value: spread(walls) },
    { figure: 'ratio', value: ratio.toFixed(2), target: '≤ 1.15', met: ratio <= 1.15 },
  );
}
report('purchase', rows);
