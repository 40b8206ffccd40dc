import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { probeContext, type AccountSpec } from '@keelson/core';
import { startSimulator, type NextPanelSimulator } from '../simulator/index.js';
import { NextPanelAdapter } from '../src/index.js';
import { cannedServer, type CannedServer } from './canned-server.js';
import { adapterOf } from './configs.js';

let panel: NextPanelSimulator;
let server: CannedServer | undefined;
beforeEach(async () => {
  panel = await startSimulator();
});
afterEach(async () => {
  await panel.stop();
  await server?.stop();
});

const spec: AccountSpec = {
  username: 'demo01',
  domain: 'demo.example',
  package: 'starter',
  email: 'owner@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_1',
};
const path = '/api/v1/billing/accounts';

describe('testing the connection', () => {
  it('passes with a key that may only read, and fails with a revoked one although the panel is healthy', async () => {
    const { id, secret } = panel.keyOf('READ_ONLY');
    expect(await adapterOf(panel, { apiKey: id, apiSecret: secret }).testConnection()).toBeUndefined();
    panel.revokeKeys();
    expect((await fetch(`${String(panel.settings.url)}/api/health`)).status).toBe(200);
    await expect(adapterOf(panel).testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
  });

  it('fails at an address that answers but is no panel', async () => {
    server = await cannedServer({ [`GET ${path}`]: { body: '<html>welcome</html>' } });
    const adapter = new NextPanelAdapter(server.config, probeContext('under test'));
    await expect(adapter.testConnection()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('creating an account', () => {
  it('needs a key of the highest level', async () => {
    const { id, secret } = panel.keyOf('BILLING');
    const billing = adapterOf(panel, { apiKey: id, apiSecret: secret });
    await expect(billing.ensureAccount(spec)).rejects.toMatchObject({
      code: 'invalid-config',
      details: { vendor: { status: 403, message: "The user doesn't have super admin privileges" } },
    });
  });

  it('sends the package by its id and keeps our id at the panel', async () => {
    await adapterOf(panel).ensureAccount({ ...spec, package: 'basic', accountType: 'reseller' });
    expect(panel.account('demo01')).toMatchObject({ packageId: 3, billingId: 'srv_1', isAdmin: true });
  });

  it('takes the id of a package where no names are configured', async () => {
    const adapter = adapterOf(panel, { packages: undefined });
    expect(await adapter.listPackages()).toEqual([]);
    await adapter.ensureAccount({ ...spec, package: '5' });
    expect(panel.account('demo01')).toMatchObject({ packageId: 5 });
    await expect(
      adapter.ensureAccount({ ...spec, username: 'b', domain: 'b.example', package: '99' }),
    ).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('reports an address that another account has, and claims nothing for the refused one', async () => {
    const adapter = adapterOf(panel);
    await adapter.ensureAccount(spec);
    const second = { ...spec, username: 'demo02', domain: 'two.example', externalId: 'srv_2' };
    await expect(adapter.ensureAccount(second)).rejects.toMatchObject({
      code: 'already-exists',
      details: { vendor: { message: 'Email already exists' } },
    });
    expect(await adapter.findAccount({ domain: 'two.example' })).toBeUndefined();
    expect(await adapter.findAccount({ externalId: 'srv_2' })).toBeUndefined();
  });

  it('adopts an account that was made elsewhere for the same address, and knows its domain from then on', async () => {
    await adapterOf(panel).ensureAccount({ ...spec, externalId: '123' });
    const ours = adapterOf(panel);
    expect(await ours.findAccount({ username: 'demo01' })).toMatchObject({ domain: '', remoteId: '42' });
    expect(await ours.findAccount({ domain: 'demo.example' })).toBeUndefined();
    expect(await ours.ensureAccount(spec)).toMatchObject({ remoteId: '42', domain: 'demo.example' });
    expect(await ours.findAccount({ domain: 'demo.example' })).toMatchObject({ username: 'demo01' });
  });

  it('does not give an account that appeared meanwhile to the wrong domain', async () => {
    const theirs = { id: 5, username: 'demo01', email: 'someone@else.example', is_active: true };
    server = await cannedServer({
      [`GET ${path}`]: [{ body: [] }, { body: [theirs] }],
      [`POST ${path}`]: { status: 400, body: { detail: 'Username already exists' } },
    });
    const adapter = new NextPanelAdapter(server.config, probeContext('under test'));
    await expect(adapter.ensureAccount({ ...spec, package: '' })).rejects.toMatchObject({ code: 'already-exists' });
    expect(await adapter.findAccount({ domain: 'demo.example' })).toBeUndefined();
    expect(await adapter.findAccount({ username: 'demo01' })).toMatchObject({ domain: '', externalId: undefined });
  });

  it('frees the domain when its account is removed', async () => {
    const adapter = adapterOf(panel);
    await adapter.ensureAccount(spec);
    await adapter.removeAccount('demo01');
    const next = { ...spec, username: 'demo02', externalId: 'srv_2' };
    expect(await adapter.ensureAccount(next)).toMatchObject({ username: 'demo02', domain: 'demo.example' });
    expect(await adapter.findAccount({ domain: 'demo.example' })).toMatchObject({ username: 'demo02' });
    expect(await adapter.findAccount({ externalId: 'srv_1' })).toBeUndefined();
  });
});

describe('looking', () => {
  it('finds an account of the 250th place', async () => {
    await panel.stop();
    panel = await startSimulator({ manner: 'full' });
    const adapter = adapterOf(panel);
    const { id, secret } = panel.keyOf('SUPER_ADMIN');
    for (let n = 0; n < 250; n += 1) {
      await fetch(`${String(panel.settings.url)}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': id, 'x-api-secret': secret },
        body: JSON.stringify({ username: `u${n}`, email: `u${n}@b.example`, password: 'S3cure-and-l0ng' }),
      });
    }
    expect((await adapter.listAccounts()).items).toHaveLength(250);
    expect(await adapter.findAccount({ username: 'u249' })).toMatchObject({ email: 'u249@b.example' });
  });

  it('finds an account of an earlier billing system by the id it has there', async () => {
    const legacy = { id: 5, username: 'old', email: 'a@b.example', billing_id: '77', is_active: true };
    server = await cannedServer({ [`GET ${path}`]: { body: [legacy] } });
    const adapter = new NextPanelAdapter(server.config, probeContext('under test'));
    expect(await adapter.findAccount({ externalId: '77' })).toMatchObject({ username: 'old', externalId: '77' });
  });
});

describe('changing an account', () => {
  it('takes a refused suspension for done only when the account is suspended', async () => {
    for (const isActive of [false, true]) {
      const account = { id: 5, username: 'demo01', email: 'a@b.example', is_active: isActive };
      server = await cannedServer({
        [`GET ${path}`]: { body: [account] },
        [`GET ${path}/5`]: { body: account },
        [`POST ${path}/5/suspend`]: { status: 400, body: { detail: 'Nothing to do' } },
      });
      const work = new NextPanelAdapter(server.config, probeContext('under test')).suspendAccount('demo01', 'overdue');
      await (isActive
        ? expect(work).rejects.toMatchObject({ code: 'internal' })
        : expect(work).resolves.toBeUndefined());
      await server.stop();
    }
  });

  it('gives the reason to the panel', async () => {
    const adapter = adapterOf(panel);
    await adapter.ensureAccount(spec);
    await adapter.suspendAccount('demo01', 'Invoice 7 is overdue');
    expect(panel.account('demo01')).toMatchObject({ isActive: false, suspendReason: 'Invoice 7 is overdue' });
  });

  it('counts an account that vanished between looking and removing as removed', async () => {
    server = await cannedServer({
      [`GET ${path}`]: { body: [{ id: 5, username: 'demo01' }] },
      [`DELETE ${path}/5`]: { status: 404, body: { detail: 'Account not found' } },
    });
    const adapter = new NextPanelAdapter(server.config, probeContext('under test'));
    expect(await adapter.removeAccount('demo01')).toBeUndefined();
  });
});
