import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, notFound, unprocessable } from './api-error.js';
import { keyJson, privateKeyText } from './signing-key.js';
import { serialOf, type StoredZone, type ZoneStore } from './zone-store.js';

const server = '/api/v1/servers/localhost';
const version = '4.7.3';

interface ZoneRequest {
  Params: { zone: string };
  Querystring: Record<string, string>;
}

/** Adds the routes of the API to a simulator's HTTP server, as 4.7.3 answers them. */
export function addZoneApi(app: FastifyInstance, store: ZoneStore, apiKey: string): void {
  // The server reads every body as JSON, whatever its type is said to be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (_request, reply) => void reply.header('connection', 'close'));
  app.addHook('preHandler', async (request, reply) => {
    if (!request.url.startsWith('/api') || request.headers['x-api-key'] === apiKey) return;
    await sendError(
      new ApiError(401, 'Unauthorized'),
      request,
      reply.header('www-authenticate', 'X-API-Key realm="PowerDNS"'),
    );
  });
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ApiError) return sendError(error, request, reply);
    throw error;
  });
  const patterns: RegExp[] = [];
  app.addHook('onRoute', ({ url }) => void patterns.push(new RegExp(`^${url.replaceAll(/:[^/]+/g, '[^/]+')}$`)));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const known = patterns.some((pattern) => pattern.test(path));
    return sendError(known ? new ApiError(405, 'Method Not Allowed') : notFound(), request, reply);
  });

  app.get('/api', () => [{ url: '/api/v1', version: 1 }]);
  app.get('/api/v1/servers', () => [serverJson()]);
  app.get(server, () => serverJson());

  app.get<ZoneRequest>(`${server}/zones`, ({ query }) => {
    const zones =
      query.zone === undefined ? store.list() : [store.find(query.zone)].filter((zone) => zone !== undefined);
    return zones.map((zone) => listedZone(zone, query.dnssec !== 'false'));
  });
  app.post(`${server}/zones`, (request, reply) => {
    const body = bodyOf(request);
    request.subject = typeof body.name === 'string' ? plain(body.name) : undefined;
    const zone = store.create(body);
    request.changed = true;
    return reply.code(201).send(wholeZone(zone, {}));
  });
  app.get<ZoneRequest>(`${server}/zones/:zone`, (request) => wholeZone(zoneOf(request), request.query));
  app.patch<ZoneRequest>(`${server}/zones/:zone`, (request, reply) => {
    store.change(zoneOf(request), bodyOf(request));
    return changed(request, reply);
  });
  app.put<ZoneRequest>(`${server}/zones/:zone`, (request, reply) => {
    store.update(zoneOf(request), bodyOf(request));
    return changed(request, reply);
  });
  app.delete<ZoneRequest>(`${server}/zones/:zone`, (request, reply) => {
    store.remove(zoneOf(request));
    return changed(request, reply);
  });

  app.get<ZoneRequest>(`${server}/zones/:zone/export`, (request, reply) => {
    const text = exportText(zoneOf(request));
    return accepts(request, 'application/json') ? { zone: text } : reply.type('text/plain').send(text);
  });
  app.put<ZoneRequest>(`${server}/zones/:zone/notify`, (request) => {
    zoneOf(request);
    return { result: 'Notification queued' };
  });
  app.put<ZoneRequest>(`${server}/zones/:zone/rectify`, (request) => {
    zoneOf(request);
    return { result: 'Rectified' };
  });
  app.put<ZoneRequest>(`${server}/zones/:zone/axfr-retrieve`, (request) => {
    throw unprocessable(`Domain '${zoneOf(request).name}' is not a slave domain (or has no master defined)`);
  });
  app.get<ZoneRequest>(`${server}/zones/:zone/cryptokeys`, (request) => {
    const zone = zoneOf(request);
    return zone.keys.map((key) => keyJson(zone.name, key));
  });
  app.get<ZoneRequest & { Params: { key: string } }>(`${server}/zones/:zone/cryptokeys/:key`, (request) => {
    const zone = zoneOf(request);
    const key = zone.keys.find(({ id }) => String(id) === request.params.key);
    if (key === undefined) throw notFound();
    return { ...keyJson(zone.name, key), privatekey: privateKeyText(key) };
  });

  function zoneOf(request: FastifyRequest<ZoneRequest>): StoredZone {
    request.subject = plain(request.params.zone);
    return store.get(request.params.zone);
  }
}

/** `POST /zones`, `PATCH /zones/:zone` and so on, for ledger and faults. */
export function operationOf(request: FastifyRequest): string {
  const path = request.routeOptions.url?.slice(server.length);
  return `${request.method} ${path === undefined || path === '' ? request.url.split('?', 1)[0] : path}`;
}

function changed(request: { changed?: boolean }, reply: FastifyReply): FastifyReply {
  request.changed = true;
  return reply.code(204).send();
}

/** Errors are JSON, a small page or plain text by what the client accepts; 422 is always JSON. */
function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, message } = error;
  if (status === 422 || accepts(request, 'application/json')) return reply.code(status).send({ error: message });
  if (!accepts(request, 'text/html')) return reply.code(status).type('text/plain').send(message);
  return reply.code(status).type('text/html').send(`<!html><title>${message}</title><h1>${message}</h1>`);
}

function accepts(request: FastifyRequest, type: string): boolean {
  return request.headers.accept?.includes(type) ?? false;
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  try {
    const body = JSON.parse(typeof request.body === 'string' ? request.body : '') as unknown;
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  } catch {
    // Answered below like any other body that is no object.
  }
  throw new ApiError(400, 'Bad Request');
}

function serverJson(): Record<string, unknown> {
  return {
    type: 'Server',
    id: 'localhost',
    daemon_type: 'authoritative',
    version,
    url: server,
    config_url: `${server}/config{/config_setting}`,
    zones_url: `${server}/zones{/zone}`,
    autoprimaries_url: `${server}/autoprimaries{/autoprimary}`,
  };
}

function listedZone(zone: StoredZone, withDnssec: boolean): Record<string, unknown> {
  return {
    account: zone.account,
    catalog: '',
    ...(withDnssec ? { dnssec: zone.keys.length > 0, edited_serial: serialOf(zone) } : {}),
    id: zone.name,
    kind: zone.kind,
    last_check: 0,
    masters: [],
    name: zone.name,
    notified_serial: 0,
    serial: serialOf(zone),
    url: `${server}/zones/${zone.name}`,
  };
}

function wholeZone(zone: StoredZone, query: Record<string, string>): Record<string, unknown> {
  const { rrsets, rrset_name: name, rrset_type: type } = query;
  const wanted = zone.rrsets.filter(
    (set) => (name === undefined || set.name === name.toLowerCase()) && (type === undefined || set.type === type),
  );
  return {
    ...listedZone(zone, true),
    api_rectify: zone.apiRectify,
    master_tsig_key_ids: [],
    nsec3narrow: false,
    nsec3param: '',
    ...(rrsets === 'false' ? {} : { rrsets: wanted.map((set) => ({ comments: [], ...set })) }),
    slave_tsig_key_ids: [],
    soa_edit: '',
    soa_edit_api: zone.soaEditApi,
  };
}

function exportText(zone: StoredZone): string {
  const lines = zone.rrsets.flatMap(({ name, ttl, type, records }) =>
    records.filter(({ disabled }) => !disabled).map(({ content }) => `${name}\t${ttl}\tIN\t${type}\t${content}\n`),
  );
  return lines.join('');
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
