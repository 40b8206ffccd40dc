import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { signaturesOf } from '@keelson/hosting';
import { type Answer, startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

const secret = 'what the panels and the installation share';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_RATE_LIMIT: '1000', LICENCE_SECRET: secret });
}, 120_000);
afterAll(() => api?.close());

let count = 0;
const email = () => `customer${(count += 1)}@shop.example`;
const addCustomer = async (more: object = {}) => {
  const { status, body } = await api.admin('POST', '/api/v1/customers', { email: email(), full_name: 'Ada', ...more });
  expect(status).toBe(201);
  return body as { id: number; email: string };
};
const grant = async (customerId: number, more: object = {}) => {
  const terms = { plan_id: 'basic', billing_cycle: 'monthly', create_subscription: false, ...more };
  const { status, body } = await api.admin('POST', `/api/v1/customers/${customerId}/licenses`, terms);
  expect(status).toBe(201);
  return body as { id: number; license_key: string };
};
const signIn = async (address: string, password: string) => {
  const { body } = await api.call('POST', '/api/v1/auth/login', { email: address, password });
  return { authorization: `Bearer ${body.access_token}` };
};

/** A panel's headers, and the question as it signs it. */
const panel = { 'user-agent': 'panel/1.0', 'accept-language': 'en' };
const signed = (key: string, feature: string, data: object = { nonce: (count += 1) }, at = Date.now()) => {
  const timestamp = Math.floor(at / 1000);
  const origin = { ip: '127.0.0.1', userAgent: panel['user-agent'], acceptLanguage: panel['accept-language'] };
  const additionalData = { ...data };
  const [signature] = signaturesOf(secret, { key, timestamp, origin, additionalData });
  return { license_key: key, feature, timestamp, signature, additional_data: additionalData };
};
const validate = (body: unknown) => api.call('POST', '/api/v1/licenses/validate', body, panel);
const ask = async (key: string, feature: string) => (await validate(signed(key, feature))).body;

function expectProblem({ status, headers, body }: Answer, wanted: number, code?: string): void {
  expect([status, body]).toEqual([wanted, expect.objectContaining({ status: wanted, success: false })]);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(typeof body.detail).toBe('string');
  if (code !== undefined) expect(body.code).toBe(code);
}

describe('billing v1: signing in', () => {
  it('gives a bearer token that the other calls take', async () => {
    const password = 'a password of mine';
    const { email: address } = await addCustomer({ password });
    const { status, body } = await api.call('POST', '/api/v1/auth/login', { email: address, password });
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 86_400 });
    const own = await api.call('GET', '/api/v1/customers', undefined, { authorization: `Bearer ${body.access_token}` });
    expect(own.body).toMatchObject([{ email: address }]);
  });

  it('does not say what was wrong', async () => {
    const { email: address } = await addCustomer({ password: 'a password of mine' });
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
    const address = email();
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
    const { id, email: address } = await addCustomer();
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
    const answer = await api.admin('POST', '/api/v1/customers', { email: email(), full_name: 'Ada', ...wrong });
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
    expectProblem(await make({ email: email(), password: 'short' }), 400, 'password-refused');
    expectProblem(await make({ email: 'boss@shop.example', password: 'long enough' }), 409, 'user-exists');
    expect((await api.dataSource.query<unknown[]>('SELECT count(*) FROM customers'))[0]).toEqual(before);
  });

  it('are shown with licences and accounts, one or all', async () => {
    const customer = await addCustomer();
    const licence = await grant(customer.id);
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
    const [ada, eve] = [await addCustomer({ password }), await addCustomer({ password })];
    const { id: licence } = await grant(ada.id);
    const as = await signIn(eve.email, password);
    expectProblem(await api.call('GET', `/api/v1/customers/${ada.id}`, undefined, as), 404, 'customer-not-found');
    expect((await api.call('GET', '/api/v1/customers', undefined, as)).body).toMatchObject([{ id: eve.id }]);
    expectProblem(await api.call('GET', `/api/v1/usage/quota?license_id=${licence}`, undefined, as), 404);
    const report = { license_id: licence, resource_type: 'domains', delta: 1 };
    expectProblem(await api.call('POST', '/api/v1/usage/update', report, as), 404, 'licence-not-found');
    expectProblem(await api.call('POST', `/api/v1/customers/${eve.id}/licenses`, { plan_id: 1 }, as), 403, 'forbidden');
    expectProblem(await api.call('POST', '/api/v1/customers', { email: email(), full_name: 'X' }, as), 403);
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
    const { id } = await addCustomer();
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
    const { id } = await addCustomer();
    const licence = await grant(id);
    expect(licence).toMatchObject({ subscription_id: null, expires_at: expect.any(String) });
    await api.dataSource.query(`UPDATE licences SET expires_at = now() - interval '1 second' WHERE number = $1`, [
      licence.id,
    ]);
    const { body } = await api.admin('GET', `/api/v1/customers/${id}`);
    expect(body.licenses).toMatchObject([{ id: licence.id, status: 'expired' }]);
    expect(await ask(licence.license_key, 'create_domain')).toMatchObject({ error: 'License has expired' });
  });

  it('are issued once per Idempotency-Key', async () => {
    const { id } = await addCustomer();
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
    const { id } = await addCustomer();
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

describe('billing v1: validation', () => {
  it('answers panels with what is left, and headers that say how often they may ask', async () => {
    const { license_key: key } = await grant((await addCustomer()).id);
    const { status, headers, body } = await validate(signed(key, 'create_database'));
    expect([status, body]).toEqual([200, { valid: true, remaining_quota: 5, error: null }]);
    expect(headers.get('ratelimit-limit')).toBe('100');
    expect(headers.get('ratelimit-remaining')).toBe('99');
    expect(Number(headers.get('ratelimit-reset'))).toBeLessThanOrEqual(60);
    expect(headers.get('retry-after')).toBeNull();
    expect(await ask(key, 'create_unicorn')).toEqual({ valid: true, remaining_quota: -1, error: null });
  });

  it('never permits more than the quota, however many ask at once', async () => {
    const { id, license_key: key } = await grant((await addCustomer()).id);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(key, 'create_database')));
    expect(answers.filter(({ valid }) => valid)).toHaveLength(5);
    expect(answers.filter(({ valid }) => !valid)).toEqual(
      Array(45).fill({ valid: false, remaining_quota: null, error: 'Database quota exceeded' }),
    );
    for (let made = 0; made < 5; made += 1) {
      await api.admin('POST', '/api/v1/usage/update', { license_id: id, resource_type: 'databases', delta: 1 });
    }
    expect((await ask(key, 'create_database')).error).toBe('Database quota exceeded');
    await api.admin('POST', '/api/v1/usage/update', { license_id: id, resource_type: 'databases', delta: -1 });
    expect(await ask(key, 'create_database')).toEqual({ valid: true, remaining_quota: 1, error: null });
  });

  it('refuses what is not signed, wrongly signed, late, early, from elsewhere or a repetition, always with 200', async () => {
    const { license_key: key } = await grant((await addCustomer()).id);
    const good = signed(key, 'create_domain');
    const refused = { valid: false, remaining_quota: null, error: 'Invalid request signature or expired timestamp' };
    for (const wrong of [
      { license_key: key, feature: 'create_domain' },
      { ...good, signature: undefined },
      { ...good, timestamp: undefined },
      { ...good, signature: '0'.repeat(64) },
      { ...good, timestamp: good.timestamp + 1 },
      { ...good, license_key: 'NP-AAAA-AAAA-AAAA' },
      { ...good, additional_data: { nonce: 'another' } },
      signed(key, 'create_domain', {}, Date.now() - 302_000),
      signed(key, 'create_domain', {}, Date.now() + 302_000),
    ]) {
      expect(await validate(wrong)).toMatchObject({ status: 200, body: refused });
    }
    const elsewhere = await api.call('POST', '/api/v1/licenses/validate', good, { ...panel, 'user-agent': 'curl' });
    expect(elsewhere.body).toEqual(refused);
    expect((await validate(good)).body).toMatchObject({ valid: true, remaining_quota: 3 });
    expect((await validate(good)).body).toEqual(refused);
  });

  it('says the same about keys that exist and keys that do not, until a panel of ours asks', async () => {
    const { license_key: key } = await grant((await addCustomer()).id);
    const unknown = 'NP-AAAA-AAAA-AAAA';
    const unsigned = (license_key: string) => validate({ ...signed(license_key, 'create_domain'), signature: 'x' });
    const [known, other] = [await unsigned(key), await unsigned(unknown)];
    expect(other.body).toEqual(known.body);
    expect([...other.headers.keys()]).toEqual([...known.headers.keys()]);
    expect(await ask(unknown, 'create_domain')).toMatchObject({ error: 'Invalid license key' });
    expect(await ask('NP-nonsense', 'create_domain')).toMatchObject({ error: 'Invalid license key format' });
  });

  it('ends with the service that the licence belongs to', async () => {
    const { id, license_key: key } = await grant((await addCustomer()).id);
    const set = (state: string) =>
      api.dataSource.query(
        `UPDATE services SET status = $2, suspended_at = CASE $2 WHEN 'active' THEN NULL ELSE now() END
          WHERE id = (SELECT service_id FROM licences WHERE number = $1)`,
        [id, state],
      );
    await set('suspended');
    expect((await ask(key, 'create_domain')).error).toBe('License is suspended');
    await set('active');
    expect((await ask(key, 'create_domain')).valid).toBe(true);
    await set('terminated');
    expect((await ask(key, 'create_domain')).error).toBe('License is cancelled');
  });

  it('limits a licence by the minute and says when to come back', async () => {
    const { license_key: key } = await grant((await addCustomer()).id);
    const answers = await Promise.all(Array.from({ length: 101 }, () => validate(signed(key, 'count_me'))));
    const [over] = answers.filter(({ body }) => !body.valid);
    expect(over).toMatchObject({
      status: 200,
      body: { error: 'Rate limit exceeded: Too many validations for this license' },
    });
    expect(over?.headers.get('ratelimit-remaining')).toBe('0');
    expect(Number(over?.headers.get('retry-after'))).toBeGreaterThan(0);
    await api.dataSource.query('TRUNCATE licence_rates');
  });

  it.each<[string, unknown]>([
    ['no key', { feature: 'create_domain' }],
    ['a number as key', { license_key: 5, feature: 'create_domain' }],
    ['no feature', { license_key: 'NP-AAAA-AAAA-AAAA' }],
    ['a text as time', { license_key: 'NP-AAAA-AAAA-AAAA', feature: 'x', timestamp: 'now' }],
    ['a fraction as time', { license_key: 'NP-AAAA-AAAA-AAAA', feature: 'x', timestamp: 1.5 }],
    ['a list as signature', { license_key: 'NP-AAAA-AAAA-AAAA', feature: 'x', signature: [] }],
    ['a text as data', { license_key: 'NP-AAAA-AAAA-AAAA', feature: 'x', additional_data: 'x' }],
    ['an unknown field', { license_key: 'NP-AAAA-AAAA-AAAA', feature: 'x', admin: true }],
    ['a list', []],
    ['no JSON', '{'],
  ])('answers %s with 400', async (_, wrong) => {
    expectProblem(await validate(wrong), 400);
  });
});

describe('billing v1: usage', () => {
  it('is counted as the panel reports it, once per Idempotency-Key', async () => {
    const { id } = await grant((await addCustomer()).id);
    const report = (delta: number, headers = {}) =>
      api.admin('POST', '/api/v1/usage/update', { license_id: id, resource_type: 'emails', delta }, headers);
    expect((await report(3)).body).toEqual({
      status: 'success',
      license_id: id,
      resource_type: 'emails',
      current_count: 3,
      max_count: 10,
    });
    const key = { 'idempotency-key': `usage-${id}` };
    expect((await report(5, key)).body.current_count).toBe(8);
    expect((await report(5, key)).body.current_count).toBe(8);
    expect((await report(-100)).body.current_count).toBe(0);
    expect((await report(12)).body).toMatchObject({ current_count: 12, max_count: 10 });
  });

  it('is shown as quota, report and alerts', async () => {
    const password = 'a password of mine';
    const customer = await addCustomer({ password });
    const as = await signIn(customer.email, password);
    const read = (path: string) => api.call('GET', `/api/v1/usage/${path}`, undefined, as);
    expectProblem(await read('quota'), 404, 'licence-not-found');
    const [one, other] = [await grant(customer.id), await grant(customer.id)];
    const use = (resource_type: string, delta: number) =>
      api.call('POST', '/api/v1/usage/update', { license_id: one.id, resource_type, delta }, as);
    await use('databases', 4);
    await use('emails', 10);
    await use('domains', 1);
    expect((await read(`quota?license_id=${one.id}`)).body).toEqual({
      license_id: one.id,
      max_accounts: 1,
      current_accounts: 0,
      max_domains: 3,
      current_domains: 1,
      max_databases: 5,
      current_databases: 4,
      max_emails: 10,
      current_emails: 10,
      accounts_available: 1,
      domains_available: 2,
      databases_available: 1,
      emails_available: 0,
    });
    expect((await read('quota')).body).toMatchObject({ license_id: null, max_databases: 10, databases_available: 6 });
    const report = await read('report');
    expect(report.body).toEqual({
      start_date: expect.any(String),
      end_date: expect.any(String),
      licenses: [expect.anything(), expect.objectContaining({ license_id: other.id })],
      summary: { total_licenses: 2, active_licenses: 2, domains_registered_in_period: 0 },
    });
    expect(report.body.licenses[0]).toEqual({
      license_id: one.id,
      license_key: one.license_key,
      status: 'active',
      accounts: { current: 0, max: 1, usage_percent: 0 },
      domains: { current: 1, max: 3, usage_percent: 33.33 },
      databases: { current: 4, max: 5, usage_percent: 80 },
      emails: { current: 10, max: 10, usage_percent: 100 },
    });
    expect((await read('alerts')).body).toEqual({
      alerts: [
        { license_id: one.id, resource: 'databases', current: 4, max: 5, usage_percent: 80, severity: 'warning' },
        { license_id: one.id, resource: 'emails', current: 10, max: 10, usage_percent: 100, severity: 'critical' },
      ],
      total_alerts: 2,
    });
    const past = await read('report?start_date=2020-01-01&end_date=2020-02-01T00:00:00Z');
    expect(past.body).toMatchObject({ start_date: '2020-01-01T00:00:00.000Z', end_date: '2020-02-01T00:00:00.000Z' });
  });

  it.each<[string, object]>([
    ['an unknown resource', { resource_type: 'unicorns' }],
    ['a fraction', { delta: 0.5 }],
    ['a text', { delta: '1' }],
    ['too many', { delta: 1_000_001 }],
    ['no licence', { license_id: undefined }],
    ['an unknown field', { max: 5 }],
  ])('with %s is refused', async (_, wrong) => {
    const { id } = await grant((await addCustomer()).id);
    const report = { license_id: id, resource_type: 'domains', delta: 1, ...wrong };
    expectProblem(await api.admin('POST', '/api/v1/usage/update', report), 400, 'validation-failed');
  });

  it('of unknown licences and odd times is refused', async () => {
    const report = { license_id: 999_999, resource_type: 'domains', delta: 1 };
    expectProblem(await api.admin('POST', '/api/v1/usage/update', report), 404, 'licence-not-found');
    expectProblem(await api.admin('GET', '/api/v1/usage/quota?license_id=999999'), 404, 'licence-not-found');
    for (const query of ['start_date=yesterday', 'end_date=2026-W05', 'end_date=2026-02-30', 'from=2026-01-01']) {
      expectProblem(await api.admin('GET', `/api/v1/usage/report?${query}`), 400, 'validation-failed');
    }
    expectProblem(await api.call('GET', '/api/v1/usage/alerts'), 401, 'unauthenticated');
  });

  it('may be reported with a key that can do nothing else', async () => {
    const customer = await addCustomer({ password: 'a password of mine' });
    const { id } = await grant(customer.id);
    const [user] = await api.dataSource.query<{ id: string }[]>('SELECT id FROM users WHERE email = $1', [
      customer.email,
    ]);
    const made = await api.admin('POST', '/api/api-keys', { name: 'panel', scopes: ['licences'], userId: user?.id });
    const as = { authorization: `Bearer ${made.body.data.key}` };
    const report = { license_id: id, resource_type: 'domains', delta: 1 };
    expect((await api.call('POST', '/api/v1/usage/update', report, as)).body).toMatchObject({ current_count: 1 });
    expectProblem(await api.call('GET', '/api/v1/customers', undefined, as), 403, 'forbidden');
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
