import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { callJson, findJob, followJob, openCheckout, pay } from '../src/demo/purchase.js';
import { allEnded, freePorts, isPostgres, isRole, KeelsonProcess, processesIn } from './keelson-process.js';

jest.setTimeout(300_000);
/** The vendors have a bad day. */
const patienceMs = 240_000;

const home = mkdtempSync(join(tmpdir(), 'keelson-start-'));
const up = 'Ctrl-C stops everything.';
let port: number;
let apiUrl: string;
let keelson: KeelsonProcess;
let password: string;

const start = (env: Record<string, string> = {}) =>
  new KeelsonProcess(['start'], {
    KEELSON_HOME: home,
    KEELSON_CONFIG: join(home, 'keelson.config.yaml'),
    PORT: String(port),
    APP_URL: apiUrl,
    LOG_LEVEL: 'error',
    SANDBOX_LATENCY_MS: '400',
    ...env,
  });

const login = () =>
  callJson<{ token: string }>(`${apiUrl}/api/auth/login`, {
    method: 'POST',
    body: { email: 'admin@keelson.test', password },
  });

/** Pays for a plan and returns the id of its job, which is under way then. */
async function buy(domain: string): Promise<string> {
  const checkout = await openCheckout(apiUrl, { planId: 'basic', email: `owner@${domain}`, domain });
  await pay(checkout.url, '4242424242424242');
  return findJob(apiUrl, checkout.id);
}

/** Accounts that the panel made so far, by its own ledger. */
async function accountsMade(): Promise<number> {
  const entries = await callJson<{ operation: string; changed: boolean }[]>(
    `http://127.0.0.1:${port + 9}/control/cpanel-whm/ledger`,
  );
  return entries.filter(({ operation, changed }) => operation === 'createacct' && changed).length;
}

beforeAll(async () => {
  port = await freePorts(30);
  apiUrl = `http://127.0.0.1:${port}`;
  keelson = start();
  await keelson.says(up);
});

afterAll(async () => {
  keelson.kill('SIGTERM');
  await keelson.exited;
  rmSync(home, { recursive: true, force: true });
});

describe('keelson start', () => {
  it('prints where everything is, and the administrator’s login', async () => {
    for (const place of [`API           `, `${apiUrl}/docs`, `http://127.0.0.1:${port + 9}/store/`, 'smtp inbox']) {
      expect(keelson.output).toContain(place);
    }
    password = /admin@keelson\.test {3}password: (\S+)/.exec(keelson.output)?.[1] ?? '';
    expect((await login()).token).toMatch(/^ey/);
    expect(await callJson(`${apiUrl}/api/health`)).toMatchObject({ status: 'ok' });
  });

  it('lets a job be watched from its beginning to its end', async () => {
    const job = await buy('watched.example.com');
    const watch = new KeelsonProcess(['tasks', 'watch', job], {
      KEELSON_HOME: home,
      KEELSON_CONFIG: join(home, 'keelson.config.yaml'),
    });
    expect((await watch.exited).code).toBe(0);
    const lines = watch.output.trim().split('\n');
    expect(lines[0]).toMatch(/^\d{4}-\S+ {2}task\.queued/);
    expect(lines.at(-1)).toContain('task.completed');
    expect(lines.filter((line) => /step\.completed +create_account/.test(line))).toHaveLength(1);
    const unknown = new KeelsonProcess(['tasks', 'watch', 'job_01a1fe798195770990770c54a70'], { KEELSON_HOME: home });
    expect((await unknown.exited).code).toBe(1);
  });

  it('serves the store, which knows the API', async () => {
    const store = `http://127.0.0.1:${port + 9}/store/`;
    expect(await (await fetch(store)).text()).toContain('<html');
    expect(await (await fetch(`${store}config.js`)).text()).toContain(`"${apiUrl}"`);
  });

  it('starts a role again that was killed', async () => {
    const before = keelson.descendants();
    const made = await accountsMade();
    const { token } = await login();
    const jobId = await buy('first-shop.com');
    for (const pid of before) if (isRole(pid, 'worker')) process.kill(pid, 'SIGKILL');
    await keelson.says('worker ended (SIGKILL), starting it again');
    expect(await followJob(apiUrl, token, jobId, patienceMs)).toMatchObject({ status: 'completed' });
    expect(await accountsMade()).toBe(made + 1);
  });

  it('ends as a whole when it is killed, and the next start finishes what was under way', async () => {
    const roles = keelson.descendants().filter((pid) => ['api', 'worker', 'sandbox'].some((role) => isRole(pid, role)));
    expect(roles).toHaveLength(3);
    const jobId = await buy('second-shop.com');
    keelson.kill('SIGKILL');
    await keelson.exited;
    expect(await allEnded(roles)).toBe(true);
    keelson = start();
    await keelson.says(up);
    expect(keelson.output).not.toContain(password);
    const { token } = await login();
    expect(await followJob(apiUrl, token, jobId, patienceMs)).toMatchObject({ status: 'completed' });
  });

  it('recovers when the database server was killed too, and its successor is started at once', async () => {
    const { token } = await login();
    const jobId = await buy('third-shop.com');
    const processes = keelson.descendants();
    keelson.kill('SIGKILL');
    for (const pid of processes) if (isPostgres(pid)) process.kill(pid, 'SIGKILL');
    keelson = start();
    await keelson.says(up);
    expect(await followJob(apiUrl, token, jobId, patienceMs)).toMatchObject({ status: 'completed' });
  });

  it('stops everything on Ctrl-C', async () => {
    const processes = [...keelson.descendants(), ...processesIn(home)];
    expect(processes.length).toBeGreaterThan(4);
    keelson.kill('SIGINT');
    expect(await keelson.exited).toEqual({ code: 0, signal: null });
    expect(await allEnded(processes)).toBe(true);
  });

  it('says in one line what is wrong with a setting, and starts nothing', async () => {
    const wrong = start({ PORT: 'many' });
    expect(await wrong.exited).toMatchObject({ code: 1 });
    expect(wrong.output).toBe('keelson: PORT must be a whole number from 1 to 65535\n');
  });
});
