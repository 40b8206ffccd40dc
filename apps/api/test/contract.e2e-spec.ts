import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_RATE_LIMIT: '5' });
}, 120_000);
afterAll(() => api?.close());

const customer = async (email: string) =>
  (await api.admin('POST', '/api/customers', { name: 'Ada', email })).body.data.id as string;

describe('the panel API', () => {
  it('tells whether it can work', async () => {
    for (const path of ['/api/health', '/health']) {
      const { status, body } = await api.call('GET', path);
      expect([status, body.status, body.checks]).toEqual([
        200,
        'ok',
        { database: 'ok', migrations: 'ok', queue: 'ok' },
      ]);
    }
  });

  it('makes, shows, lists and changes customers', async () => {
    const made = await api.admin('POST', '/api/customers', {
      name: 'Ada',
      email: 'Ada@Shop.example',
      company: '=cmd()',
      phone: '+49 1',
    });
    expect(made).toMatchObject({
      status: 201,
      body: { data: { id: expect.stringMatching(/^cust_/), email: 'ada@shop.example', company: '=cmd()' } },
    });
    const again = await api.admin('POST', '/api/customers', { name: 'B', email: 'ADA@shop.example' });
    expect(again).toMatchObject({
      status: 409,
      body: { id: made.body.data.id, customerId: made.body.data.id, error: 'Conflict' },
    });
    const { id } = made.body.data;
    expect((await api.admin('PATCH', `/api/customers/${id}`, { name: 'Ada L.' })).body.data.name).toBe('Ada L.');
    expect((await api.admin('GET', `/api/customers/${id}`)).body.data).toMatchObject({ id, name: 'Ada L.' });
    expect((await api.admin('GET', '/api/customers?limit=10')).body).toMatchObject({ total: 1, limit: 10, offset: 0 });
  });

  it('makes services and starts their jobs once', async () => {
    const customerId = await customer('job@shop.example');
    const made = await api.admin('POST', '/api/services', { customerId, productId: 'basic', domain: 'Job-Shop.com' });
    expect(made).toMatchObject({
      status: 201,
      body: { data: { id: expect.stringMatching(/^srv_/), status: 'pending', domain: 'job-shop.com' } },
    });
    const order = {
      serviceId: made.body.data.id,
      customerId,
      productId: made.body.data.productId,
      domain: 'job-shop.com',
    };

    const missing = await api.admin('POST', '/api/provisioning/provision', { serviceId: order.serviceId });
    expect(missing).toMatchObject({ status: 400, body: { required: ['customerId', 'productId', 'domain'] } });
    expect((await api.admin('POST', '/api/provisioning/provision', {})).body.required).toEqual([
      'serviceId',
      'customerId',
      'productId',
      'domain',
    ]);
    const other = await customer('other@shop.example');
    expect((await api.admin('POST', '/api/provisioning/provision', { ...order, customerId: other })).status).toBe(403);
    expect(
      (
        await api.admin('POST', '/api/provisioning/provision', {
          ...order,
          serviceId: order.serviceId.replace(/.$/, '0'),
        })
      ).status,
    ).toBe(404);
    expect((await api.admin('POST', '/api/provisioning/provision', { ...order, productId: 'premium' })).status).toBe(
      400,
    );

    const queued = await api.admin('POST', '/api/provisioning/provision', order);
    expect(queued).toMatchObject({
      status: 202,
      body: {
        message: 'Provisioning job queued',
        jobId: expect.stringMatching(/^job_/),
        serviceId: order.serviceId,
        status: 'queued',
      },
    });
    const twice = await api.admin('POST', '/api/provisioning/provision', { ...order, productId: 'basic' });
    expect(twice).toMatchObject({ status: 409, body: { jobId: queued.body.jobId } });

    const task = await api.admin('GET', `/api/provisioning/tasks/${queued.body.jobId}`);
    expect(task.body).toMatchObject({
      id: queued.body.jobId,
      status: 'queued',
      serviceId: order.serviceId,
      progress: 0,
      startedAt: null,
      completedAt: null,
    });
    expect(Object.keys(task.body.steps)).toEqual(
      expect.arrayContaining([
        'create_account',
        'setup_dns',
        'provision_email',
        'create_database',
        'send_welcome_email',
      ]),
    );
    expect((await api.admin('GET', '/api/provisioning/tasks?status=queued&limit=1')).body).toMatchObject({
      total: 1,
      limit: 1,
      offset: 0,
    });
    expect((await api.admin('GET', '/api/provisioning/stats')).body).toMatchObject({ tasks: { queued: 1 }, total: 1 });
    expect((await api.admin('POST', `/api/provisioning/cancel/${queued.body.jobId}`)).status).toBe(202);
    expect((await api.admin('GET', '/api/provisioning/failed')).body).toMatchObject({ tasks: [], total: 0 });
    expect((await api.admin('DELETE', '/api/provisioning/failed')).body).toEqual({ removed: 0 });
  });

  it('streams the events of a job, and resumes after the last one seen', async () => {
    const [{ id }] = (await api.admin('GET', '/api/provisioning/tasks')).body.tasks as [{ id: string }];
    await api.dataSource.query(`UPDATE provisioning_tasks SET status = 'cancelled', completed_at = now()`);
    const stream = (last?: string) =>
      api.admin(
        'GET',
        `/api/provisioning/tasks/${id}/events`,
        undefined,
        last === undefined ? {} : { 'last-event-id': last },
      );
    const whole = await stream();
    expect(whole.headers.get('content-type')).toContain('text/event-stream');
    const ids = [...(whole.body as string).matchAll(/^id: (\d+)$/gm)].map((match) => match[1]!);
    expect(ids.length).toBeGreaterThanOrEqual(2);
    expect(whole.body).toContain('event: end');
    const rest = (await stream(ids[0])).body as string;
    expect([...rest.matchAll(/^id: (\d+)$/gm)].map((match) => match[1])).toEqual(expect.arrayContaining(ids.slice(1)));
    expect(rest).not.toMatch(new RegExp(`^id: ${ids[0]}$`, 'm'));
  });

  it('lists connections without secrets and tests them', async () => {
    const { body } = await api.admin('GET', '/api/admin/connections');
    expect(body).toMatchObject({ total: 1, data: [{ name: 'payments', plugin: 'memory' }] });
    expect(body.data[0]).not.toHaveProperty('secrets');
    const one = await api.admin('GET', `/api/admin/connections/${body.data[0].id}`);
    expect(one.body).toEqual(body.data[0]);
    expect(one.body.use).toMatchObject({ limits: {}, breaker: 'closed', failures: 0, openSince: null, waiting: 0 });
    expect((await api.admin('GET', '/api/admin/connections/019aa000-0000-7000-8000-000000000000')).status).toBe(404);
    const test = await api.admin('POST', `/api/admin/connections/${body.data[0].id}/test`);
    expect(test.body).toEqual({
      success: true,
      ports: [
        { port: 'payment', ok: true },
        { port: 'provisioner', ok: true },
      ],
    });
  });

  it('answers the same to the same Idempotency-Key, and does it once', async () => {
    const customerId = await customer('twice@shop.example');
    const body = { customerId, productId: 'basic', domain: 'twice.com' };
    const send = (key: string, more: object = {}) =>
      api.admin('POST', '/api/services', { ...body, ...more }, { 'idempotency-key': key });
    const first = await send('key-1');
    const second = await send('key-1');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await send('key-1', { domain: 'other.com' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect(await send('key-2')).toMatchObject({ status: 409, body: { code: 'domain-taken' } });
    expect(await send('key-2', { domain: 'free.com' })).toMatchObject({ status: 201 });
    expect(await send('bad key')).toMatchObject({ status: 400, body: { code: 'bad-idempotency-key' } });
    const many = await Promise.all(Array.from({ length: 10 }, () => send('key-3', { domain: 'many.com' })));
    expect(many.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
    expect(many.every(({ status, body: answer }) => status === 201 || answer.code === 'request-under-way')).toBe(true);
    const [row] = await api.dataSource.query<unknown[]>(
      `SELECT count(*)::int AS n FROM services WHERE domain IN ('twice.com', 'many.com')`,
    );
    expect(row).toEqual({ n: 2 });
    const kept = await api.dataSource.query<{ response: unknown }[]>('SELECT response FROM idempotency_keys');
    expect(JSON.stringify(kept)).not.toContain('twice.com');
  });

  it('limits public routes per address and says when to come back', async () => {
    const answers = [];
    for (let index = 0; index < 6; index += 1) answers.push(await api.call('GET', '/api/public/plans'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[0]?.headers.get('ratelimit-limit')).toBe('5');
    expect(answers[0]?.headers.get('ratelimit-remaining')).toBe('4');
    expect(Number(answers[0]?.headers.get('ratelimit-reset'))).toBeGreaterThan(800);
    expect(answers[5]?.body).toMatchObject({ status: 429, code: 'rate-limited', success: false });
    expect(Number(answers[5]?.headers.get('retry-after'))).toBeGreaterThan(800);
    const forwarded = await api.call('GET', '/api/public/plans', undefined, { 'x-forwarded-for': '192.0.2.1' });
    expect(forwarded.status).toBe(429);
    expect((await api.call('GET', '/api/health')).status).toBe(200);
  });

  it('gives login away to nobody, and says the same whatever was wrong', async () => {
    await api.dataSource.query(`UPDATE users SET failed_logins = 0`);
    const unknown = await api.call('POST', '/api/auth/login', { email: 'nobody@shop.example', password: 'x' });
    expect(unknown).toMatchObject({ status: 401, body: { code: 'login-refused' } });
    expect((await api.call('POST', '/api/auth/forgot-password', { email: 'nobody@shop.example' })).status).toBe(200);
    expect(
      (await api.call('POST', '/api/auth/reset-password', { token: 'x'.repeat(43), newPassword: 'long enough 1' }))
        .status,
    ).toBe(400);
    expect((await api.admin('GET', '/api/auth/me')).body).toEqual({
      user: null,
      role: 'admin',
      customerId: null,
      scopes: ['*'],
    });
  });

  it('describes itself', async () => {
    const page = await api.call('GET', '/docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const { status, body } = await api.call('GET', '/docs-json');
    expect(status).toBe(200);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/public/plans', '/api/provisioning/tasks/{id}/events', '/api/webhooks/{provider}']),
    );
    expect(body.components.schemas.PublicCheckoutDto.required).toEqual(['planId', 'email', 'successUrl', 'cancelUrl']);
    for (const asset of ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js'])
      expect((await api.call('GET', `/docs/${asset}`)).status).toBe(200);
    expect((await api.call('GET', '/docs/..%2f..%2fpackage.json')).status).toBe(404);
  });

  it('sends security headers with every answer', async () => {
    for (const path of ['/api/health', '/api/nothing', '/docs']) {
      const { headers } = await api.call('GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    }
  });
});
