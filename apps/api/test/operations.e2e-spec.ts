import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ConnectionsService } from '@keelson/catalogue';
import { fromPublicId } from '@keelson/database';
import { ServersService } from '@keelson/hosting';
import { TaskRunner, UsageCollector } from '@keelson/provisioning';
import { type Answer, startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    PUBLIC_RATE_LIMIT: '1000',
    MARKETING_TEST_MODE: 'true',
    MARKETING_OVERRIDE_CODE: 'let-me-try',
  });
  const connection = await api.app.get(ConnectionsService).put({ name: 'panel', plugin: 'memory', settings: {} });
  await api.app.get(ServersService).put({ name: 'web1', connectionId: connection.id, capacity: 100 });
}, 120_000);
afterAll(() => api?.close());

/** Works the job as a worker would. Answers its state. */
async function work(jobId: string): Promise<string> {
  await api.app.get(TaskRunner).drive(fromPublicId('job', jobId));
  return (await api.admin('GET', `/api/provisioning/tasks/${jobId}`)).body.status;
}

let orders = 0;

/** A customer, signed in, with an active service. */
async function customer() {
  orders += 1;
  const [email, domain] = [`c${orders}@shop.example`, `shop-${orders}.com`];
  await api.admin('POST', '/api/marketing/checkout-intent', {
    planSlug: 'basic',
    billingCycle: 'monthly',
    domain,
    domainMode: 'external',
    customer: { email, firstName: 'Ada', lastName: 'Example' },
    account: { password: 'a password of mine' },
    testMode: true,
    promoCode: 'let-me-try',
    utm: {},
  });
  const login = await api.call('POST', '/api/auth/login', { email, password: 'a password of mine' });
  const as = { authorization: `Bearer ${login.body.token}` };
  const { body } = await api.call('GET', '/api/provisioning/tasks', undefined, as);
  const [{ id: jobId, serviceId }] = body.tasks;
  expect(await work(jobId)).toBe('completed');
  const account = () => [...api.panel.accounts.values()].find((one) => one.domain === domain)!;
  return { as, serviceId: serviceId as string, account };
}

/** Asks as staff, works the job. */
async function done(serviceId: string, operation: string, body?: object): Promise<Answer> {
  const answer = await api.admin('POST', `/api/services/${serviceId}/${operation}`, body);
  expect(answer).toMatchObject({ status: 202, body: { jobId: expect.stringMatching(/^job_/), operation, serviceId } });
  expect(await work(answer.body.jobId)).toBe('completed');
  return answer;
}

const reason = 'The invoice is overdue.';

describe('operations on services', () => {
  it('suspends and unsuspends by jobs that say what they are for', async () => {
    const { serviceId, account } = await customer();
    const { body } = await done(serviceId, 'suspend', { reason });
    expect(account().state).toBe('suspended');
    expect((await api.admin('GET', `/api/services/${serviceId}`)).body.data).toMatchObject({
      status: 'suspended',
      suspendReason: reason,
      suspendHold: true,
    });
    expect((await api.admin('GET', `/api/provisioning/tasks/${body.jobId}`)).body).toMatchObject({
      operation: 'suspend',
      recipe: 'service.suspend',
      steps: { suspend_account: 'completed' },
    });
    await done(serviceId, 'unsuspend');
    expect(account().state).toBe('active');
  });

  it('tells what it would do, and does nothing', async () => {
    const { serviceId, account } = await customer();
    const answer = await api.admin('POST', `/api/services/${serviceId}/suspend`, { reason, dryRun: true });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        dryRun: true,
        operation: 'suspend',
        steps: [
          { step: 'suspend_account', outcome: 'act', connection: 'panel', calls: [{ method: 'suspendAccount' }] },
          { step: 'list_mailboxes', outcome: 'skip' },
          { step: 'suspend_mailboxes', outcome: 'skip' },
        ],
      },
    });
    expect(account().state).toBe('active');
    expect((await api.admin('GET', '/api/provisioning/tasks?limit=1')).body.tasks[0].operation).toBe('provision');
  });

  it('answers the same to the same Idempotency-Key, and 409 with the open job to another request', async () => {
    const { serviceId } = await customer();
    const ask = (key: string) =>
      api.admin('POST', `/api/services/${serviceId}/suspend`, { reason }, { 'idempotency-key': key });
    const first = await ask('one');
    expect((await ask('one')).body).toEqual(first.body);
    expect(await ask('two')).toMatchObject({
      status: 409,
      body: { code: 'job-conflict', jobId: first.body.jobId, success: false },
    });
    expect(await work(first.body.jobId)).toBe('completed');
    expect(await api.admin('POST', `/api/services/${serviceId}/change-password`)).toMatchObject({
      status: 409,
      body: { code: 'wrong-state' },
    });
  });

  it('changes package and password, mails access data, makes again what is missing', async () => {
    const { serviceId, account } = await customer();
    await done(serviceId, 'change-package', { productId: 'premium' });
    expect(account().package).toBe('premium');
    const answer = await done(serviceId, 'change-password', { password: 'Chosen-by-Ada-1815' });
    expect(JSON.stringify(answer.body)).not.toContain('Chosen');
    expect(account().password).toBe('Chosen-by-Ada-1815');
    await done(serviceId, 'resend-credentials');
    const { username } = account();
    api.panel.accounts.delete(username);
    await done(serviceId, 'reprovision');
    expect(account()).toMatchObject({ username, package: 'premium', password: 'Chosen-by-Ada-1815' });
  });

  it('lets customers do what is theirs, to their own services', async () => {
    const [ada, eve] = [await customer(), await customer()];
    for (const operation of ['change-password', 'resend-credentials']) {
      const answer = await api.call('POST', `/api/services/${ada.serviceId}/${operation}`, {}, ada.as);
      expect([operation, answer.status]).toEqual([operation, 202]);
      expect(await work(answer.body.jobId)).toBe('completed');
      const other = await api.call('POST', `/api/services/${ada.serviceId}/${operation}`, {}, eve.as);
      expect([operation, other.status]).toEqual([operation, 404]);
    }
    for (const [operation, body] of [
      ['suspend', { reason }],
      ['unsuspend', {}],
      ['change-package', { productId: 'premium' }],
      ['reprovision', {}],
    ] as const) {
      const answer = await api.call('POST', `/api/services/${ada.serviceId}/${operation}`, body, ada.as);
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 403, 'forbidden']);
    }
    const bulk = { operation: 'suspend', input: { reason }, ids: [ada.serviceId], dryRun: true };
    expect((await api.call('POST', '/api/services/bulk', bulk, ada.as)).status).toBe(403);
  });

  it('opens the panel for its owner, and for nobody else', async () => {
    const [ada, eve] = [await customer(), await customer()];
    const link = await api.call('POST', `/api/services/${ada.serviceId}/login-link`, {}, ada.as);
    expect(link).toMatchObject({ status: 201, body: { url: expect.stringContaining(ada.account().username) } });
    expect(link.headers.get('cache-control')).toBe('no-store');
    expect((await api.call('POST', `/api/services/${ada.serviceId}/login-link`, {}, eve.as)).status).toBe(404);
    const log = await api.dataSource.query<unknown[]>(`SELECT * FROM audit_log WHERE action LIKE '%sign_on%'`);
    expect(log).toHaveLength(1);
    expect(JSON.stringify(log)).not.toContain('session=');
    await done(ada.serviceId, 'suspend', { reason });
    expect(await api.call('POST', `/api/services/${ada.serviceId}/login-link`, {}, ada.as)).toMatchObject({
      status: 409,
      body: { code: 'wrong-state' },
    });
  });

  it('shows what a service uses', async () => {
    const [ada, eve] = [await customer(), await customer()];
    const path = `/api/services/${ada.serviceId}/usage`;
    expect((await api.call('GET', path, undefined, ada.as)).body).toMatchObject({ data: null, history: [] });
    await api.dataSource.query(`UPDATE usage_collections SET due_at = now()`);
    expect(await api.app.get(UsageCollector).collectDue()).toBe(1);
    const figures = { diskMb: 12, diskLimitMb: 10_240, bandwidthMb: 34, mailboxes: null };
    expect((await api.call('GET', path, undefined, ada.as)).body).toMatchObject({ data: figures, history: [figures] });
    expect((await api.call('GET', path, undefined, eve.as)).status).toBe(404);
  });

  it('measures what a service uses when an operator asks', async () => {
    const ada = await customer();
    const path = `/api/services/${ada.serviceId}/usage`;
    const operator = await key('operator');
    expect((await api.call('POST', path, undefined, ada.as)).status).toBe(403);
    const figures = { diskMb: 12, diskLimitMb: 10_240, bandwidthMb: 34, mailboxes: null };
    const measured = await api.call('POST', path, undefined, operator);
    expect(measured).toMatchObject({ status: 200, body: { data: figures, history: [figures] } });
    expect((await api.call('POST', path, undefined, operator)).body.history).toHaveLength(1);
    const unknown = '/api/services/srv_0000000000000000000000/usage';
    expect((await api.call('POST', unknown, undefined, operator)).status).toBe(404);
  });

  it('spares exempt services and keeps what is on hold', async () => {
    const { serviceId } = await customer();
    const admin = await key('admin');
    const operator = await key('operator');
    const path = `/api/services/${serviceId}`;
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const exemption = { until, reason: 'Pays by wire.' };
    expect((await api.call('PUT', `${path}/suspend-exemption`, exemption, operator)).status).toBe(204);
    const refused = await api.call('POST', `${path}/suspend`, { reason }, operator);
    expect(refused).toMatchObject({ status: 409, body: { code: 'service-exempt' } });
    expect((await api.call('DELETE', `${path}/suspend-exemption`, undefined, operator)).status).toBe(204);
    const suspended = await api.call('POST', `${path}/suspend`, { reason }, operator);
    expect(await work(suspended.body.jobId)).toBe('completed');
    const held = await api.call('POST', `${path}/unsuspend`, {}, operator);
    expect(held).toMatchObject({ status: 409, body: { code: 'service-held' } });
    expect((await api.call('DELETE', `${path}/suspend-hold`, undefined, operator)).status).toBe(403);
    expect((await api.call('DELETE', `${path}/suspend-hold`, undefined, admin)).status).toBe(204);
    expect((await api.call('POST', `${path}/unsuspend`, {}, operator)).status).toBe(202);
  });

  describe('in bulk', () => {
    it('tells first, then asks for each, and says which were refused', async () => {
      const [ada, eve] = [await customer(), await customer()];
      await done(eve.serviceId, 'suspend', { reason });
      const ids = [ada.serviceId, eve.serviceId, 'srv_00000000000000000000000000'];
      const request = { operation: 'change-password', ids };
      const plan = await api.admin('POST', '/api/services/bulk', { ...request, dryRun: true });
      expect(plan).toMatchObject({
        status: 200,
        body: {
          total: 3,
          accepted: 1,
          refused: 2,
          results: [
            { serviceId: ada.serviceId, plan: { steps: [{ step: 'set_password' }, { step: 'send_credentials' }] } },
            { serviceId: eve.serviceId, problem: { status: 409, code: 'wrong-state' } },
            { problem: { status: 404, code: 'service-not-found' } },
          ],
        },
      });
      const open = 'SELECT count(*)::int AS open FROM provisioning_tasks WHERE status = $1';
      expect(await api.dataSource.query(open, ['queued'])).toEqual([{ open: expect.any(Number) }]);
      const real = await api.admin('POST', '/api/services/bulk', { ...request, dryRun: false });
      expect(real).toMatchObject({ status: 202, body: { accepted: 1, refused: 2 } });
      expect(await work(real.body.results[0].jobId)).toBe('completed');
    });

    it('chooses services by what they are', async () => {
      const { as, serviceId } = await customer();
      const { customerId } = (await api.call('GET', `/api/services/${serviceId}`, undefined, as)).body.data;
      const request = {
        operation: 'suspend',
        input: { reason },
        filter: { customerId, status: 'active' },
        dryRun: true,
      };
      const { body } = await api.admin('POST', '/api/services/bulk', request);
      expect(body).toMatchObject({ total: 1, results: [{ serviceId }] });
    });

    it.each([
      [{ operation: 'suspend', ids: ['srv_x'] }, 'dryRun'],
      [{ operation: 'suspend', ids: ['nonsense'], dryRun: true }, 'ids.0'],
      [{ operation: 'suspend', ids: [], dryRun: true }, 'ids'],
      [{ operation: 'explode', ids: ['srv_x'], dryRun: true }, 'operation'],
      [{ operation: 'suspend', dryRun: true }, 'filter'],
      [{ operation: 'suspend', filter: {}, dryRun: true }, 'filter'],
      [{ operation: 'suspend', filter: { status: 'odd' }, dryRun: true }, 'filter.status'],
      [{ operation: 'suspend', filter: { customerId: 'prod_1' }, dryRun: true }, 'filter.customerId'],
      [{ operation: 'suspend', filter: { all: true }, dryRun: true }, 'filter.all'],
      [{ operation: 'suspend', ids: Array.from({ length: 201 }, (_, n) => uuid(n)), dryRun: true }, 'filter'],
    ])('refuses %j', async (body, path) => {
      const answer = await api.admin('POST', '/api/services/bulk', body);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    });
  });

  it('refuses bad input, and stores nothing', async () => {
    const { serviceId } = await customer();
    const tries: [string, unknown, number, string][] = [
      ['suspend', undefined, 400, 'validation-failed'],
      ['suspend', {}, 400, 'validation-failed'],
      ['suspend', { reason: '' }, 400, 'validation-failed'],
      ['suspend', { reason, extra: 1 }, 400, 'validation-failed'],
      ['suspend', { reason: 'a\u0000b' }, 400, 'validation-failed'],
      ['suspend', { reason: '\ud800' }, 400, 'validation-failed'],
      ['suspend', { reason, dryRun: 'yes' }, 400, 'validation-failed'],
      ['suspend', [], 400, 'validation-failed'],
      ['suspend', '"text"', 400, 'validation-failed'],
      ['change-package', { productId: 'premium', packageName: 'x' }, 400, 'validation-failed'],
      ['change-package', { productId: 'unheard-of' }, 400, 'unknown-plan'],
      ['change-package', { productId: { $ne: 1 } }, 400, 'validation-failed'],
      ['change-password', { password: 'short' }, 400, 'validation-failed'],
      ['explode', {}, 404, 'unknown-operation'],
      ['change_password', {}, 404, 'unknown-operation'],
      ['constructor', {}, 404, 'unknown-operation'],
      ['__proto__', {}, 404, 'unknown-operation'],
      ['unsuspend', {}, 409, 'wrong-state'],
    ];
    for (const [operation, body, status, code] of tries) {
      const answer = await api.admin('POST', `/api/services/${serviceId}/${operation}`, body);
      expect([operation, body, answer.status, answer.body.code]).toEqual([operation, body, status, code]);
    }
    const nobody = 'srv_00000000000000000000000000';
    expect((await api.admin('POST', `/api/services/${nobody}/suspend`, { reason })).status).toBe(404);
    expect((await api.admin('POST', '/api/services/x/suspend', { reason })).status).toBe(404);
    for (const body of [
      {},
      { until: 'soon', reason },
      { until: '2001-01-01T00:00:00Z', reason },
      { until: '2099-01-01' },
    ]) {
      expect((await api.admin('PUT', `/api/services/${serviceId}/suspend-exemption`, body)).status).toBe(400);
    }
    const tasks = await api.dataSource.query<unknown[]>('SELECT 1 FROM provisioning_tasks WHERE service_id = $1', [
      fromPublicId('srv', serviceId),
    ]);
    expect(tasks).toHaveLength(1);
  });

  it('is described, operation by operation', async () => {
    const { status, body } = await api.call('GET', '/docs-json');
    expect(status).toBe(200);
    const { paths } = body;
    expect(paths['/api/services/{id}/{operation}']).toBeUndefined();
    const { post } = paths['/api/services/{id}/suspend'];
    expect(post.summary).toContain('Closes a service');
    expect(post.requestBody.content['application/json'].schema).toMatchObject({
      required: ['reason'],
      properties: { reason: { type: 'string' }, hold: { type: 'boolean' }, dryRun: { type: 'boolean' } },
    });
  });
});

/** A UUID, for lists that are too long. */
function uuid(n: number): string {
  return `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

/** Headers of a key of a user in that role. */
async function key(role: 'admin' | 'operator') {
  const [user] = await api.dataSource.query<{ id: string }[]>(
    `INSERT INTO users (id, email, password_hash, role) VALUES (gen_random_uuid(), gen_random_uuid() || $1, 'x', $2) RETURNING id`,
    ['@shop.example', role],
  );
  const made = await api.admin('POST', '/api/api-keys', { name: role, scopes: ['services'], userId: user!.id });
  return { 'x-api-key': made.body.data.key as string };
}
