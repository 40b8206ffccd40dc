import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createApi } from '@keelson/api';
import { seedCatalogue } from '@keelson/catalogue';
import { loadRuntime, type Runtime } from '@keelson/core';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { type RunningWorker, startWorker } from '@keelson/worker';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { type NextPanelSimulator, startSimulator } from '../../plugins/nextpanel/simulator/index.js';

jest.setTimeout(60_000);

const token = 'bootstrap-token-for-tests-0123456789abcdef';
const secret = 'what the panels and the installation share';
const password = 'S3cure-and-l0ng';
let home: string;
let database: TestDatabase;
let runtime: Runtime;
let app: NestFastifyApplication;
let worker: RunningWorker;
let dataSource: DataSource;
let url: string;
const simulators: NextPanelSimulator[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'keelson-api-test-'));
  const configPath = join(home, 'keelson.config.yaml');
  writeFileSync(configPath, 'plugins: [nextpanel]\n');
  runtime = await loadRuntime(
    {
      KEELSON_HOME: home,
      KEELSON_CONFIG: configPath,
      LOG_LEVEL: 'fatal',
      MPANEL_API_TOKEN: token,
      LICENCE_SECRET: secret,
    },
    { pluginsFolder: fileURLToPath(new URL('../../plugins', import.meta.url)) },
  );
  database = await testDatabase();
  app = await createApi(runtime, database.url);
  await app.listen(0, '127.0.0.1');
  dataSource = app.get<DataSource>(getDataSourceToken());
  await seedCatalogue(dataSource);
  worker = await startWorker(runtime, database.url);
  url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
}, 120_000);

afterAll(async () => {
  await worker?.close();
  await app?.close();
  await Promise.all(simulators.map((simulator) => simulator.stop()));
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
});

const call = async (method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came
  return { status: response.status, body: (await response.json()) as any };
};

const panel = async () => {
  const simulator = await startSimulator();
  simulators.push(simulator);
  const { id: api_key, secret: api_secret } = simulator.keyOf('SUPER_ADMIN');
  return { simulator, form: { base_url: String(simulator.settings.url), api_key, api_secret, capacity: 10 } };
};
const addServer = async (name: string, more: object = {}) => {
  const { simulator, form } = await panel();
  const { status, body } = await call('POST', 'nextpanel/servers', { name, ...form, ...more });
  expect([status, body.detail]).toEqual([201, undefined]);
  return { simulator, id: body.id as number, url: form.base_url };
};
let count = 0;
const addCustomer = async () => {
  const { body } = await call('POST', 'customers', { email: `owner${(count += 1)}@shop.example`, full_name: 'Ada' });
  return body.id as number;
};
const account = (customer_id: number | string, more: object = {}) => {
  const username = `user${(count += 1)}`;
  return { customer_id, username, email: `${username}@customer.example`, password, ...more };
};
const provision = (body: object, headers = {}) => call('POST', 'nextpanel/provision', body, headers);

beforeEach(async () => {
  await dataSource.query('UPDATE servers SET is_active = false');
});

describe('servers of the panel', () => {
  it('are tested by their credentials, and nothing is stored', async () => {
    const { form } = await panel();
    const test = (more: object) => call('POST', 'nextpanel/servers/test', { name: 'tried', ...form, ...more });
    expect(await test({ base_url: `${form.base_url}/` })).toEqual({
      status: 200,
      body: { success: true, message: 'Connection successful! Server is online.', url: form.base_url },
    });
    const wrong = await test({ api_secret: 'nps_wrong' });
    expect(wrong).toMatchObject({ status: 200, body: { success: false, url: form.base_url } });
    expect(wrong.body.message).toContain('Invalid API key or secret');
    const away = await test({ base_url: 'http://127.0.0.1:1' });
    expect(away).toMatchObject({ status: 200, body: { success: false, url: 'http://127.0.0.1:1' } });
    for (const answer of [wrong, away]) expect(JSON.stringify(answer.body)).not.toContain(form.api_key);
    expect(await dataSource.query(`SELECT 1 FROM connections WHERE name = 'tried'`)).toEqual([]);
  });

  it('are added once under a name, and only when they answer', async () => {
    const { form } = await panel();
    const add = (more: object) => call('POST', 'nextpanel/servers', { name: 'first', ...form, ...more });
    expect(await add({ api_secret: 'nps_wrong' })).toMatchObject({
      status: 400,
      body: { code: 'server-refused', detail: expect.stringContaining('Invalid API key or secret') },
    });
    expect(await dataSource.query(`SELECT 1 FROM connections WHERE name = 'first'`)).toEqual([]);
    const added = await Promise.all(Array.from({ length: 4 }, () => add({ location: 'Oslo', tags: ['ssd'] })));
    expect(added.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 400, 400, 400]);
    const { body } = added.find(({ status }) => status === 201) ?? {};
    expect(body).toEqual({
      message: expect.any(String),
      server_id: body.id,
      id: expect.any(Number),
      name: 'first',
      url: form.base_url,
    });
    expect((await add({})).body.detail).toBe(`Server with name 'first' already exists`);
    for (const wrong of [
      { capacity: 0 },
      { capacity: 'many' },
      { base_url: 'panel' },
      { api_key: 5 },
      { admin: true },
    ]) {
      expect(await add({ name: 'second', ...wrong })).toMatchObject({
        status: 400,
        body: { code: 'validation-failed' },
      });
    }
  });

  it('are listed without their secrets, and asked now for their status', async () => {
    const { simulator, id, url: base } = await addServer('listed', { description: 'Fast', location: 'Oslo' });
    const list = await call('GET', 'nextpanel/servers');
    const listed = () => list.body.find((server: { id: number }) => server.id === id);
    expect(listed()).toEqual({
      id,
      name: 'listed',
      description: 'Fast',
      base_url: base,
      is_active: true,
      is_online: true,
      capacity: 10,
      current_accounts: 0,
      utilization_percent: 0,
      available_slots: 10,
      location: 'Oslo',
      created_at: expect.any(String),
    });
    const { id: key, secret: keySecret } = simulator.keyOf('SUPER_ADMIN');
    for (const text of [key, keySecret]) expect(JSON.stringify(list.body)).not.toContain(text);
    simulator.revokeKeys();
    const status = await call('GET', 'nextpanel/servers/status');
    expect(status.body.find((server: { server_id: string }) => server.server_id === String(id))).toEqual({
      server_id: String(id),
      name: 'listed',
      url: base,
      is_active: true,
      is_online: false,
      current_accounts: 0,
      capacity: 10,
      utilization: 0,
    });
    expect((await provision(account(await addCustomer(), { server_id: id }))).body).toEqual({
      success: false,
      error: `Server ${id} not available`,
    });
  });

  it('are for administrators', async () => {
    const { form } = await panel();
    for (const path of ['nextpanel/servers', 'nextpanel/servers/test']) {
      const answer = await call('POST', path, { name: 'x', ...form }, { authorization: 'Bearer nobody' });
      expect(answer).toMatchObject({ status: 401, body: { success: false, detail: expect.any(String) } });
    }
  });
});

describe('accounts at the panel', () => {
  it('are made by a job that the answer waits for', async () => {
    const { simulator, url: base } = await addServer('making');
    const customer = await addCustomer();
    const order = account(customer, { full_name: 'Ada Lovelace', company: 'Engines', package_id: 3, order_id: 77 });
    const { status, body } = await provision(order);
    const made = simulator.account(order.username);
    expect([status, body]).toEqual([
      200,
      {
        success: true,
        account_id: expect.any(Number),
        server_name: 'making',
        server_url: base,
        nextpanel_user_id: made?.id,
        username: order.username,
      },
    ]);
    expect(made).toMatchObject({
      email: order.email,
      fullName: 'Ada Lovelace',
      company: 'Engines',
      packageId: 3,
      isAdmin: false,
    });
    const [task] = await dataSource.query<unknown[]>(
      `SELECT t.recipe, t.status FROM provisioning_tasks t JOIN services s ON s.id = t.service_id WHERE s.number = $1`,
      [body.account_id],
    );
    expect(task).toEqual({ recipe: 'account.provision', status: 'completed' });
    const shown = await call('GET', `customers/${customer}`);
    expect(shown.body.accounts).toMatchObject([
      {
        id: body.account_id,
        username: order.username,
        status: 'active',
        server_name: 'making',
        nextpanel_user_id: made?.id,
      },
    ]);
    const rows = await dataSource.query<unknown[]>(
      'SELECT * FROM services s LEFT JOIN service_secrets x ON x.service_id = s.id',
    );
    expect(JSON.stringify(rows)).not.toContain(password);
  });

  it('are made once, however often and at once they are asked for', async () => {
    const { simulator } = await addServer('once');
    const order = account(await addCustomer());
    const answers = await Promise.all(Array.from({ length: 6 }, () => provision(order)));
    const again = await provision({ ...order, customer_id: String(order.customer_id), password: 'another' });
    for (const { body } of answers) expect(body).toEqual(again.body);
    expect(again.body.success).toBe(true);
    const creations = simulator.ledger
      .entries()
      .filter(({ operation }) => operation === 'POST /api/v1/billing/accounts');
    expect(creations).toHaveLength(1);
  });

  it('of resellers are made with their rights', async () => {
    const { simulator } = await addServer('resellers');
    const order = account(await addCustomer(), { account_type: 'reseller' });
    expect((await provision(order)).body.success).toBe(true);
    expect(simulator.account(order.username)).toMatchObject({ isAdmin: true });
  });

  it('go to the least utilised server, or to the one that is named', async () => {
    const [busy, calm] = [await addServer('busy'), await addServer('calm')];
    await dataSource.query(`UPDATE servers SET used = 9 WHERE number = $1`, [busy.id]);
    const customer = await addCustomer();
    expect((await provision(account(customer))).body.server_name).toBe('calm');
    expect((await provision(account(customer, { server_id: busy.id }))).body.server_name).toBe('busy');
    expect((await provision(account(customer, { server_id: String(busy.id) }))).body).toEqual({
      success: false,
      error: 'No online server has a free slot: add a server or raise a capacity.',
      job_id: expect.stringMatching(/^job_/),
    });
    expect((await provision(account(customer, { server_id: calm.id }))).body.server_name).toBe('calm');
  });

  it('that cannot be made are answered with 200 and why, and can be asked for again', async () => {
    const customer = await addCustomer();
    expect((await provision(account(customer))).body).toEqual({ success: false, error: 'No available servers' });
    const { simulator } = await addServer('refusing');
    expect((await provision(account(999_999))).body).toEqual({ success: false, error: 'There is no such customer.' });
    const unknown = await provision(account(customer, { package_id: 99 }));
    expect(unknown).toMatchObject({ status: 200, body: { success: false, error: expect.stringContaining('package') } });
    const first = account(customer);
    expect((await provision(first)).body.success).toBe(true);
    const foreign = account(await addCustomer(), { username: first.username });
    expect((await provision(foreign)).body).toMatchObject({
      success: false,
      error: expect.stringContaining('another account'),
    });
    const order = account(customer, { package_id: 99 });
    expect((await provision(order)).body.success).toBe(false);
    expect((await provision({ ...order, package_id: 1 })).body.success).toBe(true);
    expect(simulator.account(order.username)).toMatchObject({ packageId: 1 });
    const [slots] = await dataSource.query<unknown[]>(`SELECT used FROM servers WHERE name = 'refusing'`);
    expect(slots).toEqual({ used: 2 });
  });

  it('are followed when the answer was lost', async () => {
    const { simulator } = await addServer('losing');
    simulator.faults.set({ kind: 'drop-after', match: 'POST /api/v1/billing/accounts', times: 1 });
    const order = account(await addCustomer());
    expect((await provision(order)).body).toMatchObject({ success: true, username: order.username });
    expect((await call('GET', 'nextpanel/servers')).status).toBe(200);
  });

  it('that take longer than the client waits are still under way', async () => {
    const { simulator } = await addServer('slow');
    simulator.faults.set({ kind: 'latency', value: 500, times: 1 });
    const order = account(await addCustomer());
    const early = await provision(order, { prefer: 'wait=0' });
    expect(early.body).toMatchObject({
      success: false,
      error: expect.stringContaining('repeat'),
      job_id: expect.any(String),
    });
    expect((await provision(order)).body).toMatchObject({ success: true, username: order.username });
  });

  it.each<[string, object]>([
    ['no user name', { username: undefined }],
    ['a number as password', { password: 5 }],
    ['a bad address', { email: 'nobody' }],
    ['an unknown type', { account_type: 'king' }],
    ['a list as customer', { customer_id: [1] }],
    ['an unknown field', { is_admin: true }],
  ])('with %s are refused with 400, and nothing is stored', async (_, wrong) => {
    const [before] = await dataSource.query<unknown[]>('SELECT count(*) FROM services');
    const answer = await provision(account(1, wrong));
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.any(String), success: false } });
    expect((await dataSource.query<unknown[]>('SELECT count(*) FROM services'))[0]).toEqual(before);
  });

  it('tell what they hold', async () => {
    const { simulator } = await addServer('counting');
    const order = account(await addCustomer());
    const { body } = await provision(order);
    await simulator.create(order.username, 'database');
    const id = simulator.account(order.username)?.id ?? 0;
    const stats = await call('GET', `nextpanel/accounts/${body.account_id}/stats`);
    expect(stats).toEqual({
      status: 200,
      body: {
        user_id: id,
        username: order.username,
        email: order.email,
        total_domains: 1 + (id % 3),
        total_databases: (id % 5) + 1,
        total_email_accounts: id % 7,
        total_ssl_certificates: id % 2,
        storage_used: (id * 37) % 400,
        last_login: id % 2 === 0 ? null : expect.any(String),
        account_age_days: 0,
      },
    });
    for (const unknown of ['999999', 'nobody', '0']) {
      expect(await call('GET', `nextpanel/accounts/${unknown}/stats`)).toMatchObject({
        status: 404,
        body: { detail: 'Account not found' },
      });
    }
  });

  it('are suspended and unsuspended, each as often as one likes', async () => {
    const { simulator } = await addServer('suspending');
    const order = account(await addCustomer());
    const { account_id: id } = (await provision(order)).body;
    const act = (what: string, body?: object) => call('POST', `nextpanel/accounts/${id}/${what}`, body);
    for (let time = 0; time < 2; time += 1) {
      expect(await act('suspend', { reason: 'Not paid' })).toEqual({
        status: 200,
        body: { message: 'Account suspended successfully' },
      });
    }
    expect(simulator.account(order.username)).toMatchObject({ isActive: false, suspendReason: 'Not paid' });
    for (let time = 0; time < 2; time += 1) {
      expect(await act('unsuspend')).toEqual({ status: 200, body: { message: 'Account unsuspended successfully' } });
    }
    expect(simulator.account(order.username)).toMatchObject({ isActive: true });
    expect((await act('suspend')).status).toBe(200);
    expect(simulator.account(order.username)).toMatchObject({ suspendReason: 'Suspended by billing system' });
    expect(await act('suspend', { because: 'x' })).toMatchObject({ status: 400 });
    expect(await call('POST', 'nextpanel/accounts/999999/suspend', {})).toMatchObject({ status: 404 });
  });
});

describe('an account that is deleted', () => {
  it('is gone at the panel, and so is its slot; deleting it again confirms that', async () => {
    const { simulator } = await addServer('deleting');
    const customer = await addCustomer();
    const order = account(customer);
    const { account_id: id } = (await provision(order)).body;
    const remove = () => call('DELETE', `nextpanel/accounts/${id}`);
    const deleted = { status: 200, body: { message: 'Account deleted successfully' } };
    expect(await remove()).toEqual(deleted);
    expect(simulator.account(order.username)).toBeUndefined();
    const [server] = await dataSource.query<unknown[]>(`SELECT used FROM servers WHERE name = 'deleting'`);
    expect(server).toEqual({ used: 0 });
    expect(await remove()).toEqual(deleted);
    expect((await call('GET', `customers/${customer}`)).body.accounts).toEqual([]);
    expect(await call('GET', `nextpanel/accounts/${id}/stats`)).toMatchObject({ status: 404 });
    expect(await call('DELETE', 'nextpanel/accounts/999999')).toMatchObject({
      status: 404,
      body: { detail: 'Account not found' },
    });
    const again = await provision(order);
    expect(again.body).toMatchObject({ success: true, username: order.username });
    expect(again.body.account_id).not.toBe(id);
  });

  it('is still being worked when it takes longer than the client waits', async () => {
    const { simulator } = await addServer('taking its time');
    const { account_id: id } = (await provision(account(await addCustomer()))).body;
    simulator.faults.set({ kind: 'latency', value: 500, times: 1 });
    expect(await call('POST', `nextpanel/accounts/${id}/suspend`, {}, { prefer: 'wait=0' })).toMatchObject({
      status: 504,
      body: { code: 'under-way', job_id: expect.stringMatching(/^job_/) },
    });
    expect(await call('POST', `nextpanel/accounts/${id}/suspend`, {})).toMatchObject({
      status: 409,
      body: { code: 'job-conflict' },
    });
  });

  it('stays when the panel does not let us', async () => {
    const { simulator } = await addServer('stubborn');
    const order = account(await addCustomer());
    const { account_id: id } = (await provision(order)).body;
    simulator.revokeKeys();
    expect(await call('DELETE', `nextpanel/accounts/${id}`)).toMatchObject({
      status: 502,
      body: { code: 'operation-failed', detail: expect.stringContaining('credentials'), job_id: expect.any(String) },
    });
    expect(simulator.account(order.username)).toMatchObject({ isActive: true });
  });
});

describe('a panel with a licence', () => {
  it('asks before it creates, reports what it created, and stops at the quota', async () => {
    const { simulator } = await addServer('licensed');
    const customer = await addCustomer();
    const granted = await call('POST', `customers/${customer}/licenses`, {
      plan_id: 'basic',
      billing_cycle: 'monthly',
      create_subscription: false,
    });
    const { id, license_key: key } = granted.body;
    simulator.setLicence({ url, key, secret, id, token });
    const order = account(customer);
    expect((await provision(order)).body.success).toBe(true);
    const create = (resource: 'domain' | 'database' | 'email') => simulator.create(order.username, resource);

    const answers = await Promise.all(Array.from({ length: 8 }, () => create('database')));
    expect(answers.filter((refusal) => refusal === undefined)).toHaveLength(5);
    expect(answers.filter((refusal) => refusal !== undefined)).toEqual(Array(3).fill('Database quota exceeded'));
    expect(await create('domain')).toBeUndefined();
    expect((await call('GET', `usage/quota?license_id=${id}`)).body).toMatchObject({
      current_databases: 5,
      databases_available: 0,
      current_domains: 1,
      current_emails: 0,
    });
    expect((await call('GET', 'usage/alerts')).body.alerts).toEqual([
      { license_id: id, resource: 'databases', current: 5, max: 5, usage_percent: 100, severity: 'critical' },
    ]);
    await dataSource.query(
      `UPDATE services SET status = 'suspended', suspended_at = now() WHERE id = (SELECT service_id FROM licences WHERE number = $1)`,
      [id],
    );
    expect(await create('email')).toBe('License is suspended');
  });
});
