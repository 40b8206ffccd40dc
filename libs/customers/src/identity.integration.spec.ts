import { createSecretKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@keelson/database';
import { SignJWT, UnsecuredJWT } from 'jose';
import { bootstrapToken, customersFixture, type CustomersFixture } from '../test/customers-fixture.js';
import type { ApiKeySpec } from './api-keys.service.js';
import { hasScope } from './principal.types.js';
import { User } from './user.entity.js';

let fixture: CustomersFixture;
let userId: string;

beforeAll(async () => {
  fixture = await customersFixture();
});
beforeEach(async () => {
  await fixture.clear();
  userId = await fixture.addUser('ops@example.com', 'operator');
});
afterAll(() => fixture.close());

const addKey = (spec: Partial<ApiKeySpec> = {}) =>
  fixture.apiKeys.create({ name: 'shop', userId, scopes: ['marketing'], ...spec });
const identify = (apiKey: string, ip?: string) => fixture.identity.identify({ apiKey, ip });

describe('API keys', () => {
  it('act for their user within their scopes, as bearer token too', async () => {
    const { key, apiKey } = await addKey();
    const expected = { kind: 'api-key', role: 'operator', scopes: ['marketing'], userId, apiKeyId: apiKey.id };
    expect(await identify(key)).toEqual(expected);
    const principal = await fixture.identity.identify({ bearer: key });
    expect(principal).toEqual(expected);
    expect(principal && [hasScope(principal, 'marketing'), hasScope(principal, 'billing')]).toEqual([true, false]);
  });

  it('are stored as a hash and shown once', async () => {
    const { key, apiKey } = await addKey();
    const rows = await fixture.dataSource.query<object[]>('SELECT * FROM api_keys');
    const secret = key.split('_')[3] ?? key;
    expect(JSON.stringify([rows, apiKey, await fixture.apiKeys.list(userId)])).not.toContain(secret);
    expect(Object.keys(apiKey)).not.toContain('secretHash');
  });

  it('are refused with another secret, when expired, when revoked, and when their user is disabled', async () => {
    const { key } = await addKey();
    const { key: other } = await addKey();
    const [head, tail] = [key.split('_').slice(0, 3), other.split('_').slice(3)];
    expect(await identify([...head, ...tail].join('_'))).toBeUndefined();
    const { key: short } = await addKey({ expiresAt: new Date('2026-03-01T12:01:00Z') });
    const { key: revoked, apiKey } = await addKey();
    await fixture.apiKeys.revoke(apiKey.id);
    expect(await identify(short)).toBeDefined();
    expect(await identify(revoked)).toBeUndefined();
    fixture.pass(60_000);
    expect(await identify(short)).toBeUndefined();
    await fixture.dataSource.manager.update(User, userId, { status: 'disabled' });
    expect(await identify(key)).toBeUndefined();
  });

  it('are accepted only from the addresses they are bound to', async () => {
    const { key } = await addKey({ allowedIps: ['192.0.2.10', '10.0.0.0/8', '2001:db8::/32'] });
    const accepted = await Promise.all(
      ['192.0.2.10', '10.9.8.7', '::ffff:10.1.1.1', '2001:db8::5', '192.0.2.11', '2001:db9::5', undefined].map(
        async (ip) => (await identify(key, ip)) !== undefined,
      ),
    );
    expect(accepted).toEqual([true, true, true, true, false, false, false]);
  });

  it('note their use at most once a minute', async () => {
    const { key } = await addKey();
    const lastUse = async () => (await fixture.apiKeys.list(userId))[0]?.lastUsedAt?.getTime();
    await identify(key);
    const first = await lastUse();
    fixture.pass(59_000);
    await identify(key);
    expect(await lastUse()).toBe(first);
    fixture.pass(1_000);
    await identify(key);
    expect(await lastUse()).toBe((first ?? 0) + 60_000);
  });

  it('cannot be made with bad addresses, no scope, or a time that is past', async () => {
    const wrong = { name: 'InvalidApiKeyError' };
    await expect(addKey({ allowedIps: ['example.com'] })).rejects.toMatchObject(wrong);
    await expect(addKey({ allowedIps: ['10.0.0.0/64'] })).rejects.toMatchObject(wrong);
    await expect(addKey({ scopes: [] })).rejects.toMatchObject(wrong);
    await expect(addKey({ expiresAt: new Date('2020-01-01') })).rejects.toMatchObject(wrong);
  });
});

describe('the bootstrap token', () => {
  it('has every right, in either header, and only whole', async () => {
    const all = { kind: 'bootstrap', role: 'admin', scopes: ['*'] };
    expect(await fixture.identity.identify({ bearer: bootstrapToken })).toEqual(all);
    expect(await identify(bootstrapToken)).toEqual(all);
    expect(await identify(bootstrapToken.slice(0, -1))).toBeUndefined();
  });
});

describe('session tokens', () => {
  const key = createSecretKey(Buffer.from('s'.repeat(32)));
  const sign = (
    change: { alg?: string; typ?: string; aud?: string; iss?: string; claims?: object; exp?: number } = {},
  ) =>
    new SignJWT({ ver: 0, ...change.claims })
      .setProtectedHeader({ alg: change.alg ?? 'HS256', typ: change.typ ?? 'at+jwt' })
      .setSubject(userId)
      .setIssuer(change.iss ?? 'keelson')
      .setAudience(change.aud ?? 'keelson-api')
      .setExpirationTime(change.exp ?? 1_900_000_000)
      .sign(key);

  it('are taken when everything about them is right', async () => {
    expect(await fixture.identity.identify({ bearer: await sign() })).toMatchObject({ kind: 'user', userId });
  });

  it.each([
    ['another algorithm', { alg: 'HS384' }],
    ['another type', { typ: 'JWT' }],
    ['another audience', { aud: 'somebody' }],
    ['another issuer', { iss: 'somebody' }],
    ['another version of the user', { claims: { ver: 1 } }],
    ['a version that is no number', { claims: { ver: '0' } }],
    ['a past expiry', { exp: 1_700_000_000 }],
  ])('are refused with %s', async (_, change) => {
    expect(await fixture.identity.identify({ bearer: await sign(change) })).toBeUndefined();
  });

  it('are refused unsigned, with another key, as API key, and as nonsense', async () => {
    const unsigned = new UnsecuredJWT({ ver: 0 })
      .setSubject(userId)
      .setIssuer('keelson')
      .setAudience('keelson-api')
      .setExpirationTime(1_900_000_000);
    const foreign = await new SignJWT({ ver: 0, sub: userId, iss: 'keelson', aud: 'keelson-api', exp: 1_900_000_000 })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(createSecretKey(Buffer.from('t'.repeat(32))));
    for (const bearer of [unsigned.encode(), foreign, 'nonsense', 'a.b.c', '']) {
      expect(await fixture.identity.identify({ bearer })).toBeUndefined();
    }
    expect(await identify(await sign())).toBeUndefined();
    expect(await fixture.identity.identify({})).toBeUndefined();
  });

  it('of a customer carry the customer', async () => {
    const buyer = await fixture.addUser('buyer@example.com');
    const customer = await fixture.customers.create({ name: 'Buyer', email: 'buyer@example.com' });
    await fixture.dataSource.query('UPDATE customers SET user_id = $1', [buyer]);
    const bearer = await fixture.tokens.issue({ id: buyer, tokenVersion: 0 });
    expect(await fixture.identity.identify({ bearer })).toMatchObject({ customerId: customer.id });
    expect(
      await fixture.identity.identify({ bearer: await fixture.tokens.issue({ id: newId(), tokenVersion: 0 }) }),
    ).toBeUndefined();
  });
});
