import { PortError } from '@keelson/core';
import { wantedAccountOf } from '@keelson/hosting';
import type { UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

export interface AssignedServer {
  serverId: string;
  name: string;
}

/**
 * Takes a slot on the installation's default server, or else on the least utilised online server of the product's group. Waits,
 * on hold, while there is none. A wanted account goes to the least utilised of its own servers, or fails: its caller waits.
 */
export function assignServer({
  dataSource,
  slots,
  settings,
}: RecipeTools): UndoableStep<HostingOrder, object, AssignedServer, never, never> {
  return {
    run: async ({ order: { service, product } }) => {
      const wanted = wantedAccountOf(service);
      const { manager } = dataSource;
      // No transaction around its one statement: a worker that stops in one would keep everybody from the server.
      const server =
        wanted === undefined
          ? await slots.take(manager, service.id, product.serverGroup, settings.defaultServerId)
          : await slots.take(manager, service.id, wanted.serverIds);
      if (server === undefined && wanted !== undefined) {
        throw new PortError('wrong-state', 'No online server has a free slot: add a server or raise a capacity.');
      }
      if (server === undefined) {
        throw new PortError(
          'invalid-config',
          `No online server of the group ${product.serverGroup} has a free slot: add a server or raise a capacity.`,
        );
      }
      return { serverId: server.id, name: server.name };
    },
    undo: () => Promise.resolve(),
    unrecord: ({ order: { service } }, manager) => slots.release(manager, service.id),
  };
}
