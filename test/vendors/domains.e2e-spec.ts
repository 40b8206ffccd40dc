import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createApi } from '@keelson/api';
import { ConfigSync, ConnectionsService, ProductsService, seedCatalogue, TldCosts } from '@keelson/catalogue';
import { dnsPort, loadRuntime, registrarPort, supports } from '@keelson/core';
import { DomainExpiries, ServersService } from '@keelson/hosting';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { startWorker } from '@keelson/worker';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { startSimulator as startWhm } from '../../plugins/cpanel-whm/simulator/index.js';
import { type NameSiloSimulator, startSimulator as startNameSilo } from '../../plugins/namesilo/simulator/index.js';
import { startSimulator as startPowerDns } from '../../plugins/powerdns/simulator/index.js';
import { startSimulator as startSmtp } from '../../plugins/smtp/simulator/index.js';

jest.setTimeout(120_000);

const token = 'a-token-of-the-tests-0123456789abcdef';
const nameservers = ['ns1.domains.example', 'ns2.domains.example'];
const dayMs = 24 * 3_600_000;
let home: string;
let database: TestDatabase;
let registrar: NameSiloSimulator;
let others: { stop(): Promise<void> }[] = [];
let app: NestFastifyApplication;
let worker: Awaited<ReturnType<typeof startWorker>>;
let dataSource: DataSource;
let url: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'keelson-domains-test-'));
  registrar = await startNameSilo();
  const [whm, names, mail] = [await startWhm(), await startPowerDns(), await startSmtp()];
  others = [whm, names, mail];
  const configPath = join(home, 'keelson.config.yaml');
  writeFileSync(
    configPath,
    `plugins: [cpanel-whm, powerdns, smtp, namesilo]
connections:
  srv1: { plugin: cpanel-whm, settings: ${JSON.stringify(whm.settings)} }
  dns: { plugin: powerdns, settings: ${JSON.stringify(names.settings)} }
  mail: { plugin: smtp, settings: ${JSON.stringify(mail.settings)} }
  registrar: { plugin: namesilo, settings: ${JSON.stringify(registrar.settings)} }
bindings: { default: { dns: dns, mail: mail, registrar: registrar } }
servers: [{ name: srv1, connection: srv1, group: default, capacity: 50, nameservers: [${nameservers.join(', ')}] }]
`,
  );
  const env = {
    ...{ KEELSON_HOME: home, KEELSON_CONFIG: configPath, LOG_LEVEL: 'fatal', MPANEL_API_TOKEN: token },
    ...{ MARKETING_TEST_MODE: 'true', MARKETING_OVERRIDE_CODE: 'let-me-try', ENABLE_CRON: 'false' },
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
  await Promise.all([registrar, ...others].map((one) => one?.stop()));
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came
  return { status: response.status, body: (await response.json()) as any };
}

interface Job {
  id: string;
  serviceId: string;
}

/** An order of hosting with its domain. */
async function buy(domain: string, more: object): Promise<Job> {
  const { status } = await call('POST', '/api/marketing/checkout-intent', {
    ...{ planSlug: 'basic', billingCycle: 'yearly', domain, testMode: true, promoCode: 'let-me-try' },
    customer: {
      ...{ email: `owner@${domain}`, firstName: 'Ada', lastName: 'Example', phone: '+44.2071234567' },
      address: { line1: 'St James Square 1', city: 'London', postalCode: 'SW1Y 4LE', country: 'GB' },
    },
    account: { password: 'a password of mine' },
    ...more,
  });
  expect(status).toBe(201);
  for (let turn = 0; turn < 400; turn += 1) {
    const { body } = await call('GET', '/api/services?limit=200');
    const service = body.data.find((one: { domain: string }) => one.domain === domain);
    const jobs = service && (await call('GET', '/api/provisioning/tasks?limit=100')).body.tasks;
    const job = jobs?.find((one: { serviceId: string }) => one.serviceId === service.id);
    if (job !== undefined) return { id: job.id, serviceId: service.id };
    await pause(50);
  }
  throw new Error(`no job for ${domain}`);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 900; turn += 1) {
    if (await isSo()) return;
    await pause(100);
  }
  throw new Error('it does not come to that');
}

/** Waits until the job says so. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came
async function untilJob(id: string, isSo: (job: any) => boolean) {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  let job: any;
  await until(async () => {
    job = (await call('GET', `/api/provisioning/tasks/${id}`)).body;
    return isSo(job);
  }).catch(() => {
    throw new Error(`it does not come to that: ${JSON.stringify(job)}`);
  });
  return job;
}

const rests = ({ status }: { status: string }) => ['completed', 'needs_attention', 'failed'].includes(status);

const isUnderWay = ({ timeline }: { timeline: { step: string; reason?: string }[] }) =>
  timeline.find(({ step }) => step === 'transfer_domain')?.reason?.startsWith('the transfer is at work') === true;

/** The registrar's time passes, and with it the pauses of all jobs. */
async function pass(milliseconds: number): Promise<void> {
  await until(async () => {
    const [row] = await dataSource.query<{ busy: number }[]>(
      `SELECT count(*)::int AS busy FROM provisioning_tasks WHERE status IN ('queued', 'running')`,
    );
    return row?.busy === 0;
  });
  registrar.advance(milliseconds);
  await dataSource.query(`UPDATE provisioning_steps SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL`);
  await dataSource.query(`UPDATE provisioning_tasks SET next_wake_at = now() WHERE status = 'waiting'`);
}

/** The DS records that the zone has and those that the registry has. */
async function keysOf(domain: string) {
  const connections = app.get(ConnectionsService);
  const at = async (name: string) => (await connections.findByName(name))?.id ?? '';
  const names = await connections.adapterFor(dnsPort, await at('dns'));
  const keeper = await connections.adapterFor(registrarPort, await at('registrar'));
  if (!supports(names, dnsPort, 'dnssec') || !supports(keeper, registrarPort, 'dnssec')) throw new Error('no DNSSEC');
  return { zone: await names.ensureDnssec(domain), registry: await keeper.listDsRecords(domain) };
}

const ordersOf = (domain: string) => registrar.orders().filter((order) => JSON.stringify(order).includes(domain));

describe('a domain that is bought with hosting', () => {
  it('is registered for the customer, delegated to its zone, locked, private, signed, and renewed by us', async () => {
    const job = await buy('bought-one.com', { domainMode: 'new_registration' });
    const done = await untilJob(job.id, rests);
    expect(done).toMatchObject({
      status: 'completed',
      steps: {
        register_domain: 'completed',
        transfer_domain: 'skipped',
        configure_domain: 'completed',
        secure_dns: 'completed',
      },
    });
    expect(registrar.domain('bought-one.com')).toMatchObject({
      nameservers,
      locked: true,
      private: true,
      autoRenew: false,
    });
    expect(ordersOf('bought-one.com')).toHaveLength(1);
    const { zone, registry } = await keysOf('bought-one.com');
    expect(registry).toEqual(zone);
    expect(registry.length).toBeGreaterThan(0);
    const { body } = await call('GET', `/api/services/${job.serviceId}/domain`);
    expect(body.data).toMatchObject({ name: 'bought-one.com', status: 'active', dnssec: true, problem: null });
    expect(body.data.expiresAt.slice(0, 10)).toBe(registrar.domain('bought-one.com')?.expires);
    const sold = await app.get(ProductsService).findTldPrice('com');
    expect(
      await dataSource.query(`SELECT sold_amount, sold_currency FROM domains WHERE name = 'bought-one.com'`),
    ).toEqual([{ sold_amount: sold?.registerAmount, sold_currency: 'USD' }]);
  });

  it('is renewed once, from the expiry that we know, after the account was topped up', async () => {
    const { body } = await call('GET', '/api/services?limit=200');
    const { id } = body.data.find((one: { domain: string }) => one.domain === 'bought-one.com');
    const before = registrar.domain('bought-one.com')?.expires ?? '';
    registrar.setBalance(0);
    const asked = await call('POST', `/api/services/${id}/renew-domain`, { years: 1, expectedExpiry: before });
    expect(asked.status).toBe(202);
    const held = await untilJob(asked.body.jobId, ({ steps }) => steps.renew_domain === 'waiting');
    expect(held.timeline[0]).toMatchObject({ status: 'waiting', reason: expect.stringContaining('top up') });
    registrar.setBalance(100_000);
    await pass(0);
    expect((await untilJob(asked.body.jobId, rests)).status).toBe('completed');
    expect(Number(registrar.domain('bought-one.com')?.expires.slice(0, 4))).toBe(Number(before.slice(0, 4)) + 1);
    expect(ordersOf('bought-one.com')).toHaveLength(2);
    const again = await call('POST', `/api/services/${id}/renew-domain`, { years: 1, expectedExpiry: before });
    expect(again).toMatchObject({ status: 409, body: { code: 'expiry-changed' } });
    expect(ordersOf('bought-one.com')).toHaveLength(2);
  });

  it('waits for the customer, who is told, when somebody else was faster', async () => {
    const job = await buy('taken-one.com', { domainMode: 'new_registration' });
    const stopped = await untilJob(job.id, rests);
    expect(stopped).toMatchObject({ status: 'needs_attention', error: 'The domain is registered already.' });
    expect(stopped.steps).toMatchObject({ register_domain: 'failed', send_welcome_email: 'pending' });
    expect(ordersOf('taken-one.com')).toEqual([]);
    const { body } = await call('GET', `/api/services/${job.serviceId}/domain`);
    expect(body.data.problem).toMatchObject({ during: 'registration', remedy: null });
    expect(await mailsTo('owner@taken-one.com')).toEqual([{ template: 'domain-refused', state: 'sent' }]);
  });

  it('is not bought at a premium price that nobody agreed on', async () => {
    const job = await buy('premium-one.com', { domainMode: 'new_registration' });
    expect(await untilJob(job.id, rests)).toMatchObject({
      status: 'needs_attention',
      error: 'The domain costs more than the price agreed on.',
    });
    expect(ordersOf('premium-one.com')).toEqual([]);
  });
});

describe('a domain that is moved to us', () => {
  it('goes on with another auth code after it failed, is paid once, and is put right when it has arrived', async () => {
    registrar.registerElsewhere('moved-one.com', { authCode: 'the-right-code' });
    const job = await buy('moved-one.com', { domainMode: 'transfer', authCode: 'a-wrong-code' });
    await untilJob(job.id, isUnderWay);
    await pass(2 * 3_600_000);
    const stopped = await untilJob(job.id, rests);
    expect(stopped).toMatchObject({ status: 'needs_attention', steps: { transfer_domain: 'failed' } });
    expect((await call('GET', `/api/services/${job.serviceId}/domain`)).body.data.problem).toMatchObject({
      during: 'transfer',
      remedy: 'auth-code',
    });
    expect(await mailsTo('owner@moved-one.com')).toEqual([
      { template: 'welcome', state: 'sent' },
      { template: 'domain-refused', state: 'sent' },
    ]);

    expect((await call('PUT', `/api/services/${job.serviceId}/domain/auth-code`, { authCode: 'no code' })).status).toBe(
      400,
    );
    const given = await call('PUT', `/api/services/${job.serviceId}/domain/auth-code`, { authCode: 'the-right-code' });
    expect(given.status).toBe(202);
    await untilJob(job.id, isUnderWay);
    await pass(6 * dayMs);
    await untilJob(job.id, ({ steps }) => steps.configure_domain === 'completed');
    expect(registrar.domain('moved-one.com')).toMatchObject({ nameservers, locked: true, autoRenew: false });
    expect(ordersOf('moved-one.com')).toHaveLength(1);
    // In use from now on; the signature waits until nobody asks the name servers of before.
    const signing = await untilJob(
      job.id,
      ({ status, steps }) => status === 'waiting' && steps.secure_dns === 'waiting',
    );
    expect(signing.timeline.find(({ step }: { step: string }) => step === 'secure_dns')).toMatchObject({
      reason: 'some resolvers still ask the name servers of before',
    });
    expect((await call('GET', `/api/services/${job.serviceId}`)).body.data).toMatchObject({
      status: 'active',
      degraded: expect.arrayContaining(['secure_dns']),
    });
    for (const table of ['provisioning_steps', 'domains', 'checkout_sessions']) {
      expect(JSON.stringify(await dataSource.query(`SELECT * FROM ${table}`))).not.toContain('the-right-code');
    }
  });

  it('knows no auth code for a domain that is here already', async () => {
    const { body } = await call('GET', '/api/services?limit=200');
    const { id } = body.data.find((one: { domain: string }) => one.domain === 'bought-one.com');
    expect((await call('PUT', `/api/services/${id}/domain/auth-code`, { authCode: 'some-code' })).status).toBe(409);
  });
});

describe('the registrar', () => {
  it('tells what its domains cost and when they expire', async () => {
    const connections = app.get(ConnectionsService);
    const connection = await connections.findByName('registrar');
    const adapter = await connections.adapterFor(registrarPort, connection?.id ?? '');
    const { known } = await app.get(TldCosts).importPrices(adapter);
    expect(known).toContain('com');
    const price = await app.get(ProductsService).findTldPrice('com');
    expect(price).toMatchObject({ costCurrency: 'USD', registerCost: expect.any(Number) });

    await dataSource.query(`UPDATE domains SET expires_at = '2020-01-01' WHERE name = 'bought-one.com'`);
    const { corrected } = await app.get(DomainExpiries).sync();
    expect(corrected).toEqual(['bought-one.com']);
  });

  it('never shows its key in what is kept', async () => {
    const key = String(registrar.settings['apiKey']);
    for (const table of [
      'provisioning_tasks',
      'provisioning_steps',
      'provisioning_events',
      'connections',
      'email_log',
    ]) {
      expect(JSON.stringify(await dataSource.query(`SELECT * FROM ${table}`))).not.toContain(key);
    }
  });
});

async function mailsTo(recipient: string) {
  return dataSource.query('SELECT template, state FROM email_log WHERE recipient = $1 ORDER BY created_at', [
    recipient,
  ]);
}
