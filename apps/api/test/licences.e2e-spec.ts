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

describe('billing v1: validation', () => {
  it('answers panels with what is left, and headers that say how often they may ask', async () => {
    const { license_key: key } = await v1.grant((await v1.addCustomer()).id);
    const { status, headers, body } = await v1.validate(v1.signed(key, 'create_database'));
    expect([status, body]).toEqual([200, { valid: true, remaining_quota: 5, error: null }]);
    expect(headers.get('ratelimit-limit')).toBe('100');
    expect(headers.get('ratelimit-remaining')).toBe('99');
    expect(Number(headers.get('ratelimit-reset'))).toBeLessThanOrEqual(60);
    expect(headers.get('retry-after')).toBeNull();
    expect(await v1.ask(key, 'create_unicorn')).toEqual({ valid: true, remaining_quota: -1, error: null });
  });

  it('never permits more than the quota, however many ask at once', async () => {
    const { id, license_key: key } = await v1.grant((await v1.addCustomer()).id);
    const answers = await Promise.all(Array.from({ length: 50 }, () => v1.ask(key, 'create_database')));
    expect(answers.filter(({ valid }) => valid)).toHaveLength(5);
    expect(answers.filter(({ valid }) => !valid)).toEqual(
      Array(45).fill({ valid: false, remaining_quota: null, error: 'Database quota exceeded' }),
    );
    for (let made = 0; made < 5; made += 1) {
      await api.admin('POST', '/api/v1/usage/update', { license_id: id, resource_type: 'databases', delta: 1 });
    }
    expect((await v1.ask(key, 'create_database')).error).toBe('Database quota exceeded');
    await api.admin('POST', '/api/v1/usage/update', { license_id: id, resource_type: 'databases', delta: -1 });
    expect(await v1.ask(key, 'create_database')).toEqual({ valid: true, remaining_quota: 1, error: null });
  });

  it('refuses what is not signed, wrongly signed, late, early, from elsewhere or a repetition, always with 200', async () => {
    const { license_key: key } = await v1.grant((await v1.addCustomer()).id);
    const good = v1.signed(key, 'create_domain');
    const refused = { valid: false, remaining_quota: null, error: 'Invalid request signature or expired timestamp' };
    for (const wrong of [
      { license_key: key, feature: 'create_domain' },
      { ...good, signature: undefined },
      { ...good, timestamp: undefined },
      { ...good, signature: '0'.repeat(64) },
      { ...good, timestamp: good.timestamp + 1 },
      { ...good, license_key: 'NP-AAAA-AAAA-AAAA' },
      { ...good, additional_data: { nonce: 'another' } },
      v1.signed(key, 'create_domain', {}, Date.now() - 302_000),
      v1.signed(key, 'create_domain', {}, Date.now() + 302_000),
    ]) {
      expect(await v1.validate(wrong)).toMatchObject({ status: 200, body: refused });
    }
    const elsewhere = await v1.validate(good, { 'user-agent': 'curl' });
    expect(elsewhere.body).toEqual(refused);
    expect((await v1.validate(good)).body).toMatchObject({ valid: true, remaining_quota: 3 });
    expect((await v1.validate(good)).body).toEqual(refused);
  });

  it('says the same about keys that exist and keys that do not, until a panel of ours asks', async () => {
    const { license_key: key } = await v1.grant((await v1.addCustomer()).id);
    const unknown = 'NP-AAAA-AAAA-AAAA';
    const unsigned = (license_key: string) =>
      v1.validate({ ...v1.signed(license_key, 'create_domain'), signature: 'x' });
    const [known, other] = [await unsigned(key), await unsigned(unknown)];
    expect(other.body).toEqual(known.body);
    expect([...other.headers.keys()]).toEqual([...known.headers.keys()]);
    expect(await v1.ask(unknown, 'create_domain')).toMatchObject({ error: 'Invalid license key' });
    expect(await v1.ask('NP-nonsense', 'create_domain')).toMatchObject({ error: 'Invalid license key format' });
  });

  it('ends with the service that the licence belongs to', async () => {
    const { id, license_key: key } = await v1.grant((await v1.addCustomer()).id);
    const set = (state: string) =>
      api.dataSource.query(
        `UPDATE services SET status = $2, suspended_at = CASE $2 WHEN 'active' THEN NULL ELSE now() END
          WHERE id = (SELECT service_id FROM licences WHERE number = $1)`,
        [id, state],
      );
    await set('suspended');
    expect((await v1.ask(key, 'create_domain')).error).toBe('License is suspended');
    await set('active');
    expect((await v1.ask(key, 'create_domain')).valid).toBe(true);
    await set('terminated');
    expect((await v1.ask(key, 'create_domain')).error).toBe('License is cancelled');
  });

  it('limits a licence by the minute and says when to come back', async () => {
    const { license_key: key } = await v1.grant((await v1.addCustomer()).id);
    const answers = await Promise.all(Array.from({ length: 101 }, () => v1.validate(v1.signed(key, 'count_me'))));
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
    expectProblem(await v1.validate(wrong), 400);
  });
});

describe('billing v1: usage', () => {
  it('is counted as the panel reports it, once per Idempotency-Key', async () => {
    const { id } = await v1.grant((await v1.addCustomer()).id);
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
    const customer = await v1.addCustomer({ password });
    const as = await v1.signIn(customer.email, password);
    const read = (path: string) => api.call('GET', `/api/v1/usage/${path}`, undefined, as);
    expectProblem(await read('quota'), 404, 'licence-not-found');
    const [one, other] = [await v1.grant(customer.id), await v1.grant(customer.id)];
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
    const { id } = await v1.grant((await v1.addCustomer()).id);
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
    const customer = await v1.addCustomer({ password: 'a password of mine' });
    const { id } = await v1.grant(customer.id);
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
