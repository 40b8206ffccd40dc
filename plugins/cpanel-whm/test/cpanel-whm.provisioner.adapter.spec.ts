import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountSpec } from '@keelson/core';
import { startSimulator, type WhmSimulator } from '../simulator/index.js';
import { CpanelWhmMailboxAdapter, CpanelWhmProvisionerAdapter } from '../src/index.js';
import { cannedServer, fixture, type CannedServer } from './canned-server.js';
import { configOf, resellerConfigOf } from './configs.js';

let whm: WhmSimulator;
const servers: CannedServer[] = [];
beforeEach(async () => {
  whm = await startSimulator();
});
afterEach(async () => {
  await whm.stop();
  for (const server of servers.splice(0)) await server.stop();
});

async function canned(answers: Parameters<typeof cannedServer>[0]): Promise<CannedServer> {
  const server = await cannedServer(answers);
  servers.push(server);
  return server;
}

const spec: AccountSpec = {
  username: 'demo01',
  domain: 'demo.example',
  package: 'starter',
  email: 'owner@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_1',
};
const root = (settings: object = {}) => new CpanelWhmProvisionerAdapter(Object.assign(configOf(whm), settings));
const reseller = () => new CpanelWhmProvisionerAdapter(resellerConfigOf(whm));
const metadata = { version: 1, command: 'x', result: 1, reason: 'OK' };

describe('creating an account', () => {
  it('finds the package of a reseller under its plain name', async () => {
    expect(await reseller().ensureAccount({ ...spec, package: 'silver' })).toMatchObject({
      package: 'reseller1_silver',
    });
    expect(whm.account('demo01')).toMatchObject({ owner: 'reseller1', plan: 'reseller1_silver' });
    await expect(root().ensureAccount({ ...spec, username: 'other', package: 'silver' })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it("does not take over a root account that a reseller's connection cannot see", async () => {
    await root().ensureAccount(spec);
    await expect(reseller().ensureAccount(spec)).rejects.toMatchObject({ code: 'already-exists' });
    expect(await reseller().findAccount({ username: 'demo01' })).toBeUndefined();
  });

  it('adopts its account although the customer added a second contact address', async () => {
    const server = await canned({
      listpkgs: { body: fixture('listpkgs') },
      createacct: {
        body: { metadata: { ...metadata, result: 0, reason: 'This system already has an account named “demo01”.' } },
      },
      accountsummary: { body: fixture('accountsummary') },
      get_nameserver_config: { body: { metadata, data: { nameservers: ['ns1.h.example', 7, null] } } },
    });
    const adapter = new CpanelWhmProvisionerAdapter(server.config);
    expect(await adapter.ensureAccount({ ...spec, email: 'second@b.example' })).toMatchObject({
      username: 'demo01',
      nameservers: ['ns1.h.example'],
    });
  });

  it('reports a full server as a matter for the operator', async () => {
    whm.limitAccounts(1);
    await root().ensureAccount(spec);
    const second = { ...spec, username: 'second', domain: 'second.example' };
    await expect(root().ensureAccount(second)).rejects.toMatchObject({ code: 'invalid-config' });
    expect(await root().ensureAccount(spec)).toMatchObject({ username: 'demo01' });
    whm.limitAccounts(0);
    expect(await root().ensureAccount(second)).toMatchObject({ username: 'second' });
  });

  it('asks WHM to keep the password out of its log text, and never shows that text', async () => {
    const server = await canned({
      listpkgs: { body: fixture('listpkgs') },
      createacct: { body: fixture('createacct') },
    });
    const account = await new CpanelWhmProvisionerAdapter(server.config).ensureAccount(spec);
    expect(server.requests[1]).toContain('showpass=n');
    expect(inspect(account)).not.toContain('never-to-be-shown');
  });

  it('sends nothing for a name that WHM would change or refuse', async () => {
    for (const username of ['Demo01', 'testing1', '1demo', 'demo-01', 'mypassword', 'root', 'a'.repeat(17)]) {
      await expect(root().ensureAccount({ ...spec, username })).rejects.toMatchObject({ code: 'invalid-input' });
    }
    await expect(root().ensureAccount({ ...spec, accountType: 'master-reseller' })).rejects.toMatchObject({
      code: 'unsupported',
    });
    expect(whm.ledger.entries()).toEqual([]);
  });

  it('makes a reseller when asked to', async () => {
    await root().ensureAccount({ ...spec, accountType: 'reseller' });
    expect(whm.account('demo01')).toMatchObject({ reseller: true });
  });
});

describe('looking', () => {
  it('lists several pages, each account once', async () => {
    for (let n = 0; n < 203; n += 1) {
      const username = `${String.fromCharCode(97 + (n % 26))}${String(n).padStart(3, '0')}acct`;
      await root().ensureAccount({ ...spec, username, domain: `d${n}.example` });
    }
    const first = await root().listAccounts();
    const second = await root().listAccounts(first.cursor);
    expect([first.items.length, second.items.length, second.cursor]).toEqual([200, 3, undefined]);
    expect(new Set([...first.items, ...second.items].map(({ username }) => username)).size).toBe(203);
    await expect(root().listAccounts('next')).rejects.toMatchObject({ code: 'invalid-input' });
  }, 30_000);

  it('takes the owner of an addon domain for the owner of its mail, not for the account of that domain', async () => {
    const server = await canned({
      accountsummary: { body: fixture('accountsummary') },
      uapi_cpanel: { body: fixture('list-pops-with-disk') },
    });
    expect(
      await new CpanelWhmProvisionerAdapter(server.config).findAccount({ domain: 'addon.example' }),
    ).toBeUndefined();
    expect(await new CpanelWhmMailboxAdapter(server.config).listMailboxes('addon.example')).toEqual([]);
  });

  it('refuses an answer about another account than the one asked for', async () => {
    const server = await canned({ accountsummary: { body: fixture('accountsummary') } });
    const adapter = new CpanelWhmProvisionerAdapter(server.config);
    await expect(adapter.findAccount({ username: 'demo02' })).rejects.toMatchObject({ code: 'internal' });
  });

  it('finds an account although the token may not ask for the name servers', async () => {
    const server = await canned({
      accountsummary: { body: fixture('accountsummary') },
      get_nameserver_config: { status: 403, body: fixture('access-denied') },
    });
    const found = await new CpanelWhmProvisionerAdapter(server.config).findAccount({ username: 'demo01' });
    expect([found?.username, found?.nameservers]).toEqual(['demo01', undefined]);
  });

  it('shows the configured address of a server behind NAT', async () => {
    await whm.stop();
    whm = await startSimulator({ accountIp: '10.0.0.5' });
    const behindNat = root({ defaultIp: '198.51.100.1' });
    expect(await behindNat.ensureAccount(spec)).toMatchObject({ ip: '198.51.100.1' });
    expect(await behindNat.findAccount({ username: 'demo01' })).toMatchObject({ ip: '198.51.100.1' });
  });
});

describe('changing an account', () => {
  it('takes a refused suspension for done only when the account is suspended', async () => {
    const [item] = fixture<{ data: { acct: object[] } }>('accountsummary').data.acct;
    const refused = { body: { metadata: { ...metadata, result: 0, reason: 'Nothing to do here.' } } };
    for (const suspended of [1, 0]) {
      const summary = { body: { metadata, data: { acct: [{ ...item, suspended }] } } };
      const server = await canned({ suspendacct: refused, accountsummary: summary });
      const work = new CpanelWhmProvisionerAdapter(server.config).suspendAccount('demo01', 'overdue');
      await (suspended === 1
        ? expect(work).resolves.toBeUndefined()
        : expect(work).rejects.toMatchObject({ code: 'internal' }));
    }
  });

  it('never sends an empty name', async () => {
    await expect(root().removeAccount('')).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(root().suspendAccount(' ', 'overdue')).rejects.toMatchObject({ code: 'invalid-input' });
    expect(whm.ledger.entries()).toEqual([]);
  });

  it('removes under the old and the new name of the argument', async () => {
    const server = await canned({ removeacct: { body: { metadata } } });
    await new CpanelWhmProvisionerAdapter(server.config).removeAccount('demo01');
    expect(server.requests).toEqual(['POST /json-api/removeacct?api.version=1 username=demo01&user=demo01&keepdns=0']);
  });

  it('grants and revokes at the server', async () => {
    await root().ensureAccount(spec);
    await root().grantReseller('demo01');
    expect(whm.account('demo01')).toMatchObject({ reseller: true });
    await root().revokeReseller('demo01');
    expect(whm.account('demo01')).toMatchObject({ reseller: false });
  });

  it('gives the database user every right on the database, under prefixed names', async () => {
    await root().ensureAccount(spec);
    const database = { username: 'demo01', name: 'shop', databaseUser: 'shopuser', password: 'S3cure-and-l0ng' };
    expect(await root().ensureDatabase(database)).toEqual({
      name: 'demo01_shop',
      databaseUser: 'demo01_shopuser',
      host: 'localhost',
    });
    expect(whm.account('demo01')?.databases).toEqual({ demo01_shop: ['demo01_shopuser'] });
  });

  it('completes a database whose making broke off between its steps', async () => {
    await root().ensureAccount(spec);
    const database = { username: 'demo01', name: 'shop', databaseUser: 'shop', password: 'S3cure-and-l0ng' };
    whm.faults.set({ kind: 'drop-after', match: 'Mysql::create_database', times: 1 });
    await expect(root().ensureDatabase(database)).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(await root().findDatabase('demo01', 'shop')).toBeUndefined();
    expect(await root().ensureDatabase(database)).toMatchObject({ name: 'demo01_shop' });
    expect(await root().findDatabase('demo01', 'shop')).toMatchObject({ databaseUser: 'demo01_shop' });
  });

  it('installs the certificate with its chain and forces HTTPS at the server', async () => {
    await root().ensureAccount(spec);
    await root().putCertificate({
      username: 'demo01',
      domain: 'demo.example',
      certificatePem: '-----BEGIN CERTIFICATE-----\nleaf+/=\n-----END CERTIFICATE-----\n',
      privateKeyPem: '-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----\n',
      chainPem: '-----BEGIN CERTIFICATE-----\nchain\n-----END CERTIFICATE-----\n',
    });
    await root().setForceHttps('demo01', 'demo.example', true);
    const account = whm.account('demo01');
    expect(account?.certificates['demo.example']).toMatchObject({
      cert: expect.stringContaining('leaf+/='),
      cabundle: expect.stringContaining('chain'),
    });
    expect(account?.forcedHttps).toEqual(['demo.example']);
  });
});
