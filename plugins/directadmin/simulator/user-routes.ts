import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashOf } from './account-commands.js';
import type { PanelState, SimulatedUser } from './panel-state.types.js';
import { isStrong, RouteRefusal } from './refusals.js';

export interface RouteSurroundings {
  state: PanelState;
  /** The account in whose name a request comes. */
  userOf(request: FastifyRequest): SimulatedUser;
  save(request: FastifyRequest): void;
  /** Address of the panel. */
  url(): string;
}

type Body = Record<string, string | undefined>;
const minutes = 60_000;

/** The routes below `/api`: links to sign in, and databases. */
export function addUserRoutes(app: FastifyInstance, { state, userOf, save, url }: RouteSurroundings): void {
  const databaseOf = (request: FastifyRequest) => {
    const user = userOf(request);
    const { database = '' } = request.params as Body;
    const found = user.databases[database];
    if (found === undefined) throw new RouteRefusal(404, 'NOT_FOUND');
    return { user, database, found };
  };

  app.post('/api/login-keys/urls', (request) => {
    const key = randomBytes(24).toString('base64url');
    state.links[key] = userOf(request).username;
    save(request);
    return {
      id: key.slice(0, 8),
      url: `${url()}/api/login/url?key=${key}`,
      expires: new Date(Date.now() + 30 * minutes),
    };
  });
  app.get('/api/db-show/databases/:database/users', (request) => {
    const { user: dbuser } = databaseOf(request).found;
    return [{ dbuser, hostPatterns: ['localhost'] }];
  });
  app.post('/api/db-manage/create-db-with-user', (request) => {
    const user = userOf(request);
    const { database = '', dbuser = '', password = '' } = request.body as Body;
    for (const name of [database, dbuser]) {
      if (!name.startsWith(`${user.username}_`)) throw new RouteRefusal(494, 'DATABASE_INVALID_ENTITY_NAME');
    }
    const taken = user.databases[database] ?? Object.values(user.databases).find((one) => one.user === dbuser);
    if (taken !== undefined) throw new RouteRefusal(490, 'ALREADY_EXISTS');
    requireStrong(password);
    user.databases[database] = { user: dbuser, passwordHash: hashOf(password) };
    save(request);
    return { database, dbuser, password, hostPatterns: ['localhost'] };
  });
  app.post('/api/db-manage/users/:dbuser/change-password', async (request, reply) => {
    const { dbuser } = request.params as Body;
    const { newPassword = '' } = request.body as Body;
    const found = Object.values(userOf(request).databases).find(({ user }) => user === dbuser);
    if (found === undefined) throw new RouteRefusal(404, 'NOT_FOUND');
    requireStrong(newPassword);
    found.passwordHash = hashOf(newPassword);
    save(request);
    return reply.code(204).send();
  });
  app.delete('/api/db-manage/databases/:database', async (request, reply) => {
    const { user, database } = databaseOf(request);
    delete user.databases[database];
    save(request);
    return reply.code(204).send();
  });
}

function requireStrong(password: string): void {
  if (!isStrong(password)) throw new RouteRefusal(400, 'WEAK_PASSWORD');
}
