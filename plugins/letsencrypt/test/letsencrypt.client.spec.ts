import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { flattenedVerify, importJWK, type FlattenedJWS, type JWK } from 'jose';
import { accountOf, adapterWith, KeptState } from './acme-environment.js';

interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

type Reply = [status: number, body: unknown, headers?: Record<string, string>];

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An authority that answers signed requests as told and everything else as it should. */
async function authority(answer: (path: string, count: number, base: string) => Reply) {
  const seen: Seen[] = [];
  let base = '';
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body });
      const posts = seen.filter((one) => one.method === 'POST').length;
      const [status, value, extra] =
        url === '/directory'
          ? [
              200,
              Object.fromEntries(['newNonce', 'newAccount', 'newOrder', 'revokeCert'].map((n) => [n, `${base}/${n}`])),
            ]
          : url === '/newNonce'
            ? [204, '', { 'replay-nonce': `first-${seen.length}` }]
            : answer(url, posts, base);
      response.writeHead(status, { 'replay-nonce': `after-${posts}`, ...extra });
      response.end(status === 204 ? undefined : typeof value === 'string' ? value : JSON.stringify(value));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, posts: () => seen.filter(({ method }) => method === 'POST'), directoryUrl: `${base}/directory` };
}

const accountPage: Reply = [200, { status: 'valid' }];
const registered = (base: string): Reply => [201, { status: 'valid' }, { location: `${base}/acct/1` }];
const problem = (type: string, status = 400): Reply => [
  status,
  { type: `urn:ietf:params:acme:error:${type}`, detail: 'no', status },
];

function headerOf(body: string): Record<string, unknown> {
  const { protected: header = '' } = JSON.parse(body) as FlattenedJWS;
  return JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, unknown>;
}

describe('requests', () => {
  it('are signed with the kept key: first with the key itself, then with the account', async () => {
    const { directoryUrl, posts } = await authority((path, _n, base) =>
      path === '/newAccount' ? registered(base) : accountPage,
    );
    const state = new KeptState();
    await adapterWith({ directoryUrl }, state).testConnection();
    const [first, second] = posts();
    expect(first?.headers).toMatchObject({
      'content-type': 'application/jose+json',
      'user-agent': expect.stringMatching(/^keelson-plugin-letsencrypt\//),
    });
    const { jwk, ...header } = headerOf(first?.body ?? '') as { jwk: JWK };
    expect(header).toEqual({ alg: 'ES256', nonce: 'first-2', url: directoryUrl.replace('directory', 'newAccount') });
    expect(Object.keys(jwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);
    const { payload } = await flattenedVerify(
      JSON.parse(first?.body ?? '') as FlattenedJWS,
      await importJWK(jwk, 'ES256'),
    );
    expect(JSON.parse(Buffer.from(payload).toString('utf8'))).toEqual({
      termsOfServiceAgreed: true,
      contact: ['mailto:hostmaster@example.com'],
    });
    const kid = directoryUrl.replace('directory', 'acct/1');
    expect(headerOf(second?.body ?? '')).toEqual({ alg: 'ES256', nonce: 'after-1', url: kid, kid });
    expect(JSON.parse(second?.body ?? '')).toMatchObject({ payload: '' });
    expect(JSON.parse(state.find('account-key') ?? '{}')).toMatchObject({ x: jwk.x, y: jwk.y });
  });

  it('are sent again with the new nonce when theirs is refused', async () => {
    const { directoryUrl, posts } = await authority((path, n, base) =>
      n < 4 ? problem('badNonce') : path === '/newAccount' ? registered(base) : accountPage,
    );
    await adapterWith({ directoryUrl }).testConnection();
    expect(posts().map(({ body }) => headerOf(body)['nonce'])).toEqual([
      ...['first-2', 'after-1', 'after-2', 'after-3', 'after-4'],
    ]);
  });

  it('are given up as unavailable when every nonce is refused', async () => {
    const { directoryUrl, posts } = await authority(() => problem('badNonce'));
    await expect(adapterWith({ directoryUrl }).testConnection()).rejects.toMatchObject({ code: 'unavailable' });
    expect(posts()).toHaveLength(6);
  });

  it('are sent once, whatever else the answer is, and wait for nothing', async () => {
    for (const [reply, code] of [
      [problem('serverInternal', 500), 'unavailable'],
      [[503, '', { 'retry-after': '3600' }], 'unavailable'],
      [[429, problem('rateLimited', 429)[1], { 'retry-after': '3600' }], 'rate-limited'],
      [problem('unauthorized', 403), 'invalid-config'],
    ] as [Reply, string][]) {
      const { directoryUrl, posts } = await authority(() => reply);
      const started = performance.now();
      await expect(adapterWith({ directoryUrl }).testConnection()).rejects.toMatchObject({ code });
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(posts()).toHaveLength(1);
    }
  });

  it('go nowhere but to the authority', async () => {
    const { directoryUrl, posts } = await authority((path, _n, base) =>
      path === '/newAccount' ? [201, { status: 'valid' }, { location: 'http://127.0.0.2:1/acct' }] : registered(base),
    );
    const failure = adapterWith({ directoryUrl }).testConnection();
    await expect(failure).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('127.0.0.2'),
    });
    expect(posts()).toHaveLength(1);
  });
});

describe('the account', () => {
  it('that was closed is invalid-config', async () => {
    const { directoryUrl } = await authority((path, _n, base) =>
      path === '/newAccount' ? registered(base) : [200, { status: 'deactivated' }],
    );
    await expect(adapterWith({ directoryUrl }).testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
  });

  it('is one key, whoever makes it first', async () => {
    const { directoryUrl } = await authority((path, _n, base) =>
      path === '/newAccount' ? registered(base) : accountPage,
    );
    const state = new KeptState();
    const thumbprints = await Promise.all(
      [1, 2, 3, 4].map(() => accountOf({ directoryUrl }, state).account.thumbprint()),
    );
    expect(new Set(thumbprints).size).toBe(1);
  });

  it('of another authority is another', async () => {
    const state = new KeptState();
    for (let n = 0; n < 2; n += 1) {
      const { directoryUrl } = await authority((path, _n, base) =>
        path === '/newAccount' ? registered(base) : accountPage,
      );
      await adapterWith({ directoryUrl }, state).testConnection();
    }
    expect([...state.values.keys()].filter((name) => name.endsWith(':account-key'))).toHaveLength(2);
  });
});
