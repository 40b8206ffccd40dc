import { type Database, generatePassword, PortError, provisionerPort } from '@keelson/core';
import { newId } from '@keelson/database';
import { HostedDatabase } from '@keelson/hosting';
import type { RetriedStep, UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/** Name of the first database and of its user, without the panel's prefix. */
const name = 'main';

/** Makes the first database with its user on our account. Repeatable as it stands: a half-made one is completed. */
export function createDatabase({
  secrets,
}: RecipeTools): UndoableStep<HostingOrder, object, Database, typeof provisionerPort, 'database'> {
  return {
    needs: provisionerPort,
    capability: 'database',
    run: async ({ adapter, order }) => {
      const password = await secrets.ensure(order.service.id, 'database_password', () => generatePassword(16));
      return adapter.ensureDatabase({ username: usernameOf(order), name, databaseUser: name, password });
    },
    plan: () => [{ port: 'provisioner', method: 'ensureDatabase', summary: 'makes the first database and its user' }],
    record: async ({ order: { service } }, database, manager) => {
      await manager.query(
        `INSERT INTO databases (id, service_id, name, database_user, host) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (service_id, name) WHERE status = 'active' DO NOTHING`,
        [newId(), service.id, database.name, database.databaseUser, database.host],
      );
    },
    undo: async ({ adapter, order }) => {
      const { username } = order.service;
      if (username !== null) await adapter.removeDatabase(username, name, name);
    },
    unrecord: async ({ order: { service } }, manager) => {
      await manager.update(HostedDatabase, { serviceId: service.id }, { status: 'removed' });
    },
  };
}

/**
 * The same for a service that is in use: a database that is there keeps its password, because sites depend on it. Nothing is taken back.
 */
export function restoreDatabase(
  tools: RecipeTools,
): RetriedStep<HostingOrder, object, Database, typeof provisionerPort, 'database'> {
  const { undo: _undo, unrecord: _unrecord, optional: _optional, ...step } = createDatabase(tools);
  return { ...step, look: ({ adapter, order }) => adapter.findDatabase(usernameOf(order), name) };
}

function usernameOf({ service: { username } }: HostingOrder): string {
  if (username === null) throw new PortError('wrong-state', 'The service has no account.');
  return username;
}
