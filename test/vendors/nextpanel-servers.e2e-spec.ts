import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { licenceSecret, PanelInstallation, token } from './panel-installation.js';

jest.setTimeout(60_000);

let installation: PanelInstallation;
beforeAll(async () => {
  installation = await PanelInstallation.open();
}, 120_000);
afterAll(() => installation?.close());
beforeEach(() => installation.reset());

describe('servers of the panel', () => {
  it('are tested by their credentials, and nothing is stored', async () => {
    const { form } = await installation.panel();
    const test = (more: object) =>
      installation.call('POST', 'nextpanel/servers/test', { name: 'tried', ...form, ...more });
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
    expect(await installation.dataSource.query(`SELECT 1 FROM connections WHERE name = 'tried'`)).toEqual([]);
  });

  it('are added once under a name, and only when they answer', async () => {
    const { form } = await installation.panel();
    const add = (more: object) => installation.call('POST', 'nextpanel/servers', { name: 'first', ...form, ...more });
    expect(await add({ api_secret: 'nps_wrong' })).toMatchObject({
      status: 400,
      body: { code: 'server-refused', detail: expect.stringContaining('Invalid API key or secret') },
    });
    expect(await installation.dataSource.query(`SELECT 1 FROM connections WHERE name = 'first'`)).toEqual([]);
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
    const {
      simulator,
      id,
      url: base,
    } = await installation.addServer('listed', { description: 'Fast', location: 'Oslo' });
    const list = await installation.call('GET', 'nextpanel/servers');
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
    const status = await installation.call('GET', 'nextpanel/servers/status');
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
    expect(
      (await installation.provision(installation.account(await installation.addCustomer(), { server_id: id }))).body,
    ).toEqual({
      success: false,
      error: `Server ${id} not available`,
    });
  });

  it('are for administrators', async () => {
    const { form } = await installation.panel();
    for (const path of ['nextpanel/servers', 'nextpanel/servers/test']) {
      const answer = await installation.call('POST', path, { name: 'x', ...form }, { authorization: 'Bearer nobody' });
      expect(answer).toMatchObject({ status: 401, body: { success: false, detail: expect.any(String) } });
    }
  });
});

describe('a panel with a licence', () => {
  it('asks before it creates, reports what it created, and stops at the quota', async () => {
    const { simulator } = await installation.addServer('licensed');
    const customer = await installation.addCustomer();
    const granted = await installation.call('POST', `customers/${customer}/licenses`, {
      plan_id: 'basic',
      billing_cycle: 'monthly',
      create_subscription: false,
    });
    const { id, license_key: key } = granted.body;
    simulator.setLicence({ url: installation.url, key, secret: licenceSecret, id, token });
    const order = installation.account(customer);
    expect((await installation.provision(order)).body.success).toBe(true);
    const create = (resource: 'domain' | 'database' | 'email') => simulator.create(order.username, resource);

    const answers = await Promise.all(Array.from({ length: 8 }, () => create('database')));
    expect(answers.filter((refusal) => refusal === undefined)).toHaveLength(5);
    expect(answers.filter((refusal) => refusal !== undefined)).toEqual(Array(3).fill('Database quota exceeded'));
    expect(await create('domain')).toBeUndefined();
    expect((await installation.call('GET', `usage/quota?license_id=${id}`)).body).toMatchObject({
      current_databases: 5,
      databases_available: 0,
      current_domains: 1,
      current_emails: 0,
    });
    expect((await installation.call('GET', 'usage/alerts')).body.alerts).toEqual([
      { license_id: id, resource: 'databases', current: 5, max: 5, usage_percent: 100, severity: 'critical' },
    ]);
    await installation.dataSource.query(
      `UPDATE services SET status = 'suspended', suspended_at = now() WHERE id = (SELECT service_id FROM licences WHERE number = $1)`,
      [id],
    );
    expect(await create('email')).toBe('License is suspended');
  });
});

describe('the document of the API', () => {
  it('holds every call about the panel', async () => {
    const { paths } = (await (await fetch(`${installation.url}/docs-json`)).json()) as {
      paths: Record<string, object>;
    };
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls.filter((call) => call.includes('/nextpanel/')).toSorted()).toEqual([
      'DELETE /api/v1/nextpanel/accounts/{id}',
      'GET /api/v1/nextpanel/accounts/{id}/stats',
      'GET /api/v1/nextpanel/servers',
      'GET /api/v1/nextpanel/servers/status',
      'POST /api/v1/nextpanel/accounts/{id}/suspend',
      'POST /api/v1/nextpanel/accounts/{id}/unsuspend',
      'POST /api/v1/nextpanel/provision',
      'POST /api/v1/nextpanel/servers',
      'POST /api/v1/nextpanel/servers/test',
    ]);
  });
});
