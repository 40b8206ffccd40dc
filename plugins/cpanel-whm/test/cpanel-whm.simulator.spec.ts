import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type WhmSimulator, type WhmSimulatorOptions } from '../simulator/index.js';

let whm: WhmSimulator;
afterEach(() => whm.stop());

interface Reply {
  metadata: { result: number | string; reason: string; output?: { raw: string } };
  data?: Record<string, unknown>;
}

async function start(options?: WhmSimulatorOptions): Promise<void> {
  whm = await startSimulator(options);
}

function fetchWhm(name: string, form: Record<string, string> = {}, token = whm.settings.apiToken): Promise<Response> {
  return fetch(`${whm.settings.url}/json-api/${name}?api.version=1`, {
    method: 'POST',
    headers: { authorization: `whm root:${token}` },
    body: new URLSearchParams(form),
  });
}

async function call(name: string, form: Record<string, string> = {}): Promise<Reply> {
  return (await (await fetchWhm(name, form)).json()) as Reply;
}

const account = {
  username: 'demo01',
  domain: 'demo.example',
  plan: 'starter',
  password: 'S3cure-and-l0ng',
  contactemail: 'a@b.example',
};

describe('the WHM simulator', () => {
  it('answers a wrong token with status 403 and the shape of the first API', async () => {
    await start();
    const response = await fetchWhm('version', {}, 'WRONG');
    expect([response.status, response.statusText]).toEqual([403, 'Forbidden Access denied']);
    expect(await response.json()).toMatchObject({ cpanelresult: { error: 'Access denied' } });
  });

  it('shows the password in its log text unless told not to', async () => {
    await start();
    const shown = await call('createacct', account);
    expect(shown.metadata.output?.raw).toContain(account.password);
    const hidden = await call('createacct', { ...account, username: 'hidden1', domain: 'two.example', showpass: 'n' });
    expect(hidden.metadata.output?.raw).not.toContain(account.password);
  });

  it.each([
    [{}, /already has an account named “demo01”/],
    [{ username: 'other1' }, /“demo\.example” already exists in the Apache configuration/],
    [{ username: 'demo01', domain: 'x.example' }, /already has an account/],
    [{ username: 'root', domain: 'x.example' }, /reserved username/],
    [{ username: 'test1', domain: 'x.example' }, /not a valid username/],
    [{ username: 'other1', domain: 'x.example', plan: 'gold' }, /package “gold” does not exist/],
    [{ username: 'other1', domain: 'x.example', password: 'weak' }, /strength rating of/],
    [{ username: 'other1', domain: 'no domain' }, /not a valid domain/],
  ])('refuses a creation beside an existing account: %j', async (change, reason) => {
    await start();
    await call('createacct', account);
    const refused = await call('createacct', { ...account, ...change });
    expect(Number(refused.metadata.result)).toBe(0);
    expect(refused.metadata.reason).toMatch(reason);
  });

  it('refuses a name whose first eight characters another account has', async () => {
    await start();
    await call('createacct', { ...account, username: 'longname1' });
    const refused = await call('createacct', { ...account, username: 'longname2', domain: 'x.example' });
    expect(refused.metadata.reason).toMatch(/same initial/);
  });

  it('varies its envelope as servers do, in the same way in every run', async () => {
    const runs: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      await start();
      const replies = [await call('passwd'), await call('passwd'), await call('passwd')];
      expect(new Set(replies.map(({ metadata, data }) => JSON.stringify([metadata.result, data]))).size).toBe(3);
      runs.push(JSON.stringify(replies));
      if (run === 0) await whm.stop();
    }
    expect(runs[0]).toBe(runs[1]);
  });

  it('keeps accounts and token over a restart, and no password in its file', async () => {
    const home = mkdtempSync(join(tmpdir(), 'whm-'));
    await start({ home });
    const token = whm.settings.apiToken;
    await call('createacct', account);
    await whm.stop();
    await start({ home });
    expect(whm.settings.apiToken).toBe(token);
    expect(whm.account('demo01')).toMatchObject({ domain: 'demo.example' });
    expect(readFileSync(join(home, 'cpanel-whm.json'), 'utf8')).not.toContain(account.password);
  });

  it('writes every call to its ledger, with what it was about and whether it changed anything', async () => {
    await start();
    await call('createacct', account);
    await call('createacct', account);
    await call('uapi_cpanel', {
      'cpanel.user': 'demo01',
      'cpanel.module': 'Email',
      'cpanel.function': 'list_forwarders',
    });
    expect(whm.ledger.entries().map(({ operation, subject, changed }) => [operation, subject, changed])).toEqual([
      ['createacct', 'demo01', true],
      ['createacct', 'demo01', false],
      ['Email::list_forwarders', 'demo01', false],
    ]);
  });

  it('lists its accounts on a page, as text, whatever fault is set', async () => {
    await start({ nameservers: ['ns9.sandbox.example'] });
    const created = await call('createacct', { ...account, contactemail: '<script>@x.example' });
    expect(created.data).toMatchObject({ nameserver: 'ns9.sandbox.example', ip: '192.0.2.10' });
    whm.faults.set({ kind: 'unavailable' });
    const page = await (await fetch(String(whm.settings.url))).text();
    expect(page).toContain('demo.example');
    expect(page).not.toContain('<script>');
  });

  it('knows no functions but its own', async () => {
    await start();
    for (const name of ['constructor', 'reboot']) expect(Number((await call(name)).metadata.result)).toBe(0);
  });

  it('takes its time over calls that act, when told to', async () => {
    await start({ latencyMs: 120 });
    const started = performance.now();
    await call('createacct', account);
    expect(performance.now() - started).toBeGreaterThanOrEqual(100);
  });
});
