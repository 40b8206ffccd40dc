import { randomBytes } from 'node:crypto';
import { canonicalCertificateNames, isPortError } from '@keelson/core';
import { refuseBeyondLimits } from './acme-limits.js';
import { AcmeRefusal } from './acme-problem.js';
import type { AcmeServer, AcmeWorld, SignedRequest } from './acme-server.js';
import { setOf, type Authorization, type Order } from './acme-store.js';
import { lookForChallenge } from './challenge-looks.js';

const day = 86_400_000;
/** What an order that is not done asks its client to wait. Boulder says 3; everything here is done by then. */
export const askAgainSeconds = 1;

/** Orders, authorizations and challenges (RFC 8555 §7.4, §7.5). */
export function serveOrders(server: AcmeServer, world: AcmeWorld): void {
  const { store, now, later, lookup } = world;

  server.post('/acme/new-order', 'required', async ({ request, reply, payload, account, base }) => {
    if (request.fault?.kind === 'exhausted') {
      throw new AcmeRefusal(
        429,
        'rateLimited',
        'too many new orders (300) from this account in the last 3h0m0s',
        3_600,
      );
    }
    const accountId = account?.id ?? '';
    const names = namesIn(payload);
    request.subject = names.join(' ');
    const { profile, replaces } = (payload ?? {}) as { profile?: string; replaces?: string };
    if (profile !== undefined && !['classic', 'tlsserver', 'shortlived'].includes(profile)) {
      throw new AcmeRefusal(400, 'invalidProfile', `Profile "${profile}" is not a recognized profile name`);
    }
    const at = now().getTime();
    // Boulder hands out an order that is still open instead of a second one.
    const open = store
      .ordersOf(accountId)
      .find(
        (one) => ['pending', 'ready'].includes(one.status) && one.expires > at && setOf(one.names) === setOf(names),
      );
    if (open === undefined) {
      if (replaces === undefined) refuseBeyondLimits(store, accountId, names, at);
      else checkReplaced(world, accountId, names, replaces);
    }
    const order: Order = open ?? {
      id: store.newId(),
      accountId,
      names,
      status: 'pending',
      createdAt: at,
      expires: at + 7 * day,
      authorizations: names.map((name) => authorizationFor(world, accountId, name, profile).id),
      ...(profile === undefined ? {} : { profile }),
      ...(replaces === undefined ? {} : { replaces }),
    };
    if (open === undefined) {
      const states = order.authorizations.map((id) => store.state.authorizations[id]?.status);
      if (states.every((status) => status === 'valid')) order.status = 'ready';
      store.state.orders[order.id] = order;
      request.changed = true;
      store.save();
    }
    reply.code(201).header('location', orderUrl(base, order));
    return orderPage(base, order);
  });

  server.post('/acme/order/:account/:id', 'required', async (signed) => {
    const order = orderIn(world, signed);
    if (order.status !== 'valid') signed.reply.header('retry-after', String(askAgainSeconds));
    return orderPage(signed.base, order);
  });

  server.post('/acme/authz/:id', 'required', async ({ request, account, base }) => {
    const { id } = request.params as { id: string };
    const authorization = ownAuthorization(world, id, account?.id);
    request.subject = authorization.domain;
    return authorizationPage(base, authorization);
  });

  server.post('/acme/chall/:authorization/:id', 'required', async ({ request, reply, payload, account, base }) => {
    const { authorization: of, id } = request.params as { authorization: string; id: string };
    const authorization = ownAuthorization(world, of, account?.id);
    const challenge = authorization.challenges.find((one) => one.id === id);
    if (challenge === undefined) throw new AcmeRefusal(404, 'malformed', 'Expired authorization');
    request.subject = authorization.domain;
    reply.header('link', `<${base}/acme/authz/${of}>;rel="up"`);
    if (payload !== undefined && authorization.status === 'pending') {
      request.changed = true;
      later(() => lookForChallenge(store, authorization, challenge, lookup, now()));
    }
    return challengePage(base, authorization, challenge.id);
  });
}

/** The order that a path names. Boulder's answer for somebody else's order is the same as for none. */
export function orderIn({ store, now }: AcmeWorld, { request, account }: SignedRequest): Order {
  const { account: of, id } = request.params as { account: string; id: string };
  const order = store.state.orders[id];
  const expired = order !== undefined && order.status !== 'valid' && order.expires <= now().getTime();
  if (order === undefined || expired || order.accountId !== of || of !== account?.id) {
    throw new AcmeRefusal(404, 'malformed', `No order found for account ID ${of}`);
  }
  request.subject = order.names.join(' ');
  return order;
}

export function orderUrl(base: string, { id, accountId }: Order): string {
  return `${base}/acme/order/${accountId}/${id}`;
}

export function orderPage(base: string, order: Order): object {
  const { id, accountId, status, expires, names, authorizations, certificate, error, profile } = order;
  return {
    status,
    expires: new Date(expires).toISOString(),
    identifiers: names.map((value) => ({ type: 'dns', value })),
    authorizations: authorizations.map((one) => `${base}/acme/authz/${one}`),
    finalize: `${base}/acme/finalize/${accountId}/${id}`,
    ...(profile === undefined ? {} : { profile }),
    ...(certificate === undefined ? {} : { certificate: `${base}/acme/cert/${certificate}` }),
    ...(error === undefined ? {} : { error }),
  };
}

function namesIn(payload: Record<string, unknown> | undefined): string[] {
  const identifiers = Array.isArray(payload?.['identifiers']) ? (payload['identifiers'] as unknown[]) : [];
  const names = identifiers.map((one) => {
    const { type, value } = (one ?? {}) as { type?: unknown; value?: unknown };
    if (type !== 'dns' || typeof value !== 'string')
      throw new AcmeRefusal(400, 'unsupportedIdentifier', 'Not a dns name');
    return value;
  });
  try {
    const canonical = canonicalCertificateNames({ domains: names, method: 'dns-01' });
    if (setOf(canonical) === setOf(names)) return names;
  } catch (thrown) {
    if (!isPortError(thrown)) throw thrown;
    throw new AcmeRefusal(400, 'rejectedIdentifier', `Cannot issue for "${names[0]}": ${thrown.message}`);
  }
  throw new AcmeRefusal(400, 'malformed', 'Domain name is redundant with a wildcard domain in the same request');
}

function checkReplaced({ store }: AcmeWorld, accountId: string, names: readonly string[], replaces: string): void {
  const replaced = Object.values(store.state.certificates).find(({ renewalId }) => renewalId === replaces);
  if (replaced === undefined) throw new AcmeRefusal(404, 'malformed', 'could not find certificate to replace');
  if (replaced.accountId !== accountId) {
    throw new AcmeRefusal(403, 'unauthorized', 'requester account did not request the certificate being replaced');
  }
  if (replaced.renewed) throw new AcmeRefusal(409, 'alreadyReplaced', 'certificate was already replaced');
  if (!names.some((name) => replaced.names.includes(name))) {
    throw new AcmeRefusal(400, 'malformed', 'identifiers in this order do not match those of the replaced certificate');
  }
}

/** One that is valid already or still open serves again. */
function authorizationFor({ store, now }: AcmeWorld, accountId: string, name: string, profile?: string): Authorization {
  const wildcard = name.startsWith('*.');
  const domain = wildcard ? name.slice(2) : name;
  const at = now().getTime();
  const known = Object.values(store.state.authorizations).find(
    (one) =>
      one.accountId === accountId &&
      one.domain === domain &&
      one.wildcard === wildcard &&
      one.status === 'valid' &&
      one.expires > at,
  );
  if (known !== undefined) return known;
  const types = wildcard ? (['dns-01'] as const) : (['http-01', 'dns-01', 'tls-alpn-01'] as const);
  const token = () => randomBytes(32).toString('base64url');
  const authorization: Authorization = {
    id: store.newId(),
    accountId,
    domain,
    wildcard,
    ...(profile === undefined ? {} : { profile }),
    status: 'pending',
    expires: at + 7 * day,
    challenges: types.map((type) => ({ id: store.newId(), type, status: 'pending', token: token() })),
  };
  store.state.authorizations[authorization.id] = authorization;
  return authorization;
}

function ownAuthorization({ store }: AcmeWorld, id: string, accountId: string | undefined): Authorization {
  const authorization = store.state.authorizations[id];
  if (authorization?.accountId === accountId && authorization !== undefined) return authorization;
  throw new AcmeRefusal(404, 'malformed', 'No such authorization');
}

function authorizationPage(base: string, authorization: Authorization): object {
  const { domain, wildcard, status, expires, challenges } = authorization;
  return {
    identifier: { type: 'dns', value: domain },
    status,
    expires: new Date(expires).toISOString(),
    challenges: challenges.map(({ id }) => challengePage(base, authorization, id)),
    ...(wildcard ? { wildcard } : {}),
  };
}

function challengePage(base: string, { id: of, challenges }: Authorization, id: string): object {
  const { id: own, ...challenge } = challenges.find((one) => one.id === id) ?? {};
  return { ...challenge, url: `${base}/acme/chall/${of}/${own}` };
}
