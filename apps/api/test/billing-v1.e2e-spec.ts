import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BillingV1, expectProblem, licenceSecret } from './billing-v1.js';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
let v1: BillingV1;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_RATE_LIMIT: '1000', LICENCE_SECRET: licenceSecret });
  v1 = new BillingV1(api);
}, 120_000);
afterAll(() => api?.close());

describe('billing v1: signing in', () => {
  it('gives a bearer token that the other calls take', async () => {
    const password = 'a password of mine';
    const { email: address } = await v1.addCustomer({ password });
    const { status, body } = await api.call('POST', '/api/v1/auth/login', { email: address, password });
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 86_400 });
    const own = await api.call('GET', '/api/v1/customers', undefined, { authorization: `Bearer ${body.access_token}` });
    expect(own.body).toMatchObject([{ email: address }]);
  });

  it('does not say what was wrong', async () => {
    const { email: address } = await v1.addCustomer({ password: 'a password of mine' });
    for (const [who, password] of [
      [address, 'another password'],
      ['nobody@shop.example', 'a password of mine'],
    ]) {
      expectProblem(await api.call('POST', '/api/v1/auth/login', { email: who, password }), 401, 'login-refused');
    }
    for (const wrong of [
      {},
      { email: address },
      { email: 5, password: 'x' },
      { email: address, password: 'x', a: 1 },
    ]) {
      expectProblem(await api.call('POST', '/api/v1/auth/login', wrong), 400, 'validation-failed');
    }
  });
});

describe('billing v1: customers', () => {
  it('are made with exactly these fields', async () => {
    const address = v1.email();
    const { status, body } = await api.admin('POST', '/api/v1/customers', {
      email: address,
      full_name: 'Ada Lovelace',
      company_name: 'Engines Ltd',
      phone: '+44.2071234567',
      is_active: false,
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(Number),
      email: address,
      full_name: 'Ada Lovelace',
      company_name: 'Engines Ltd',
      is_active: false,
      created_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
    });
  });

  it('of a taken address are refused with the id of the one who has it', async () => {
    const { id, email: address } = await v1.addCustomer();
    const again = await api.admin('POST', '/api/v1/customers', { email: address.toUpperCase(), full_name: 'Eve' });
    expectProblem(again, 409, 'customer-exists');
    expect(again.body.id).toBe(id);
  });

  it.each<[string, object, string]>([
    ['an unknown field', { admin: true }, 'admin'],
    ['no name', { full_name: undefined }, 'full_name'],
    ['a number as name', { full_name: 5 }, 'full_name'],
    ['a bad address', { email: 'nobody' }, 'email'],
    ['a text as flag', { is_active: 'yes' }, 'is_active'],
    ['a number as password', { password: 12345678 }, 'password'],
  ])('with %s are refused, and nothing is stored', async (_, wrong, field) => {
    const [before] = await api.dataSource.query<unknown[]>('SELECT count(*) FROM customers');
    const answer = await api.admin('POST', '/api/v1/customers', { email: v1.email(), full_name: 'Ada', ...wrong });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toContain(field);
    expect((await api.dataSource.query<unknown[]>('SELECT count(*) FROM customers'))[0]).toEqual(before);
  });

  it('with a password too short, or an address that a person of the staff signs in with, leave nothing behind', async () => {
    await api.dataSource.query(
      `INSERT INTO users (id, email, password_hash, role) VALUES (gen_random_uuid(), 'boss@shop.example', 'x', 'admin')`,
    );
    const [before] = await api.dataSource.query<unknown[]>('SELECT count(*) FROM customers');
    const make = (more: object) => api.admin('POST', '/api/v1/customers', { full_name: 'Ada', ...more });
    expectProblem(await make({ email: v1.email(), password: 'short' }), 400, 'password-refused');
    expectProblem(await make({ email: 'boss@shop.example', password: 'long enough' }), 409, 'user-exists');
    expect((await api.dataSource.query<unknown[]>('SELECT count(*) FROM customers'))[0]).toEqual(before);
  });

  it('are shown with licences and accounts, one or all', async () => {
    const customer = await v1.addCustomer();
    const licence = await v1.grant(customer.id);
    const one = await api.admin('GET', `/api/v1/customers/${customer.id}`);
    expect(one.body).toMatchObject({ id: customer.id, accounts: [], licenses: [licence] });
    const all = await api.admin('GET', '/api/v1/customers?limit=1000');
    expect(all.body).toEqual(expect.arrayContaining([one.body]));
    expect((await api.admin('GET', '/api/v1/customers?limit=1&skip=1')).body).toHaveLength(1);
    for (const query of ['limit=0', 'limit=x', 'skip=-1', 'page=2']) {
      expectProblem(await api.admin('GET', `/api/v1/customers?${query}`), 400, 'validation-failed');
    }
    expectProblem(await api.admin('GET', '/api/v1/customers/999999'), 404, 'customer-not-found');
    expectProblem(await api.admin('GET', '/api/v1/customers/nobody'), 404, 'customer-not-found');
  });

  it('see themselves and nobody else', async () => {
    const password = 'a password of mine';
    const [ada, eve] = [await v1.addCustomer({ password }), await v1.addCustomer({ password })];
    const { id: licence } = await v1.grant(ada.id);
    const as = await v1.signIn(eve.email, password);
    expectProblem(await api.call('GET', `/api/v1/customers/${ada.id}`, undefined, as), 404, 'customer-not-found');
    expect((await api.call('GET', '/api/v1/customers', undefined, as)).body).toMatchObject([{ id: eve.id }]);
    expectProblem(await api.call('GET', `/api/v1/usage/quota?license_id=${licence}`, undefined, as), 404);
    const report = { license_id: licence, resource_type: 'domains', delta: 1 };
    expectProblem(await api.call('POST', '/api/v1/usage/update', report, as), 404, 'licence-not-found');
    expectProblem(await api.call('POST', `/api/v1/customers/${eve.id}/licenses`, { plan_id: 1 }, as), 403, 'forbidden');
    expectProblem(await api.call('POST', '/api/v1/customers', { email: v1.email(), full_name: 'X' }, as), 403);
    expectProblem(await api.call('GET', '/api/v1/customers'), 401, 'unauthenticated');
  });
});

describe('billing v1: plans', () => {
  it('have small numbers, prices in major units and what a licence allows', async () => {
    const { status, body } = await api.call('GET', '/api/v1/plans');
    expect(status).toBe(200);
    expect(body.find(({ slug }: { slug: string }) => slug === 'basic')).toEqual({
      id: expect.any(Number),
      name: 'Basic',
      slug: 'basic',
      description: expect.any(String),
      type: 'hosting',
      currency: 'USD',
      price_monthly: 9.99,
      price_yearly: 99.99,
      features: expect.arrayContaining(['3 websites']),
      max_accounts: 1,
      max_databases: 5,
      max_domains: 3,
      max_emails: 10,
    });
    expect(body.find(({ slug }: { slug: string }) => slug === 'domain')).toMatchObject({ price_monthly: null });
  });
});

describe('billing v1: licences', () => {
  it('are issued with a subscription that they live by', async () => {
    const { id } = await v1.addCustomer();
    const [plan] = (await api.call('GET', '/api/v1/plans')).body as { id: number; slug: string }[];
    const answer = await api.admin('POST', `/api/v1/customers/${id}/licenses`, {
      plan_id: plan?.id,
      billing_cycle: 'yearly',
      create_subscription: true,
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      id: expect.any(Number),
      license_key: expect.stringMatching(/^NP(-[A-HJ-NP-Z2-9]{4}){3}$/),
      plan_id: plan?.id,
      status: 'active',
      max_accounts: 1,
      max_databases: 1,
      max_domains: 1,
      max_emails: 5,
      subscription_id: expect.any(Number),
    });
    const days = (new Date(answer.body.expires_at as string).getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(364);
    expect(days).toBeLessThan(367);
    const [row] = await api.dataSource.query<unknown[]>(
      `SELECT s.status, s.amount, i.kind FROM subscriptions s JOIN subscription_items i ON i.subscription_id = s.id WHERE s.number = $1`,
      [answer.body.subscription_id],
    );
    expect(row).toEqual({ status: 'active', amount: 7_999, kind: 'plan' });
  });

  it('without a subscription end after one cycle', async () => {
    const { id } = await v1.addCustomer();
    const licence = await v1.grant(id);
    expect(licence).toMatchObject({ subscription_id: null, expires_at: expect.any(String) });
    await api.dataSource.query(`UPDATE licences SET expires_at = now() - interval '1 second' WHERE number = $1`, [
      licence.id,
    ]);
    const { body } = await api.admin('GET', `/api/v1/customers/${id}`);
    expect(body.licenses).toMatchObject([{ id: licence.id, status: 'expired' }]);
    expect(await v1.ask(licence.license_key, 'create_domain')).toMatchObject({ error: 'License has expired' });
  });

  it('are issued once per Idempotency-Key', async () => {
    const { id } = await v1.addCustomer();
    const once = () =>
      api.admin(
        'POST',
        `/api/v1/customers/${id}/licenses`,
        { plan_id: 'basic' },
        { 'idempotency-key': `licence-${id}` },
      );
    const [first, second] = [await once(), await once()];
    expect(second.body).toEqual(first.body);
    expect((await api.admin('GET', `/api/v1/customers/${id}`)).body.licenses).toHaveLength(1);
  });

  it.each<[string, object, number, string]>([
    ['an unknown plan', { plan_id: 'nothing' }, 404, 'unknown-plan'],
    ['an unknown number', { plan_id: 999_999 }, 404, 'unknown-plan'],
    ['an unknown cycle', { billing_cycle: 'fortnightly' }, 400, 'term-not-offered'],
    [
      'a cycle without price',
      { plan_id: 'starter', billing_cycle: 'quarterly', create_subscription: true },
      400,
      'term-not-offered',
    ],
    ['a text as flag', { create_subscription: 'yes' }, 400, 'validation-failed'],
    ['a list as plan', { plan_id: [1] }, 400, 'validation-failed'],
    ['an unknown field', { max_accounts: 1000 }, 400, 'validation-failed'],
  ])('of %s are refused, and nothing is stored', async (_, wrong, status, code) => {
    const { id } = await v1.addCustomer();
    const terms = { plan_id: 'basic', create_subscription: false, ...wrong };
    expectProblem(await api.admin('POST', `/api/v1/customers/${id}/licenses`, terms), status, code);
    const [row] = await api.dataSource.query<unknown[]>(
      `SELECT count(*)::int AS services FROM services JOIN customers c ON c.id = customer_id WHERE c.number = $1`,
      [id],
    );
    expect(row).toEqual({ services: 0 });
    expectProblem(await api.admin('POST', '/api/v1/customers/999999/licenses', { plan_id: 1 }), 404);
  });
});

describe('billing v1: documentation', () => {
  it('describes every row of the contract', async () => {
    const { body } = await api.call('GET', '/docs-json');
    const paths = Object.entries(body.paths as Record<string, object>)
      .filter(([path]) => path.startsWith('/api/v1/'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.slice(8)}`));
    expect(paths).toEqual(
      expect.arrayContaining([
        'POST auth/login',
        'POST customers',
        'GET customers',
        'GET customers/{id}',
        'POST customers/{id}/licenses',
        'GET plans',
        'POST licenses/validate',
        'POST usage/update',
        'GET usage/quota',
        'GET usage/report',
        'GET usage/alerts',
      ]),
    );
    expect(body.components.schemas.LicenceAnswerDto.properties.remaining_quota.nullable).toBe(true);
  });
});
