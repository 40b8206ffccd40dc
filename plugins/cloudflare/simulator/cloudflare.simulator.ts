import { createHttpSimulator, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import { ApiError } from './api-error.js';
import { ZoneStore, type StoredZone } from './zone-store.js';

const apiToken = 'simulated-cloudflare-token-0123456789abcdef';
const accountId = '023e105f4ecef8ad9ca31a8372d0c353';
const base = '/client/v4';

interface ZoneRequest {
  Params: { zone: string };
  Querystring: { name?: string; page?: string; per_page?: string; 'account.id'?: string };
}

/**
 * The zone and record parts of Cloudflare's API v4 on loopback. Assigns name servers, gives lists in pages, changes records in one
 * transaction and refuses what the vendor refuses, with its codes. Unlike the vendor it takes any domain, registered or not.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const store = new ZoneStore(options.home);
  const http = createHttpSimulator({ port: options.port, latencyMs: options.latencyMs, badDay: options.badDay });
  const { app } = http;
  app.addHook('preHandler', async (request) => {
    const { authorization = '' } = request.headers;
    if (!/^Bearer [\w-]{10,}$/.test(authorization)) throw new ApiError(400, 6003, 'Invalid request headers');
    if (authorization !== `Bearer ${apiToken}`) throw new ApiError(403, 9109, 'Invalid access token');
  });
  app.setErrorHandler((thrown, _request, reply) => {
    if (!(thrown instanceof ApiError)) throw thrown;
    const { status, code, message } = thrown;
    return reply.code(status).send({ success: false, errors: [{ code, message }], messages: [], result: null });
  });

  app.get<ZoneRequest>(`${base}/zones`, ({ query }) => {
    const found = store
      .list()
      .filter(({ name }) => query.name === undefined || name === query.name)
      .filter((zone) => query['account.id'] === undefined || zone.accountId === query['account.id']);
    return page(found.map(zoneJson), query, 50);
  });
  app.post(`${base}/zones`, (request) => {
    const body = (request.body ?? {}) as Record<string, unknown>;
    request.subject = String(body['name']);
    const zone = store.create(body);
    request.changed = true;
    return envelope(zoneJson(zone));
  });
  app.delete<ZoneRequest>(`${base}/zones/:zone`, (request) => {
    const zone = store.get(request.params.zone);
    request.subject = zone.name;
    store.remove(zone);
    request.changed = true;
    return envelope({ id: zone.id });
  });
  app.get<ZoneRequest>(`${base}/zones/:zone/dns_records`, ({ params, query }) =>
    page(store.get(params.zone).records, query, 5_000_000),
  );
  app.post<ZoneRequest>(`${base}/zones/:zone/dns_records/batch`, (request) => {
    const zone = store.get(request.params.zone);
    request.subject = zone.name;
    const result = store.change(zone, (request.body ?? {}) as Record<string, unknown>);
    request.changed = true;
    return envelope({ patches: [], puts: [], ...result });
  });

  const url = `${await http.listen()}${base}`;
  return {
    plugin: 'cloudflare',
    endpoints: [{ name: 'API', url }],
    settings: { url, apiToken, accountId },
    ledger: http.ledger,
    faults: http.faults,
    stop: () => http.stop(),
  };
}

function zoneJson({ id, name, accountId: account }: StoredZone): object {
  return {
    id,
    name,
    status: 'pending',
    paused: false,
    type: 'full',
    name_servers: ['ada.ns.cloudflare.example', 'lee.ns.cloudflare.example'],
    account: { id: account },
  };
}

function envelope(result: unknown): object {
  return { success: true, errors: [], messages: [], result };
}

function page(items: unknown[], query: ZoneRequest['Querystring'], greatest: number): object {
  const perPage = Math.min(Number(query.per_page ?? 20), greatest);
  const number = Number(query.page ?? 1);
  const result = items.slice((number - 1) * perPage, number * perPage);
  const info = { page: number, per_page: perPage, count: result.length, total_count: items.length };
  return { ...envelope(result), result_info: { ...info, total_pages: Math.ceil(items.length / perPage) } };
}
