import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type NextPanelSimulator } from '../simulator/index.js';

const path = '/api/v1/billing/accounts';
const account = { username: 'demo01', email: 'a@b.example', password: 'S3cure-and-l0ng' };

let panel: NextPanelSimulator;
afterEach(() => panel.stop());

async function call(method: string, target: string, body?: unknown, headers?: Record<string, string>) {
  const response = await fetch(`${String(panel.settings.url)}${target}`, {
    method,
    headers: {
      'x-api-key': String(panel.settings.apiKey),
      'x-api-secret': String(panel.settings.apiSecret),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the panel simulator', () => {
  it('is healthy for everybody and open to nobody without a key', async () => {
    panel = await startSimulator();
    expect((await fetch(`${String(panel.settings.url)}/api/health`)).status).toBe(200);
    expect(await call('GET', path, undefined, { 'x-api-secret': 'nps_other' })).toEqual({
      status: 401,
      body: { detail: 'Invalid API key or secret' },
    });
  });

  it('creates an account of a name, an address and a password', async () => {
    panel = await startSimulator();
    expect(await call('POST', path, account)).toEqual({
      status: 201,
      body: { id: 42, username: 'demo01', email: 'a@b.example', is_active: true },
    });
  });

  it('tells everything it keeps when told to', async () => {
    panel = await startSimulator({ manner: 'full' });
    const { body } = await call('POST', path, { ...account, package_id: 2, billing_id: 'x', metadata: { a: 1 } });
    expect(body).toMatchObject({ package_id: 2, billing_id: 'x', metadata: { a: 1 }, is_admin: false, phone: null });
    expect((await call('GET', `${path}?skip=0&limit=1`)).body).toMatchObject({ total: 1, accounts: [{ id: 42 }] });
  });

  it.each([
    [{}, 400, 'Username already exists'],
    [{ email: 'other@b.example' }, 400, 'Username already exists'],
    [{ username: 'demo02' }, 400, 'Email already exists'],
    [{ username: 'demo02', email: 'o@b.example', package_id: 99 }, 404, 'Package not found'],
  ])('refuses a creation beside an existing account: %j', async (change, status, detail) => {
    panel = await startSimulator();
    await call('POST', path, account);
    expect(await call('POST', path, { ...account, ...change })).toEqual({ status, body: { detail } });
  });

  it('answers a failed validation with a list that repeats what was sent', async () => {
    panel = await startSimulator();
    const { status, body } = await call('POST', path, { username: 7, email: 'no address', password: 'short' });
    expect(status).toBe(422);
    expect(body.detail).toMatchObject([
      { loc: ['body', 'username'], type: 'string_type' },
      { loc: ['body', 'email'], type: 'value_error' },
      { loc: ['body', 'password'], type: 'string_too_short', input: 'short' },
    ]);
    expect((await call('POST', path, {})).body.detail).toHaveLength(3);
  });

  it('knows no id but those of its accounts', async () => {
    panel = await startSimulator();
    for (const target of [`${path}/7`, `${path}/7/stats`]) {
      expect(await call('GET', target)).toEqual({ status: 404, body: { detail: 'Account not found' } });
    }
    expect(await call('DELETE', `${path}/7`)).toMatchObject({ status: 404 });
    expect(await call('GET', '/api/v1/nothing')).toEqual({ status: 404, body: { detail: 'Not Found' } });
  });

  it('keeps accounts and keys over a restart, and no password in its file', async () => {
    const home = mkdtempSync(join(tmpdir(), 'nextpanel-'));
    panel = await startSimulator({ home });
    const { apiSecret } = panel.settings;
    await call('POST', path, account);
    await call('POST', `${path}/42/suspend`, { reason: 'overdue' });
    await panel.stop();
    panel = await startSimulator({ home });
    expect(panel.settings.apiSecret).toBe(apiSecret);
    expect(panel.account('demo01')).toMatchObject({ isActive: false, suspendReason: 'overdue' });
    expect(readFileSync(join(home, 'nextpanel.json'), 'utf8')).not.toContain(account.password);
  });

  it('writes every call to its ledger, with what it was about and whether it changed anything', async () => {
    panel = await startSimulator();
    await call('POST', path, account);
    await call('POST', path, account);
    await call('DELETE', `${path}/42`);
    expect(panel.ledger.entries().map(({ operation, subject, changed }) => [operation, subject, changed])).toEqual([
      [`POST ${path}`, 'demo01', true],
      [`POST ${path}`, undefined, false],
      [`DELETE ${path}/:id`, 'demo01', true],
    ]);
  });

  it('lists its accounts on a page, as text, whatever fault is set', async () => {
    panel = await startSimulator();
    await call('POST', path, { ...account, billing_id: '<script>' });
    panel.faults.set({ kind: 'unavailable' });
    const page = await (await fetch(String(panel.settings.url))).text();
    expect(page).toContain('demo01');
    expect(page).not.toContain('<script>');
  });
});
