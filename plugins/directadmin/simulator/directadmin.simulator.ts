import { randomBytes } from 'node:crypto';
import { createHttpSimulator, StateFile, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountCommands, type CommandArguments } from './account-commands.js';
import { addresses } from './panel-offers.js';
import { accountsPage, loginPage, signedInPage } from './panel-pages.js';
import type { PanelState, SimulatedUser } from './panel-state.types.js';
import { CommandRefusal, RouteRefusal } from './refusals.js';
import { addUserRoutes } from './user-routes.js';
import { userCommands } from './user-commands.js';

/** A DirectAdmin server, with what only a test asks of it. */
export interface DirectAdminSimulator extends Simulator {
  /** What the panel holds of an account. */
  user(username: string): SimulatedUser | undefined;
}

const reseller = 'admin';

/** Starts a panel on loopback that behaves like its documentation, and a page that lists its accounts at `/`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<DirectAdminSimulator> {
  const loginKey = randomBytes(24).toString('base64url');
  const file = new StateFile<PanelState>(options.home, 'directadmin', { loginKey, users: [], links: {} });
  const state = file.data;
  file.save();
  let url = '';
  const { app, ledger, faults, listen, stop } = createHttpSimulator({
    ...options,
    exempt: (path) => path === '/' || path === '/api/login/url',
    operationOf: (request) => commandOf(request) ?? `${request.method} ${request.routeOptions.url ?? request.url}`,
  });
  const save = (request: FastifyRequest) => {
    request.changed = true;
    file.save();
  };
  const userOf = (request: FastifyRequest): SimulatedUser => {
    const user = state.users.find(({ username }) => username === accountOf(request));
    if (user === undefined) throw new RouteRefusal(403, 'ACCESS_DENIED');
    return user;
  };

  app.addHook('preHandler', async (request, reply) => {
    if (request.url === '/' || request.url.startsWith('/api/login/url')) return;
    request.subject = accountOf(request);
    if (isLoggedIn(request, state)) return;
    // Programs that use the commands get the same page as people.
    if (commandOf(request) === undefined) await reply.code(401).send({ type: 'UNAUTHORIZED' });
    else await reply.header('x-directadmin', 'unauthorized').type('text/html').send(loginPage);
  });
  app.setErrorHandler((thrown, request, reply) => {
    if (thrown instanceof RouteRefusal) return reply.code(thrown.status).send({ type: thrown.type });
    if (thrown instanceof CommandRefusal) return refuse(thrown, request, reply);
    return reply.code(400).send({ type: 'BAD_REQUEST' });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ type: 'NOT_FOUND' }));

  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(accountsPage(state)));
  app.get('/api/login/url', (request, reply) => {
    const { key = '' } = request.query as CommandArguments;
    const username = state.links[key];
    delete state.links[key];
    file.save();
    return reply.type('text/html; charset=utf-8').send(signedInPage(username));
  });
  app.all('/:command', (request, reply) => {
    const command = commandOf(request) ?? '';
    const args = argumentsOf(request);
    request.subject ??= args.username ?? args.user ?? args.select0;
    const result = accountCommands[command]?.(state, args) ?? userCommands[command]?.(state, userOf(request), args);
    if (result === undefined) throw new CommandRefusal('Error', 'Unknown command');
    if (result.changed === true) save(request);
    return answer(result.answer, request, reply);
  });
  addUserRoutes(app, { state, userOf, save, url: () => url });

  url = await listen();
  return {
    plugin: 'directadmin',
    endpoints: [
      { name: 'API', url },
      { name: 'accounts', url: `${url}/` },
    ],
    settings: { url, username: reseller, loginKey: state.loginKey, ip: addresses[0] ?? '' },
    ledger,
    faults,
    user: (username) => structuredClone(state.users.find((user) => user.username === username)),
    stop,
  };
}

/** `CMD_…`, with or without `API_`, is the same code; undefined for the routes below `/api`. */
function commandOf({ url }: FastifyRequest): string | undefined {
  return /^\/(CMD_\w+)/.exec(url)?.[1];
}

function argumentsOf({ query, body }: FastifyRequest): CommandArguments {
  return { ...(query as CommandArguments), ...(body as CommandArguments | null) };
}

function loginOf({ headers }: FastifyRequest): [username: string, account: string | undefined, key: string] {
  const encoded = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  const [login = '', ...key] = Buffer.from(encoded, 'base64').toString().split(':');
  const [username = '', account] = login.split('|');
  return [username, account, key.join(':')];
}

function accountOf(request: FastifyRequest): string | undefined {
  return loginOf(request)[1];
}

/** An account that is not there cannot be logged in as. */
function isLoggedIn(request: FastifyRequest, { loginKey, users }: PanelState): boolean {
  const [username, account, key] = loginOf(request);
  const exists = account === undefined || users.some((user) => user.username === account);
  return username === reseller && key === loginKey && exists;
}

/** JSON when it is asked for, else url-encoded, lists as `list[]`. */
function answer(value: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (argumentsOf(request).json === 'yes') return reply.type('application/json').send(JSON.stringify(value));
  const pairs = Array.isArray(value) ? value.map((item) => ['list[]', item]) : Object.entries(value as object);
  const encoded = new URLSearchParams(pairs.map(([name, text]): [string, string] => [String(name), String(text)]));
  return reply.type('text/plain').send(encoded.toString());
}

/** Newer servers refuse in JSON with status 500. */
function refuse({ title, details }: CommandRefusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (argumentsOf(request).json === 'yes') return reply.code(500).send({ error: title, result: details });
  return reply.type('text/plain').send(new URLSearchParams({ error: '1', text: title, details }).toString());
}
