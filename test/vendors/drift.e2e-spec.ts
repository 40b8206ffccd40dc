import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createApi } from '@keelson/api';
import { ConfigSync, ConnectionsService, seedCatalogue } from '@keelson/catalogue';
import { dnsPort, loadRuntime, mailboxPort, provisionerPort, supports } from '@keelson/core';
import { ServersService } from '@keelson/hosting';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { startWorker } from '@keelson/worker';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { startSimulator as startWhm, type WhmSimulator } from '../../plugins/cpanel-whm/simulator/index.js';
import { startSimulator as startPowerDns } from '../../plugins/powerdns/simulator/index.js';

jest.setTimeout(120_000);

const token = 'a-token-of-the-tests-0123456789abcdef';
let home: string;
let database: TestDatabase;
let whm: WhmSimulator;
let powerDns: Awaited<ReturnType<typeof startPowerDns>>;
let app: NestFastifyApplication;
let worker: Awaited<ReturnType<typeof startWorker>>;
let dataSource: DataSource;
let url: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'keelson-drift-test-'));
  [whm, powerDns] = [await startWhm(), await startPowerDns()];
  const configPath = join(home, 'keelson.config.yaml');
  writeFileSync(
    configPath,
    `plugins: [cpanel-whm, powerdns]
connections:
  srv1: { plugin: cpanel-whm, settings: ${JSON.stringify(whm.settings)} }
  dns: { plugin: powerdns, settings: ${JSON.stringify(powerDns.settings)} }
bindings: { default: { dns: dns }, hosting: { mailbox: srv1 } }
servers: [{ name: srv1, connection: srv1, group: default, capacity: 50 }]
drift: { policy: { zone.records: repair } }
`,
  );
  const env = {
    ...{ KEELSON_HOME: home, KEELSON_CONFIG: configPath, LOG_LEVEL: 'fatal', MPANEL_API_TOKEN: token },
    ...{ MARKETING_TEST_MODE: 'true', MARKETING_OVERRIDE_CODE: 'let-me-try' },
    ...{ NS1: 'ns1.drift.example', NS2: 'ns2.drift.example', ENABLE_CRON: 'false' },
  };
  const pluginsFolder = fileURLToPath(new URL('../../plugins', import.meta.url));
  const runtime = await loadRuntime(env, { pluginsFolder });
  database = await testDatabase();
  app = await createApi(runtime, database.url);
  await app.listen(0, '127.0.0.1');
  dataSource = app.get<DataSource>(getDataSourceToken());
  await seedCatalogue(dataSource);
  const { servers } = await app.get(ConfigSync).sync(runtime.config);
  for (const { connection: _name, ...server } of servers) {
    await app.get(ServersService).put({ ...server, nameservers: [...(server.nameservers ?? [])] });
  }
  worker = await startWorker(runtime, database.url);
  url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
}, 180_000);

afterAll(async () => {
  await worker?.close();
  await app?.close();
  await Promise.all([whm?.stop(), powerDns?.stop()]);
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object, authorization = `Bearer ${token}`) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came
  return { status: response.status, body: (await response.json()) as any };
}

/** A hosting service of the domain, as a customer gets it. */
async function buy(domain: string): Promise<{ serviceId: string; username: string }> {
  await call('POST', '/api/marketing/checkout-intent', {
    ...{ planSlug: 'basic', billingCycle: 'monthly', domain, domainMode: 'external', testMode: true },
    customer: { email: `owner@${domain}`, firstName: 'Ada', lastName: 'Example' },
    ...{ account: { password: 'a password of mine' }, promoCode: 'let-me-try', utm: { source: 'news' } },
  });
  await settle();
  const { body } = await call('GET', '/api/services?limit=200');
  const service = body.data.find((one: { domain: string }) => one.domain === domain);
  expect(service).toMatchObject({ status: 'active', username: expect.any(String) });
  return { serviceId: service.id, username: service.username };
}

/** Waits until no task is open. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    const [row] = await dataSource.query<{ open: number }[]>(
      `SELECT count(*)::int AS open FROM provisioning_tasks WHERE status IN ('queued', 'running', 'waiting')`,
    );
    if (row?.open === 0) return;
    await pause(50);
  }
  throw new Error('tasks do not come to rest');
}

async function adapters() {
  const connections = app.get(ConnectionsService);
  const [srv1, dns] = [await connections.findByName('srv1'), await connections.findByName('dns')];
  return {
    panel: await connections.adapterFor(provisionerPort, srv1?.id ?? ''),
    names: await connections.adapterFor(dnsPort, dns?.id ?? ''),
    mail: await connections.adapterFor(mailboxPort, srv1?.id ?? ''),
  };
}

/** Sees everything twice, as if the gap had passed in between. */
async function observeTwice(): Promise<void> {
  await call('POST', '/api/drift/observe', {});
  await dataSource.query(`UPDATE drift_findings SET counted_at = counted_at - interval '1 day'`);
  const { status, body } = await call('POST', '/api/drift/observe', {});
  expect(status).toBe(200);
  for (const observation of body.data) expect(observation).toMatchObject({ complete: true, suspicion: null });
}

const open = async () =>
  (await call('GET', '/api/drift')).body.data
    .map(({ kind, key }: { kind: string; key: string }) => `${kind} ${key}`)
    .sort();

describe('drift, at vendors as they are', () => {
  it('is nothing after an order, is found when somebody changes things, and is repaired', async () => {
    const { serviceId, username } = await buy('drift-one.com');
    await observeTwice();
    expect(await open()).toEqual([]);

    const { panel, names } = await adapters();
    await panel.suspendAccount(username, 'by hand');
    await names.putRecords('drift-one.com', [
      { name: 'www.drift-one.com', type: 'CNAME', ttl: 60, values: ['elsewhere.example'] },
      { name: 'blog.drift-one.com', type: 'A', ttl: 60, values: ['203.0.113.7'] },
    ]);
    await names.removeRecords('drift-one.com', [{ name: 'drift-one.com', type: 'MX' }]);
    await observeTwice();
    expect(await open()).toEqual([
      `account.suspension ${username}`,
      'zone.records drift-one.com MX',
      'zone.records www.drift-one.com CNAME',
    ]);

    const { body: plan } = await call('POST', '/api/drift/plan', {});
    expect(plan).toMatchObject({
      repairs: [{ repair: 'repair_zone' }, { repair: 'repair_zone' }],
      left: [{ kind: 'account.suspension', why: 'the policy is to report it' }],
      refused: [],
    });
    expect(await call('POST', '/api/drift/apply', { fingerprint: 'of yesterday' })).toMatchObject({
      ...{ status: 409, body: { code: 'drift-conflict' } },
    });
    const applied = await call('POST', '/api/drift/apply', { fingerprint: plan.fingerprint });
    expect(applied).toMatchObject({ status: 202, body: { applied: [{ jobId: expect.stringMatching(/^job_/) }, {}] } });
    await settle();
    const [suspension] = (await call('GET', '/api/drift?kind=account.suspension')).body.data;
    expect(suspension).toMatchObject({ serviceId, expected: { state: 'active' }, actual: { reason: 'by hand' } });
    expect((await call('POST', '/api/drift/apply', { ids: [suspension.id] })).body.applied).toHaveLength(1);
    await settle();

    await observeTwice();
    expect(await open()).toEqual([]);
    const { history } = (await call('GET', `/api/drift/${suspension.id}`)).body;
    expect(history.map(({ type }: { type: string }) => type)).toEqual(['found', 'confirmed', 'planned', 'resolved']);
    expect(whm.account(username)?.suspended).toBe(false);
    const records = await names.listRecords('drift-one.com');
    expect(records).toContainEqual({ name: 'blog.drift-one.com', type: 'A', ttl: 60, values: ['203.0.113.7'] });
    expect(records.find(({ name }) => name === 'www.drift-one.com')?.values).toEqual(['drift-one.com']);
  });

  it('of a mailbox is repaired when an administrator names it: the lost one comes back empty, the closed one opens', async () => {
    const { mail } = await adapters();
    const [ours, theirs] = ['admin@drift-one.com', 'info@drift-one.com'];
    await mail.ensureMailbox({ address: theirs, password: 'a Password 4711 of theirs' });
    const repair = async (kind: string) => {
      await observeTwice();
      expect(await open()).toEqual([`${kind} ${ours}`]);
      const ids = (await call('GET', `/api/drift?kind=${kind}`)).body.data.map(({ id }: { id: string }) => id);
      expect((await call('POST', '/api/drift/plan', { ids })).body.repairs).toMatchObject([
        { repair: 'repair_mailbox' },
      ]);
      await call('POST', '/api/drift/apply', { ids });
      await settle();
      expect(await mail.findMailbox(ours)).toMatchObject({ suspended: false });
      await observeTwice();
      expect(await open()).toEqual([]);
    };
    await mail.removeMailbox(ours);
    await repair('mailbox.missing');
    if (!supports(mail, mailboxPort, 'suspend')) throw new Error('cPanel opens and closes mailboxes');
    await mail.suspendMailbox(ours);
    await repair('mailbox.suspension');
    await mail.removeMailbox(theirs);
    await observeTwice();
    expect(await open()).toEqual([]);
  });

  it('is no reason to touch what somebody else made', async () => {
    const { panel, names } = await adapters();
    await names.ensureZone({ zone: 'theirs.com', nameservers: ['ns1.theirs.com'], owner: 'somebody' });
    const spec = {
      username: 'theirs',
      domain: 'theirs.com',
      email: 'them@theirs.com',
      password: 'a Password 4711 of theirs',
    };
    const [first] = await panel.listPackages();
    await panel.ensureAccount({ ...spec, package: first?.name ?? '', externalId: 'none of ours' });
    await observeTwice();
    expect(await open()).toEqual(['account.unmanaged theirs', 'zone.unmanaged theirs.com']);
    const before = JSON.stringify([whm.account('theirs'), await names.listRecords('theirs.com')]);
    await call('POST', '/api/drift/apply', {});
    expect(JSON.stringify([whm.account('theirs'), await names.listRecords('theirs.com')])).toBe(before);
    const [zone] = (await call('GET', '/api/drift?kind=zone.unmanaged')).body.data;
    const ignored = await call('POST', `/api/drift/${zone.id}/ignore`, { reason: 'it is the office' });
    expect(ignored).toMatchObject({ status: 200, body: { data: { status: 'ignored', reason: 'it is the office' } } });
    await observeTwice();
    expect(await open()).toEqual(['account.unmanaged theirs']);
    expect(await call('POST', `/api/drift/${zone.id}/reopen`, {})).toMatchObject({
      ...{ status: 200, body: { data: { status: 'open', reason: null } } },
    });
    expect(await open()).toEqual(['account.unmanaged theirs', 'zone.unmanaged theirs.com']);
    expect(await call('POST', `/api/drift/${zone.id}/reopen`, {})).toMatchObject({
      ...{ status: 409, body: { code: 'drift-conflict' } },
    });
  });

  it('is not concluded from a server that does not answer, or answers with nothing', async () => {
    const before = (await call('GET', '/api/drift?status=all')).body.total;
    whm.faults.set({ kind: 'unavailable', match: 'listaccts' });
    const { body } = await call('POST', '/api/drift/observe', { connection: 'srv1', areas: ['accounts'] });
    expect(body.data).toMatchObject([
      { complete: false, error: expect.stringMatching(/^unavailable|^outcome-unknown/) },
    ]);
    whm.faults.clear();
    expect((await call('GET', '/api/drift?status=all')).body.total).toBe(before);
    expect((await call('POST', '/api/drift/plan', {})).body.repairs).toEqual([]);
    await call('POST', '/api/drift/observe', {});
    const { body: latest } = await call('GET', '/api/drift/observations');
    expect(latest.data.map(({ connection, area }: Record<string, string>) => `${connection} ${area}`)).toEqual([
      ...['dns zones', 'srv1 accounts', 'srv1 mailboxes'],
    ]);
  });

  it('ends when accounts are adopted: a dry run, the real one, and a repetition that writes nothing', async () => {
    const request = { connection: 'srv1', product: 'basic' };
    const dry = await call('POST', '/api/drift/adopt', request);
    expect(dry.body).toMatchObject({ dryRun: true });
    const one = (body: { data: { username: string }[] }) => body.data.find(({ username }) => username === 'theirs');
    expect(one(dry.body)).toMatchObject({ action: 'adopt', customer: { email: 'them@theirs.com', isNew: true } });
    expect((await call('GET', '/api/services?limit=200')).body.data).toHaveLength(1);
    expect(one((await call('POST', '/api/drift/adopt', { ...request, dryRun: false })).body)).toMatchObject({
      ...{ action: 'adopt', domain: 'theirs.com' },
    });
    const { data } = (await call('GET', '/api/services?limit=200')).body;
    expect(data.find(({ domain }: { domain: string }) => domain === 'theirs.com')).toMatchObject({
      ...{ status: 'active', username: 'theirs' },
    });
    expect(one((await call('POST', '/api/drift/adopt', { ...request, dryRun: false })).body)).toMatchObject({
      ...{ action: 'managed', serviceId: expect.stringMatching(/^srv_/) },
    });
    expect(await dataSource.query('SELECT used FROM servers')).toEqual([{ used: 2 }]);
    await observeTwice();
    expect(await open()).toEqual([]);
    const { panel } = await adapters();
    expect(supports(panel, provisionerPort, 'change-package')).toBe(true);
  });

  it.each<[string, string, object | undefined, number]>([
    ['GET', '/api/drift?status=lost', undefined, 400],
    ['GET', '/api/drift?kind=zone.colour', undefined, 400],
    ['GET', '/api/drift/drift_nothing', undefined, 404],
    ['GET', '/api/drift/00000000-0000-7000-8000-000000000000', undefined, 404],
    ['POST', '/api/drift/observe', { connection: 'nowhere' }, 404],
    ['POST', '/api/drift/observe', { areas: ['weather'] }, 400],
    ['POST', '/api/drift/apply', { ids: [] }, 400],
    ['POST', '/api/drift/apply', { ids: ['drift_nothing'] }, 404],
    ['POST', '/api/drift/00000000-0000-7000-8000-000000000000/ignore', { reason: 'because' }, 404],
    ['POST', '/api/drift/00000000-0000-7000-8000-000000000000/ignore', {}, 400],
    ['POST', '/api/drift/00000000-0000-7000-8000-000000000000/reopen', {}, 404],
    ['POST', '/api/drift/drift_nothing/reopen', {}, 404],
    ['POST', '/api/drift/adopt', {}, 400],
    ['POST', '/api/drift/adopt', { connection: 'dns' }, 409],
    ['POST', '/api/drift/adopt', { connection: 'srv1', match: 'csv', rows: [{ username: 'a', email: 'none' }] }, 400],
  ])('answers %s %s %j with %i', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
  });

  it('is shown to staff only', async () => {
    expect((await call('GET', '/api/drift', undefined, 'Bearer nothing')).status).toBe(401);
  });
});
