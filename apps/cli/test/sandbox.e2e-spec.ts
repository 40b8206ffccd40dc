import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { KeelsonProcess } from './keelson-process.js';

jest.setTimeout(60_000);

/** What the program prints when nobody supervises it. */
interface SandboxLine {
  url: string;
  endpoints: { plugin: string; name: string; url: string }[];
  environment: Record<string, string>;
}

const pluginsFolder = new URL('../../../plugins', import.meta.url);
const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'keelson-sandbox-')));
const [home = '', otherHome = ''] = folders;
const running = new Set<KeelsonProcess>();

async function start(
  keelsonHome = otherHome,
  plugins: string[] = [],
): Promise<SandboxLine & { stop(): Promise<void> }> {
  const sandbox = new KeelsonProcess(['sandbox', ...plugins], {
    KEELSON_HOME: keelsonHome,
    SANDBOX_PORT: '0',
    APP_URL: 'http://127.0.0.1:9',
    SANDBOX_BAD_DAY: '',
  });
  running.add(sandbox);
  await sandbox.says('"environment"');
  const line = JSON.parse(sandbox.output.slice(sandbox.output.indexOf('{'))) as SandboxLine;
  const stop = async () => {
    sandbox.kill('SIGTERM');
    expect(await sandbox.exited).toEqual({ code: 0, signal: null });
    running.delete(sandbox);
  };
  return { ...line, stop };
}

afterAll(async () => {
  for (const sandbox of running) sandbox.kill('SIGTERM');
  await Promise.all([...running].map((sandbox) => sandbox.exited));
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('keelson sandbox', () => {
  it('gives a configuration what it needs to reach every vendor', async () => {
    const { environment } = await start();
    const needed = readFileSync(new URL('../sandbox.config.yaml', import.meta.url), 'utf8').match(/SANDBOX_\w+/g) ?? [];
    expect(needed.length).toBeGreaterThan(8);
    for (const name of needed) expect(environment[name]).toMatch(/./);
  });

  it('links the store, the API documentation and every vendor from its first page', async () => {
    const { url, endpoints } = await start();
    const page = await (await fetch(url)).text();
    for (const link of ['/store/', 'http://127.0.0.1:9/docs']) expect(page).toContain(`href="${link}"`);
    expect([...new Set(endpoints.map(({ plugin }) => plugin))].sort()).toEqual(readdirSync(pluginsFolder).sort());
    for (const endpoint of endpoints) expect(page).toContain(endpoint.url);
  });

  it('plays only the vendors that are named, and says so when there is no such plugin', async () => {
    const { environment } = await start(otherHome, ['powerdns', 'smtp']);
    expect(new Set(Object.keys(environment).map((name) => name.split('_')[1]))).toEqual(new Set(['POWERDNS', 'SMTP']));
    const wrong = new KeelsonProcess(['sandbox', 'nobody'], { KEELSON_HOME: otherHome, SANDBOX_PORT: '0' });
    expect(await wrong.exited).toMatchObject({ code: 1 });
    expect(wrong.output).toMatch(/^keelson: there is no plugin nobody in /);
  });

  it('shows what a vendor saw, and lets tests spoil it', async () => {
    const { url, environment } = await start();
    const control = `${url}/control/powerdns`;
    const ask = () =>
      fetch(`${environment['SANDBOX_POWERDNS_URL']}/api/v1/servers/localhost`, {
        headers: { 'x-api-key': environment['SANDBOX_POWERDNS_API_KEY'] ?? '' },
      });
    expect((await ask()).status).toBe(200);
    const faults = JSON.stringify([{ kind: 'unavailable' }]);
    await fetch(`${control}/faults`, { method: 'POST', body: faults, headers: { 'content-type': 'application/json' } });
    expect((await ask()).status).toBe(503);
    await fetch(`${control}/faults`, { method: 'DELETE' });
    expect((await ask()).status).toBe(200);
    const ledger = (await (await fetch(`${control}/ledger`)).json()) as { outcome: string }[];
    expect(ledger.map(({ outcome }) => outcome)).toEqual(['200', '503', '200']);
    expect((await fetch(`${url}/control/nobody/ledger`)).status).toBe(404);
  });

  it('keeps the vendors’ keys and its own over a restart', async () => {
    const first = await start(home);
    await first.stop();
    const second = await start(home);
    const keys = (environment: Record<string, string>) =>
      Object.entries(environment).filter(([name]) => /KEY|TOKEN|SECRET/.test(name));
    expect(keys(second.environment).length).toBeGreaterThan(3);
    expect(keys(second.environment)).toEqual(keys(first.environment));
  });
});
