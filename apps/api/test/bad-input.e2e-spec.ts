import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Answer, startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_RATE_LIMIT: '1000' });
}, 120_000);
afterAll(() => api?.close());

const order = {
  planId: 'basic',
  email: 'buyer@shop.example',
  successUrl: 'https://www.shop.example/success',
  cancelUrl: 'https://www.shop.example/cancel',
};
const checkout = (more: object) => api.call('POST', '/api/public/checkout', { ...order, ...more });
const stored = async () => {
  const [row] = await api.dataSource.query<unknown[]>(
    `SELECT (SELECT count(*)::int FROM checkout_sessions) AS checkouts, (SELECT count(*)::int FROM customers) AS customers,
            (SELECT count(*)::int FROM inbox_events) AS events`,
  );
  return row;
};

function expectProblem({ status, headers, body }: Answer, wanted: number, code?: string): void {
  expect(status).toBe(wanted);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(body).toMatchObject({ status: wanted, success: false, ...(code === undefined ? {} : { code }) });
  expect(body.error).toBe(body.title);
  expect(body.type).toBe(`urn:keelson:problem:${body.code}`);
  expect(typeof body.detail).toBe('string');
  expect(body.requestId).toBe(headers.get('x-request-id'));
  expect(Array.isArray(body.errors)).toBe(true);
}

describe('bad input', () => {
  it.each<[string, object, string]>([
    ['an unknown field', { admin: true }, 'admin'],
    ['a number as e-mail', { email: 5 }, 'email'],
    ['an invalid e-mail', { email: 'nobody' }, 'email'],
    ['an e-mail with a line break', { email: 'a@b.example\r\nBcc: x@y.example' }, 'email'],
    ['an invalid domain', { domain: 'no domain' }, 'domain'],
    ['an address as domain', { domain: '127.0.0.1' }, 'domain'],
    ['a domain of 300 characters', { domain: `${'a.'.repeat(150)}com` }, 'domain'],
    ['a script as URL', { successUrl: 'javascript:alert(1)' }, 'successUrl'],
    ['a relative URL', { cancelUrl: '/cancel' }, 'cancelUrl'],
    ['a URL with a user name', { successUrl: 'https://me:you@shop.example/' }, 'successUrl'],
    ['an unknown domain mode', { domainMode: 'steal' }, 'domainMode'],
    ['a list as plan', { planId: ['basic'] }, 'planId'],
    ['an empty plan', { planId: ' ' }, 'planId'],
    ['a plan with NUL', { planId: 'basic\u0000' }, 'planId'],
  ])('answers %s with 400, names the field and stores nothing', async (_, wrong, field) => {
    const before = await stored();
    const answer = await checkout(wrong);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toContain(field);
    expect(await stored()).toEqual(before);
  });

  it('lists every missing field', async () => {
    const answer = await api.call('POST', '/api/public/checkout', {});
    expectProblem(answer, 400);
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'planId',
      'email',
      'successUrl',
      'cancelUrl',
    ]);
  });

  it('names nested fields by their path', async () => {
    const body = {
      planId: 'basic',
      billingCycle: 'monthly',
      customer: { name: 'A', email: 'x', secret: 1 },
      addonIds: ['ok', 'not ok'],
    };
    const answer = await api.call('POST', '/api/checkout/create-session', body);
    expectProblem(answer, 400);
    const paths = answer.body.errors.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(expect.arrayContaining(['customer.secret', 'customer.email', 'addonIds']));
  });

  it.each<[string, unknown, number, string]>([
    ['JSON that ends too early', '{"planId": "basic"', 400, 'malformed-json'],
    ['no JSON at all', 'planId=basic', 400, 'malformed-json'],
    ['an empty body', '', 400, 'malformed-json'],
    ['a list', '[]', 400, ''],
    ['null', 'null', 400, ''],
    ['a forged prototype', '{"__proto__": {"admin": true}}', 400, ''],
  ])('answers %s with %i', async (_, body, status, code) => {
    const answer = await api.call('POST', '/api/public/checkout', body);
    expectProblem(answer, status, code || undefined);
  });

  it('answers another content type with 415', async () => {
    const answer = await api.call('POST', '/api/public/checkout', '<a/>', { 'content-type': 'text/xml' });
    expectProblem(answer, 415, 'unsupported-media-type');
  });

  it('answers a body of 10 MB with 413', async () => {
    expectProblem(await checkout({ domain: 'a'.repeat(10 * 1024 * 1024) }), 413, 'body-too-large');
  });

  it('answers 10,000 fields with 400', async () => {
    expectProblem(
      await checkout(Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, 1]))),
      400,
    );
  });

  it('answers unknown plans with 404 and terms that are not offered with 400', async () => {
    expectProblem(await checkout({ planId: 'nothing' }), 404, 'unknown-plan');
    expectProblem(await checkout({ term: 'fortnightly' }), 400, 'term-not-offered');
    expectProblem(await checkout({ term: 'one_time' }), 400, 'term-not-offered');
    expectProblem(await checkout({ couponCode: 'NOPE' }), 400, 'coupon-refused');
    const session = { planId: 'nothing', billingCycle: 'yearly', customer: { name: 'A', email: 'a@shop.example' } };
    expectProblem(await api.call('POST', '/api/checkout/create-session', session), 404, 'unknown-plan');
  });

  it('takes cycle names and aliases that clients know', async () => {
    for (const term of ['yearly', 'annually', 'Monthly']) expect((await checkout({ term })).status).toBe(200);
    expect((await checkout({ planId: 'shared_student' })).status).toBe(200);
  });

  it('takes an IDN and stores its A-label', async () => {
    const answer = await checkout({ domain: 'Bücher-Laden.example', email: 'Käufer@shop.example'.replace('ä', 'ae') });
    expect(answer.status).toBe(200);
    const [row] = await api.dataSource.query<unknown[]>(
      `SELECT domain_info ->> 'value' AS domain, email FROM checkout_sessions WHERE stripe_session_id = $1`,
      [answer.body.id],
    );
    expect(row).toEqual({ domain: 'xn--bcher-laden-thb.example', email: 'kaeufer@shop.example' });
  });

  it('answers unknown addresses, methods and ids with 404', async () => {
    expectProblem(await api.call('GET', '/api/nothing'), 404);
    expectProblem(await api.call('GET', '/api/checkout/session/cs_nothing'), 404, 'checkout-not-found');
    expectProblem(await api.admin('GET', '/api/services/srv_nothing'), 404);
    expectProblem(await api.admin('GET', '/api/customers/cust_00000000000000000000000000'), 404);
    expectProblem(await api.admin('GET', '/api/provisioning/tasks/1'), 404);
    expectProblem(await api.admin('DELETE', '/api/public/plans'), 404);
  });

  it('answers wrong page numbers with 400', async () => {
    for (const query of ['limit=0', 'limit=201', 'limit=ten', 'offset=-1', 'page=2', 'limit=1&limit=2']) {
      expectProblem(await api.admin('GET', `/api/services?${query}`), 400, 'validation-failed');
    }
    expectProblem(await api.admin('GET', '/api/provisioning/tasks?status=odd'), 400, 'validation-failed');
  });

  it('shows nothing of the inside when something unforeseen happens', async () => {
    await api.dataSource.query('ALTER TABLE tenants RENAME TO tenants_away');
    await api.dataSource.query('ALTER TABLE services RENAME TO services_away');
    const answer = await api.admin('GET', '/api/services');
    await api.dataSource.query('ALTER TABLE services_away RENAME TO services');
    await api.dataSource.query('ALTER TABLE tenants_away RENAME TO tenants');
    expectProblem(answer, 500, 'internal-error');
    expect(JSON.stringify(answer.body)).not.toMatch(/relation|services_|select|typeorm|\.ts/i);
  });
});

describe('webhooks', () => {
  const event = (about?: { kind: 'checkout'; id: string }) => api.vendor.webhook(about, new Date());

  it('takes the same message fifty times at once with fifty 200s and one effect', async () => {
    const begun = await checkout({ email: 'fifty@shop.example' });
    api.vendor.pay(begun.body.id);
    const { body, headers } = event({ kind: 'checkout', id: begun.body.id });
    const before = (await stored()) as { events: number };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.call('POST', '/api/webhooks/memory', body, headers)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(answers[0]?.body).toEqual({ received: true });
    expect(await stored()).toMatchObject({ events: before.events + 1 });
  });

  it('answers under its old address too', async () => {
    const { body, headers } = event();
    expect((await api.call('POST', '/webhooks/memory', body, headers)).body).toEqual({ received: true });
  });

  it('refuses bad signatures with 400, before anything is stored', async () => {
    const before = await stored();
    const { body, headers } = event({ kind: 'checkout', id: 'checkout_1' });
    expectProblem(await api.call('POST', '/api/webhooks/memory', body), 400, 'invalid-input');
    expectProblem(
      await api.call('POST', '/api/webhooks/memory', JSON.stringify(JSON.parse(body.toString())), headers),
      400,
    );
    expectProblem(await api.call('POST', '/api/webhooks/memory', body, { 'memory-signature': 'x' }), 400);
    expect(await stored()).toEqual(before);
  });

  it('refuses more than 256 KB with 413', async () => {
    expectProblem(await api.call('POST', '/api/webhooks/memory', JSON.stringify({ a: 'x'.repeat(257 * 1024) })), 413);
  });

  it('judges a message by its signature, whatever content type it names', async () => {
    const { body, headers } = event();
    for (const type of ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded']) {
      const named = { ...headers, 'content-type': type };
      expect((await api.call('POST', '/api/webhooks/memory', body, named)).status).toBe(200);
      expectProblem(await api.call('POST', '/api/webhooks/memory', 'x', named), 400, 'invalid-input');
    }
  });

  it('knows no provider that is not set up', async () => {
    expectProblem(await api.call('POST', '/api/webhooks/nobody', '{}'), 404, 'unknown-provider');
  });

  it('answers 503 while the database is read-only, and 200 afterwards', async () => {
    const { body, headers } = event();
    const [{ name }] = (await api.dataSource.query<{ name: string }[]>('SELECT current_database() AS name')) as [
      { name: string },
    ];
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'keelson api'`;
    await api.dataSource.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await api.dataSource.query(cut);
    const refused = await api.call('POST', '/api/webhooks/memory', body, headers);
    await api.dataSource.query(`ALTER DATABASE ${name} SET default_transaction_read_only = off`);
    await api.dataSource.query(cut);
    expectProblem(refused, 503, 'database-away');
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await api.call('POST', '/api/webhooks/memory', body, headers)).status).toBe(200);
  });
});
