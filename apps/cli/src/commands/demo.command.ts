import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BootError, generatePassword } from '@keelson/core';
import { type DemoReport, renderReport } from '../demo/demo-report.js';
import { callJson, findJob, followJob, type JobView, openCheckoutWithDomain, pay } from '../demo/purchase.js';
import { checkVendors } from '../demo/vendor-checks.js';
import { freePort } from '../ports.js';
import { type Installation, startInstallation } from '../start-installation.js';

const order = { planId: 'basic', email: 'alice@example.com', domain: 'alice-demo.com' };

/**
 * Starts a throw-away installation on free ports, buys a plan through the public API and the payment page, follows the job, and
 * looks at the vendors' side. Ends the process: 0 only when everything was found there.
 */
export async function demo(program: string, { json }: { json?: boolean }): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'keelson-demo-'));
  const admin = { email: 'admin@keelson.test', password: generatePassword(20) };
  const progress = (line: string) => void (json === true ? process.stderr : process.stdout).write(`· ${line}\n`);
  let installation: Installation | undefined;
  let report: DemoReport | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new BootError(['interrupted'])));
  });
  try {
    installation = await startInstallation({ env: await demoEnvironment(home, admin), program, progress });
    report = await Promise.race([buyAndCheck(installation, admin, progress), interrupted]);
  } finally {
    await installation?.stop();
    await rm(home, { recursive: true, force: true });
  }
  process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : renderReport(report));
  process.exit(report.ok ? 0 : 1);
}

async function buyAndCheck(
  { apiUrl, sandbox }: Installation,
  admin: { email: string; password: string },
  progress: (line: string) => void,
): Promise<DemoReport> {
  if (sandbox === undefined) throw new Error('the demo runs against the sandbox');
  const { token } = await callJson<{ token: string }>(`${apiUrl}/api/auth/login`, { method: 'POST', body: admin });
  progress(`buying ${order.planId} with the domain ${order.domain}`);
  const checkout = await openCheckoutWithDomain(apiUrl, order);
  const paidAt = Date.now();
  await pay(checkout.url, '4242424242424242');
  const jobId = await findJob(apiUrl, checkout.id);
  progress(`following ${jobId}`);
  const job = await followJob(apiUrl, token, jobId);
  const wallMs = (job.completedAt === undefined ? Date.now() : Date.parse(job.completedAt)) - paidAt;
  const seen = await checkVendors(sandbox, order);
  const checks = [
    { what: 'the job is completed', ok: job.status === 'completed', seen: job.error ?? job.status },
    ...seen.checks,
  ];
  return {
    ...seen,
    checks,
    ok: checks.every((check) => check.ok),
    plan: order.planId,
    domain: order.domain,
    email: order.email,
    jobId,
    wallMs,
    timeline: timelineOf(job),
  };
}

function timelineOf(job: JobView): DemoReport['timeline'] {
  const began = Date.parse(job.startedAt ?? '');
  return job.timeline.map(({ step, status, startedAt, durationMs, connection, reason }) => ({
    step,
    status,
    ...(startedAt === undefined ? {} : { startMs: Date.parse(startedAt) - began }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(connection === undefined ? {} : { by: connection }),
    ...(reason === undefined ? {} : { reason }),
  }));
}

async function demoEnvironment(home: string, admin: { email: string; password: string }): Promise<NodeJS.ProcessEnv> {
  const port = await freePort();
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    KEELSON_HOME: home,
    KEELSON_CONFIG: join(home, 'keelson.config.yaml'),
    PORT: String(port),
    APP_URL: `http://127.0.0.1:${port}`,
    SANDBOX_PORT: '0',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    ...(process.env['REDIS_URL'] === undefined ? {} : { REDIS_URL: process.env['REDIS_URL'] }),
    ...(process.env['SANDBOX_LATENCY_MS'] === undefined
      ? {}
      : { SANDBOX_LATENCY_MS: process.env['SANDBOX_LATENCY_MS'] }),
  };
}
