import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApiKeysService } from '@keelson/customers';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { accessKey, type AccessPolicy } from '../src/access/access.decorator.js';
import { bootstrapToken, startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    PUBLIC_RATE_LIMIT: '1000',
    MARKETING_TEST_MODE: 'true',
    MARKETING_OVERRIDE_CODE: 'let-me-try',
  });
}, 120_000);
afterAll(() => api?.close());

const password = 'a password of mine';
const intent = (email: string, domain: string, more: object = {}) => ({
  planSlug: 'basic',
  billingCycle: 'monthly',
  domain,
  domainMode: 'external',
  customer: { email, firstName: 'Ada', lastName: 'Example' },
  account: { password },
  testMode: true,
  promoCode: 'let-me-try',
  utm: { source: 'news' },
  ...more,
});

/** A customer with an active service, signed in. */
async function customer(email: string, domain: string) {
  const { body } = await api.admin('POST', '/api/marketing/checkout-intent', intent(email, domain));
  const login = await api.call('POST', '/api/auth/login', { email, password });
  const as = { authorization: `Bearer ${login.body.token}` };
  const services = await api.call('GET', '/api/services', undefined, as);
  const tasks = await api.call('GET', '/api/provisioning/tasks', undefined, as);
  return {
    as,
    customerId: body.customerId as string,
    serviceId: services.body.data[0].id as string,
    jobId: tasks.body.tasks[0].id as string,
    userId: login.body.user.id as string,
  };
}

describe('access', () => {
  it('is decided for every route there is', () => {
    const scanner = new MetadataScanner();
    const reflector = api.app.get(Reflector);
    const policies = api.app
      .get(DiscoveryService, { strict: false })
      .getControllers()
      .flatMap(({ metatype, instance }) =>
        scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object).flatMap((name) => {
          const handler = (instance as Record<string, unknown>)[name] as () => unknown;
          if (Reflect.getMetadata('path', handler) === undefined) return [];
          const policy = reflector.getAllAndOverride<AccessPolicy | undefined>(accessKey, [handler, metatype as never]);
          return [[`${(metatype as { name: string }).name}.${name}`, policy] as const];
        }),
      );
    expect(policies.length).toBeGreaterThan(30);
    expect(policies.filter(([, policy]) => policy === undefined)).toEqual([]);
    const open = policies.filter(([, policy]) => policy?.kind === 'public').map(([route]) => route);
    expect(open.sort()).toEqual([
      'AuthController.forgotPassword',
      'AuthController.login',
      'AuthController.resetPassword',
      'AuthV1Controller.login',
      'CheckoutController.checkout',
      'CheckoutController.createSession',
      'CheckoutController.session',
      'DocsController.asset',
      'DocsController.document',
      'DocsController.page',
      'DocsController.start',
      'HealthController.show',
      'HttpChallengesController.show',
      'LicencesController.validate',
      'PlansController.list',
      'PlansV1Controller.list',
      'WebhooksController.receive',
    ]);
  });

  it('needs a credential, in any of the three places', async () => {
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer nothing' },
      { authorization: 'Basic abc' },
      { 'x-api-key': 'kln_x' },
    ];
    for (const headers of wrong) {
      expect(await api.call('GET', '/api/customers', undefined, headers)).toMatchObject({
        status: 401,
        body: { code: 'unauthenticated' },
      });
    }
    expect(
      (await api.call('GET', '/api/customers', undefined, { authorization: `Bearer ${bootstrapToken}` })).status,
    ).toBe(200);
    expect((await api.call('GET', '/api/customers', undefined, { 'x-api-key': bootstrapToken })).status).toBe(200);
  });

  it('shows customers their own rows and nobody else’s', async () => {
    const [ada, eve] = [
      await customer('ada@shop.example', 'ada-shop.com'),
      await customer('eve@shop.example', 'eve-shop.com'),
    ];
    for (const path of [
      `/api/services/${ada.serviceId}`,
      `/api/customers/${ada.customerId}`,
      `/api/provisioning/tasks/${ada.jobId}`,
      `/api/provisioning/tasks/${ada.jobId}/events`,
    ]) {
      expect(await api.call('GET', path, undefined, eve.as)).toMatchObject({ status: 404 });
      if (!path.endsWith('/events'))
        expect(await api.call('GET', path, undefined, ada.as)).toMatchObject({ status: 200 });
    }
    expect((await api.call('PATCH', `/api/customers/${ada.customerId}`, { name: 'Eve' }, eve.as)).status).toBe(404);
    expect((await api.call('GET', '/api/customers', undefined, eve.as)).body).toMatchObject({
      total: 1,
      data: [{ email: 'eve@shop.example' }],
    });
    for (const path of ['/api/services', '/api/provisioning/tasks'])
      expect((await api.call('GET', path, undefined, eve.as)).body.total).toBe(1);
    const order = { serviceId: ada.serviceId, customerId: ada.customerId, productId: 'basic', domain: 'ada-shop.com' };
    expect(await api.call('POST', '/api/provisioning/provision', order, eve.as)).toMatchObject({
      status: 403,
      body: { code: 'foreign-service' },
    });
    expect(await api.call('POST', '/api/provisioning/provision', order, ada.as)).toMatchObject({
      status: 409,
      body: { jobId: ada.jobId },
    });
  });

  it('keeps customers from what is for staff', async () => {
    const mallory = await customer('mallory@shop.example', 'mallory-shop.com');
    const tries: [string, string, unknown?][] = [
      ['POST', '/api/customers', { name: 'X', email: 'x@shop.example' }],
      ['POST', '/api/services', { customerId: mallory.customerId, productId: 'premium', domain: 'more.com' }],
      ['POST', `/api/provisioning/retry/${mallory.jobId}`],
      ['POST', `/api/provisioning/cancel/${mallory.jobId}`],
      ['GET', '/api/provisioning/stats'],
      ['GET', '/api/provisioning/failed'],
      ['DELETE', '/api/provisioning/failed'],
      ['GET', '/api/admin/connections'],
      ['POST', '/api/marketing/checkout-intent', intent('y@shop.example', 'y.com')],
      ['PATCH', `/api/customers/${mallory.customerId}`, { status: 'active' }],
    ];
    for (const [method, path, body] of tries) {
      expect([path, (await api.call(method, path, body, mallory.as)).status]).toEqual([path, 403]);
    }
  });

  it('lets an API key do what its scopes say, until it is revoked', async () => {
    const admin = await api.dataSource.query<{ id: string }[]>(
      `INSERT INTO users (id, email, password_hash, role) VALUES (gen_random_uuid(), 'boss@shop.example', 'x', 'admin') RETURNING id`,
    );
    const made = await api.admin('POST', '/api/api-keys', {
      name: 'shop',
      scopes: ['marketing'],
      userId: admin[0]!.id,
    });
    expect(made.status).toBe(201);
    const key = { 'x-api-key': made.body.data.key as string };
    expect(
      (await api.call('POST', '/api/marketing/checkout-intent', intent('key@shop.example', 'key-shop.com'), key))
        .status,
    ).toBe(201);
    expect((await api.call('GET', '/api/customers', undefined, key)).status).toBe(403);
    expect(
      (await api.call('GET', '/api/customers', undefined, { authorization: `Bearer ${key['x-api-key']}` })).status,
    ).toBe(403);
    expect(JSON.stringify(await api.app.get(ApiKeysService).list(admin[0]!.id))).not.toContain(key['x-api-key']);
    expect((await api.admin('DELETE', `/api/api-keys/${made.body.data.id}`)).status).toBe(204);
    expect(
      (await api.call('POST', '/api/marketing/checkout-intent', intent('k2@shop.example', 'k2.com'), key)).status,
    ).toBe(401);
  });

  it('takes test orders only with the code', async () => {
    const wrong = await api.admin(
      'POST',
      '/api/marketing/checkout-intent',
      intent('t@shop.example', 't-shop.com', { promoCode: 'guess' }),
    );
    expect(wrong).toMatchObject({ status: 403, body: { code: 'test-mode-refused', success: false } });
    const real = await api.admin(
      'POST',
      '/api/marketing/checkout-intent',
      intent('t@shop.example', 't-shop.com', { testMode: false, promoCode: undefined }),
    );
    expect(real).toMatchObject({ status: 201, body: { success: true, testMode: false } });
    expect(real.body).toMatchObject({
      sessionId: expect.stringMatching(/^checkout_/),
      subscriptionId: expect.stringMatching(/^sub_/),
      customerId: expect.stringMatching(/^cust_/),
    });
  });

  it('takes orders of foreign origins nowhere', async () => {
    const body = { planId: 'basic', billingCycle: 'monthly', customer: { name: 'A', email: 'o@shop.example' } };
    const foreign = await api.call('POST', '/api/checkout/create-session', body, { origin: 'https://evil.example' });
    expect(foreign).toMatchObject({ status: 403, body: { code: 'origin-refused' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const own = await api.call('POST', '/api/checkout/create-session', body, { origin: 'https://www.shop.example' });
    expect(own).toMatchObject({ status: 200, body: { success: true, sessionId: expect.any(String) } });
    expect(own.headers.get('access-control-allow-origin')).toBe('https://www.shop.example');
  });
});
