import { randomBytes } from 'node:crypto';
import { createHttpSimulator, StateFile, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import type { FastifyRequest } from 'fastify';
import { createAccount, packages } from './account-creation.js';
import { accountsPage, accountView, listView, statsView } from './account-views.js';
import { ApiError } from './api-error.js';
import { type PanelLicence, type PanelResource, refusalOf, reportUse } from './licence-questions.js';
import type { ApiKey, KeyLevel, PanelManner, PanelState, SimulatedAccount } from './panel-state.types.js';

export interface NextPanelSimulatorOptions extends SimulatorOptions {
  /** Default `sparse`. */
  manner?: PanelManner;
}

/** A NextPanel server, with what only a test asks of it. */
export interface NextPanelSimulator extends Simulator {
  /** Id and secret of a key of that level. */
  keyOf(level: KeyLevel): Pick<ApiKey, 'id' | 'secret'>;
  /** Revokes every key. */
  revokeKeys(): void;
  /** What the panel holds of an account. */
  account(username: string): SimulatedAccount | undefined;
  /** Gives the panel a licence; from then on it asks the billing side before it creates anything. */
  setLicence(licence: PanelLicence): void;
  /**
   * What a customer does in the panel: creates one more of something. With a licence the billing side is asked before, and told after.
   * @returns why the panel refused; undefined when it was created
   */
  create(username: string, resource: PanelResource): Promise<string | undefined>;
}

const prefix = '/api/v1/billing/accounts';
const levels: readonly KeyLevel[] = ['SUPER_ADMIN', 'BILLING', 'READ_ONLY'];

/** Starts a panel on loopback that behaves like its client and guides, and a page that lists its accounts at `/`. */
export async function startSimulator(options: NextPanelSimulatorOptions = {}): Promise<NextPanelSimulator> {
  const { manner = 'sparse' } = options;
  const file = new StateFile<PanelState>(options.home, 'nextpanel', {
    keys: levels.map((level) => ({ id: newText('npk'), secret: newText('nps'), level, revoked: false })),
    accounts: [],
    lastId: 41,
  });
  const state = file.data;
  file.save();
  const { app, ledger, faults, listen, stop } = createHttpSimulator({
    ...options,
    exempt: (path) => path === '/',
    operationOf: (request) => `${request.method} ${request.routeOptions.url ?? request.url}`,
  });
  const save = (request: FastifyRequest) => {
    request.changed = true;
    file.save();
  };
  const find = (request: FastifyRequest) => {
    const { id } = request.params as { id: string };
    const account = state.accounts.find((one) => String(one.id) === id);
    // The words are our invention.
    if (account === undefined) throw new ApiError(404, 'Account not found');
    request.subject = account.username;
    return account;
  };

  app.setErrorHandler((thrown, _request, reply) => {
    if (thrown instanceof ApiError) return reply.code(thrown.status).send({ detail: thrown.detail });
    return reply.code(400).send({ detail: 'There was an error parsing the body' });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not Found' }));
  app.addHook('preHandler', async (request) => {
    if (request.url.startsWith(prefix)) authenticate(request, state.keys);
  });

  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(accountsPage(state)));
  app.get('/api/health', () => ({ status: 'healthy' }));
  app.get(prefix, (request) => listView(state, manner, request.query as Record<string, string>));
  app.post(prefix, (request, reply) => {
    // The words of the panel's licence; with which status it passes them on is our invention.
    if (request.fault?.kind === 'exhausted') throw new ApiError(400, 'Account quota exceeded');
    const account = createAccount(state, request.body, Date.now());
    request.subject = account.username;
    save(request);
    return reply.code(201).send(accountView(account, manner));
  });
  app.get(`${prefix}/:id`, (request) => accountView(find(request), manner));
  app.get(`${prefix}/:id/stats`, (request) => statsView(find(request), Date.now()));
  app.post(`${prefix}/:id/suspend`, (request) => {
    const account = find(request);
    if (!account.isActive && manner === 'sparse') throw new ApiError(400, 'Account is not active');
    account.isActive = false;
    account.suspendReason = (request.body as { reason?: string } | null)?.reason ?? '';
    save(request);
    return { message: 'Account suspended' };
  });
  app.post(`${prefix}/:id/unsuspend`, (request) => {
    const account = find(request);
    if (account.isActive && manner === 'sparse') throw new ApiError(400, 'Account is not suspended');
    account.isActive = true;
    delete account.suspendReason;
    save(request);
    return { message: 'Account unsuspended' };
  });
  app.delete(`${prefix}/:id`, (request) => {
    const account = find(request);
    state.accounts = state.accounts.filter((one) => one !== account);
    save(request);
    return { message: 'Account deleted' };
  });

  let licence: PanelLicence | undefined;
  const create = async (username: string, resource: PanelResource): Promise<string | undefined> => {
    const account = state.accounts.find((one) => one.username === username);
    if (account === undefined) throw new Error(`the panel has no account ${username}`);
    const refusal = licence === undefined ? undefined : await refusalOf(licence, resource);
    if (refusal !== undefined) return refusal;
    account.created = { ...account.created, [resource]: (account.created?.[resource] ?? 0) + 1 };
    file.save();
    if (licence !== undefined) await reportUse(licence, resource, 1);
    return undefined;
  };

  const url = await listen();
  const keyOf = (level: KeyLevel) => {
    const { id = '', secret = '' } = state.keys.find((key) => key.level === level) ?? {};
    return { id, secret };
  };
  return {
    plugin: 'nextpanel',
    endpoints: [
      { name: 'API', url: `${url}${prefix}` },
      { name: 'accounts', url: `${url}/` },
    ],
    settings: {
      url,
      apiKey: keyOf('SUPER_ADMIN').id,
      apiSecret: keyOf('SUPER_ADMIN').secret,
      packages: Object.entries(packages)
        .map(([name, id]) => `${name}=${id}`)
        .join(', '),
      ip: '192.0.2.30',
    },
    ledger,
    faults,
    keyOf,
    revokeKeys: () => {
      for (const key of state.keys) key.revoked = true;
      file.save();
    },
    setLicence: (given) => {
      licence = given;
    },
    create,
    account: (username) => structuredClone(state.accounts.find((account) => account.username === username)),
    stop,
  };
}

/** The guides contradict each other about the level that creations need; the stricter one is played. */
function authenticate({ headers, method }: FastifyRequest, keys: readonly ApiKey[]): void {
  const key = keys.find(({ id, secret }) => id === headers['x-api-key'] && secret === headers['x-api-secret']);
  if (key === undefined) throw new ApiError(401, 'Invalid API key or secret');
  if (key.revoked) throw new ApiError(401, 'API key is revoked');
  if (method !== 'GET' && key.level !== 'SUPER_ADMIN') {
    throw new ApiError(403, "The user doesn't have super admin privileges");
  }
}

function newText(kind: string): string {
  return `${kind}_${randomBytes(24).toString('base64url')}`;
}
