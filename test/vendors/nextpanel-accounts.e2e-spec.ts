import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PanelInstallation, password } from './panel-installation.js';

jest.setTimeout(60_000);

let installation: PanelInstallation;
beforeAll(async () => {
  installation = await PanelInstallation.open();
}, 120_000);
afterAll(() => installation?.close());
beforeEach(() => installation.reset());

describe('accounts at the panel', () => {
  it('are made by a job that the answer waits for', async () => {
    const { simulator, url: base } = await installation.addServer('making');
    const customer = await installation.addCustomer();
    const order = installation.account(customer, {
      full_name: 'Ada Lovelace',
      company: 'Engines',
      package_id: 3,
      order_id: 77,
    });
    const { status, body } = await installation.provision(order);
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
    const [task] = await installation.dataSource.query<unknown[]>(
      `SELECT t.recipe, t.status FROM provisioning_tasks t JOIN services s ON s.id = t.service_id WHERE s.number = $1`,
      [body.account_id],
    );
    expect(task).toEqual({ recipe: 'account.provision', status: 'completed' });
    const shown = await installation.call('GET', `customers/${customer}`);
    expect(shown.body.accounts).toMatchObject([
      {
        id: body.account_id,
        username: order.username,
        status: 'active',
        server_name: 'making',
        nextpanel_user_id: made?.id,
      },
    ]);
    const rows = await installation.dataSource.query<unknown[]>(
      'SELECT * FROM services s LEFT JOIN service_secrets x ON x.service_id = s.id',
    );
    expect(JSON.stringify(rows)).not.toContain(password);
  });

  it('are made once, however often and at once they are asked for', async () => {
    const { simulator } = await installation.addServer('once');
    const order = installation.account(await installation.addCustomer());
    const answers = await Promise.all(Array.from({ length: 6 }, () => installation.provision(order)));
    const again = await installation.provision({
      ...order,
      customer_id: String(order.customer_id),
      password: 'another',
    });
    for (const { body } of answers) expect(body).toEqual(again.body);
    expect(again.body.success).toBe(true);
    const creations = simulator.ledger
      .entries()
      .filter(({ operation }) => operation === 'POST /api/v1/billing/accounts');
    expect(creations).toHaveLength(1);
  });

  it('of resellers are made with their rights', async () => {
    const { simulator } = await installation.addServer('resellers');
    const order = installation.account(await installation.addCustomer(), { account_type: 'reseller' });
    expect((await installation.provision(order)).body.success).toBe(true);
    expect(simulator.account(order.username)).toMatchObject({ isAdmin: true });
  });

  it('go to the least utilised server, or to the one that is named', async () => {
    const [busy, calm] = [await installation.addServer('busy'), await installation.addServer('calm')];
    await installation.dataSource.query(`UPDATE servers SET used = 9 WHERE number = $1`, [busy.id]);
    const customer = await installation.addCustomer();
    expect((await installation.provision(installation.account(customer))).body.server_name).toBe('calm');
    expect(
      (await installation.provision(installation.account(customer, { server_id: busy.id }))).body.server_name,
    ).toBe('busy');
    expect((await installation.provision(installation.account(customer, { server_id: String(busy.id) }))).body).toEqual(
      {
        success: false,
        error: 'No online server has a free slot: add a server or raise a capacity.',
        job_id: expect.stringMatching(/^job_/),
      },
    );
    expect(
      (await installation.provision(installation.account(customer, { server_id: calm.id }))).body.server_name,
    ).toBe('calm');
  });

  it('that cannot be made are answered with 200 and why, and can be asked for again', async () => {
    const customer = await installation.addCustomer();
    expect((await installation.provision(installation.account(customer))).body).toEqual({
      success: false,
      error: 'No available servers',
    });
    const { simulator } = await installation.addServer('refusing');
    expect((await installation.provision(installation.account(999_999))).body).toEqual({
      success: false,
      error: 'There is no such customer.',
    });
    const unknown = await installation.provision(installation.account(customer, { package_id: 99 }));
    expect(unknown).toMatchObject({ status: 200, body: { success: false, error: expect.stringContaining('package') } });
    const first = installation.account(customer);
    expect((await installation.provision(first)).body.success).toBe(true);
    const foreign = installation.account(await installation.addCustomer(), { username: first.username });
    expect((await installation.provision(foreign)).body).toMatchObject({
      success: false,
      error: expect.stringContaining('another account'),
    });
    const order = installation.account(customer, { package_id: 99 });
    expect((await installation.provision(order)).body.success).toBe(false);
    expect((await installation.provision({ ...order, package_id: 1 })).body.success).toBe(true);
    expect(simulator.account(order.username)).toMatchObject({ packageId: 1 });
    const [slots] = await installation.dataSource.query<unknown[]>(`SELECT used FROM servers WHERE name = 'refusing'`);
    expect(slots).toEqual({ used: 2 });
  });

  it('are followed when the answer was lost', async () => {
    const { simulator } = await installation.addServer('losing');
    simulator.faults.set({ kind: 'drop-after', match: 'POST /api/v1/billing/accounts', times: 1 });
    const order = installation.account(await installation.addCustomer());
    expect((await installation.provision(order)).body).toMatchObject({ success: true, username: order.username });
    expect((await installation.call('GET', 'nextpanel/servers')).status).toBe(200);
  });

  it('that take longer than the client waits are still under way', async () => {
    const { simulator } = await installation.addServer('slow');
    simulator.faults.set({ kind: 'latency', value: 500, times: 1 });
    const order = installation.account(await installation.addCustomer());
    const early = await installation.provision(order, { prefer: 'wait=0' });
    expect(early.body).toMatchObject({
      success: false,
      error: expect.stringContaining('repeat'),
      job_id: expect.any(String),
    });
    expect((await installation.provision(order)).body).toMatchObject({ success: true, username: order.username });
  });

  it.each<[string, object]>([
    ['no user name', { username: undefined }],
    ['a number as password', { password: 5 }],
    ['a bad address', { email: 'nobody' }],
    ['an unknown type', { account_type: 'king' }],
    ['a list as customer', { customer_id: [1] }],
    ['an unknown field', { is_admin: true }],
  ])('with %s are refused with 400, and nothing is stored', async (_, wrong) => {
    const [before] = await installation.dataSource.query<unknown[]>('SELECT count(*) FROM services');
    const answer = await installation.provision(installation.account(1, wrong));
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.any(String), success: false } });
    expect((await installation.dataSource.query<unknown[]>('SELECT count(*) FROM services'))[0]).toEqual(before);
  });

  it('tell what they hold', async () => {
    const { simulator } = await installation.addServer('counting');
    const order = installation.account(await installation.addCustomer());
    const { body } = await installation.provision(order);
    await simulator.create(order.username, 'database');
    const id = simulator.account(order.username)?.id ?? 0;
    const stats = await installation.call('GET', `nextpanel/accounts/${body.account_id}/stats`);
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
      expect(await installation.call('GET', `nextpanel/accounts/${unknown}/stats`)).toMatchObject({
        status: 404,
        body: { detail: 'Account not found' },
      });
    }
  });

  it('are suspended and unsuspended, each as often as one likes', async () => {
    const { simulator } = await installation.addServer('suspending');
    const order = installation.account(await installation.addCustomer());
    const { account_id: id } = (await installation.provision(order)).body;
    const act = (what: string, body?: object) => installation.call('POST', `nextpanel/accounts/${id}/${what}`, body);
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
    expect(await installation.call('POST', 'nextpanel/accounts/999999/suspend', {})).toMatchObject({ status: 404 });
  });
});

describe('an account that is deleted', () => {
  it('is gone at the panel, and so is its slot; deleting it again confirms that', async () => {
    const { simulator } = await installation.addServer('deleting');
    const customer = await installation.addCustomer();
    const order = installation.account(customer);
    const { account_id: id } = (await installation.provision(order)).body;
    const remove = () => installation.call('DELETE', `nextpanel/accounts/${id}`);
    const deleted = { status: 200, body: { message: 'Account deleted successfully' } };
    expect(await remove()).toEqual(deleted);
    expect(simulator.account(order.username)).toBeUndefined();
    const [server] = await installation.dataSource.query<unknown[]>(`SELECT used FROM servers WHERE name = 'deleting'`);
    expect(server).toEqual({ used: 0 });
    expect(await remove()).toEqual(deleted);
    expect((await installation.call('GET', `customers/${customer}`)).body.accounts).toEqual([]);
    expect(await installation.call('GET', `nextpanel/accounts/${id}/stats`)).toMatchObject({ status: 404 });
    expect(await installation.call('DELETE', 'nextpanel/accounts/999999')).toMatchObject({
      status: 404,
      body: { detail: 'Account not found' },
    });
    const again = await installation.provision(order);
    expect(again.body).toMatchObject({ success: true, username: order.username });
    expect(again.body.account_id).not.toBe(id);
  });

  it('is still being worked when it takes longer than the client waits', async () => {
    const { simulator } = await installation.addServer('taking its time');
    const { account_id: id } = (await installation.provision(installation.account(await installation.addCustomer())))
      .body;
    simulator.faults.set({ kind: 'latency', value: 500, times: 1 });
    expect(await installation.call('POST', `nextpanel/accounts/${id}/suspend`, {}, { prefer: 'wait=0' })).toMatchObject(
      {
        status: 504,
        body: { code: 'under-way', job_id: expect.stringMatching(/^job_/) },
      },
    );
    expect(await installation.call('POST', `nextpanel/accounts/${id}/suspend`, {})).toMatchObject({
      status: 409,
      body: { code: 'job-conflict' },
    });
  });

  it('stays when the panel does not let us', async () => {
    const { simulator } = await installation.addServer('stubborn');
    const order = installation.account(await installation.addCustomer());
    const { account_id: id } = (await installation.provision(order)).body;
    simulator.revokeKeys();
    expect(await installation.call('DELETE', `nextpanel/accounts/${id}`)).toMatchObject({
      status: 502,
      body: { code: 'operation-failed', detail: expect.stringContaining('credentials'), job_id: expect.any(String) },
    });
    expect(simulator.account(order.username)).toMatchObject({ isActive: true });
  });
});
