import { generatePassword, type Mailbox, mailboxPort } from '@keelson/core';
import { newId } from '@keelson/database';
import { HostedMailbox, RemoteResource } from '@keelson/hosting';
import type { UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/** Makes the first mailbox, `admin@<domain>`. Its password is kept, encrypted, for the welcome mail. */
export function provisionEmail({
  secrets,
}: RecipeTools): UndoableStep<HostingOrder, object, Mailbox, typeof mailboxPort, never> {
  return {
    needs: mailboxPort,
    skipWhen: ({ order }) => (order.domain === undefined ? 'the order has no domain of its own' : undefined),
    look: ({ adapter, order }) => adapter.findMailbox(addressOf(order)),
    run: async ({ adapter, order }) => {
      const password = await secrets.ensure(order.service.id, 'mailbox_password', () => generatePassword(16));
      const account = order.service.username;
      return adapter.ensureMailbox({ address: addressOf(order), password, ...(account === null ? {} : { account }) });
    },
    record: async ({ order: { service }, connectionId }, { address }, manager) => {
      await manager.query(
        `INSERT INTO mailboxes (id, service_id, address, connection_id, status) VALUES ($1, $2, $3, $4, 'active')
         ON CONFLICT (address) WHERE status <> 'removed' DO UPDATE SET status = 'active', connection_id = excluded.connection_id
         WHERE mailboxes.service_id = excluded.service_id`,
        [newId(), service.id, address, connectionId],
      );
      await manager.upsert(
        RemoteResource,
        { id: newId(), serviceId: service.id, connectionId, kind: 'mailbox', remoteId: address },
        ['connectionId', 'kind', 'remoteId'],
      );
    },
    undo: async ({ adapter, order }) => {
      if (order.domain !== undefined) await adapter.removeMailbox(addressOf(order));
    },
    unrecord: async ({ order: { service } }, manager) => {
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'mailbox' });
      await manager.update(HostedMailbox, { serviceId: service.id }, { status: 'removed' });
    },
  };
}

function addressOf({ domain }: HostingOrder): string {
  return `admin@${domain?.name ?? ''}`;
}
