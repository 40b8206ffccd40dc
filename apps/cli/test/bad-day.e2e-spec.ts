import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { callJson, findJob, type JobView, openCheckoutWithDomain, pay } from '../src/demo/purchase.js';
import { freePorts, KeelsonProcess } from './keelson-process.js';

jest.setTimeout(420_000);

/** Trouble upon trouble in one step makes the engine wait a minute, then five, before it looks again. */
const patienceMs = 390_000;
/** A site works without it: when it meets with too much trouble it comes later, by itself. */
const optional = 'install_ssl';
const domains = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `${name}-bad-day.com`);
const admin = { email: 'admin@keelson.test', password: 'a long enough password' };

interface LedgerEntry {
  operation: string;
  subject?: string;
  outcome: string;
  changed: boolean;
}

const isOpen = ({ status }: { status: string }) => !['completed', 'skipped'].includes(status);

/** The job when nothing is open but, at the end of patience, what is optional. */
async function ended(apiUrl: string, token: string, jobId: string): Promise<JobView> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const job = await callJson<JobView>(`${apiUrl}/api/provisioning/tasks/${jobId}`, { token });
    const open = job.timeline.filter(isOpen);
    const rests = ['failed', 'cancelled', 'needs_attention'].includes(job.status);
    const late = Date.now() > deadline - patienceMs / 3;
    if (rests || open.length === 0 || (late && open.every(({ step }) => step === optional))) return job;
    if (Date.now() > deadline) return job;
    await sleep(500);
  }
}

describe('purchases while every vendor has a bad day', () => {
  const home = mkdtempSync(join(tmpdir(), 'keelson-bad-day-'));
  let keelson: KeelsonProcess;
  let sandboxUrl: string;
  const jobs: JobView[] = [];

  const ledger = (plugin: string) => callJson<LedgerEntry[]>(`${sandboxUrl}/control/${plugin}/ledger`);
  const changes = async (plugin: string, operation: string) =>
    (await ledger(plugin)).filter((entry) => entry.changed && entry.operation === operation);
  const subjects = async (plugin: string, operation: string) =>
    (await changes(plugin, operation)).map(({ subject }) => subject).sort();

  beforeAll(async () => {
    const port = await freePorts(40);
    const apiUrl = `http://127.0.0.1:${port}`;
    sandboxUrl = `http://127.0.0.1:${port + 9}`;
    keelson = new KeelsonProcess(['start'], {
      KEELSON_HOME: home,
      KEELSON_CONFIG: join(home, 'keelson.config.yaml'),
      PORT: String(port),
      APP_URL: apiUrl,
      PUBLIC_RATE_LIMIT: '10000',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
    });
    await keelson.says('Ctrl-C stops everything.');
    const { token } = await callJson<{ token: string }>(`${apiUrl}/api/auth/login`, { method: 'POST', body: admin });
    const buy = async (domain: string) => {
      const order = { planId: 'basic', email: `owner@${domain}`, domain };
      const checkout = await openCheckoutWithDomain(apiUrl, order);
      await pay(checkout.url, '4242424242424242');
      return ended(apiUrl, token, await findJob(apiUrl, checkout.id, patienceMs));
    };
    jobs.push(...(await Promise.all(domains.map(buy))));
  });

  afterAll(async () => {
    keelson.kill('SIGTERM');
    await keelson.exited;
    rmSync(home, { recursive: true, force: true });
  });

  it('are completed, every one of them', () => {
    const open = jobs.flatMap(({ error, timeline }) =>
      timeline.filter(isOpen).map(({ step, status }) => ({ step, status, error })),
    );
    expect(open.filter(({ step }) => step !== optional)).toEqual([]);
    expect(open.filter(({ status }) => !['waiting', 'unknown', 'running', 'intent'].includes(status))).toEqual([]);
    expect(open.length).toBeLessThan(domains.length / 2);
  });

  it('had their share of trouble', async () => {
    const plugins = ['stripe', 'cpanel-whm', 'powerdns', 'namesilo', 'letsencrypt', 'smtp'];
    const outcomes = (await Promise.all(plugins.map(ledger))).flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => /^(429|503|0|dropped|451|421)$/.test(outcome)).length).toBeGreaterThan(3);
  });

  it('made and paid everything once', async () => {
    const each = [...domains].sort();
    expect(await subjects('namesilo', 'registerDomain')).toEqual(each);
    expect(await subjects('powerdns', 'POST /zones')).toEqual(each);
    const certificates = await subjects('letsencrypt', 'POST /acme/finalize');
    expect(certificates).toEqual([...new Set(certificates)]);
    const secured = jobs.filter(({ timeline }) => timeline.some((one) => one.step === optional && !isOpen(one)));
    expect(certificates.length).toBeGreaterThanOrEqual(secured.length);
    for (const operation of ['createacct', 'Email::add_pop', 'Mysql::create_database']) {
      const accounts = await subjects('cpanel-whm', operation);
      expect([operation, accounts.length, new Set(accounts).size]).toEqual([operation, 6, 6]);
    }
  });

  it('told every customer once', async () => {
    // A mail whose receipt was lost is sent again under the same Message-ID, which receivers show once.
    const messages = new Set(await subjects('smtp', 'DATA'));
    expect(messages.size).toBe(domains.length);
  });
});
