import { generatePassword, type Mailbox, mailboxPort, PortError, supports } from '@keelson/core';
import { newId } from '@keelson/database';
import { HostedMailbox, RemoteResource } from '@keelson/hosting';
import type { UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/**
 * Makes the first mailbox, `admin@<domain>`. Its password is kept, encrypted, for the welcome mail. A mailbox that was there
 * before is neither taken over nor, with its mail, ever removed.
 */
export function provisionEmail({
  secrets,
}: RecipeTools): UndoableStep<HostingOrder, object, Mailbox, typeof mailboxPort, never> {
  return {
    needs: mailboxPort,
    skipWhen: ({ order }) => (order.domain === undefined ? 'the order has no domain of its own' : undefined),
    look: async ({ adapter, order, ours }) => {
      const found = await adapter.findMailbox(addressOf(order));
      if (found === undefined || ours) return found;
      throw new PortError('already-exists', `The mailbox ${found.address} exists already: remove or rename it first.`);
    },
    run: async ({ adapter, order }) => {
      const password = await secrets.ensure(order.service.id, 'mailbox_password', () => generatePassword(16));
      const account = order.service.username;
      if (supports(adapter, mailboxPort, 'domains')) await adapter.ensureDomain(order.domain?.name ?? '');
      return adapter.ensureMailbox({ address: addressOf(order), password, ...(account === null ? {} : { account }) });
    },
    record: async ({ order: { service }, connectionId }, { address }, manager) => {
      await manager.insert(HostedMailbox, {
        id: newId(),
        serviceId: service.id,
        address,
        connectionId,
        status: 'active',
      });
      await manager.upsert(
        RemoteResource,
        { id: newId(), serviceId: service.id, connectionId, kind: 'mailbox', remoteId: address },
        ['connectionId', 'kind', 'remoteId'],
      );
    },
    undo: async ({ adapter, order, ours }) => {
      if (ours) await adapter.removeMailbox(addressOf(order));
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
