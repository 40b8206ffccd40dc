import { generatePassword, type Mailbox, mailboxPort, PortError, supports } from '@keelson/core';
import { newId } from '@keelson/database';
import { HostedMailbox, keepResource, RemoteResource } from '@keelson/hosting';
import { In } from 'typeorm';
import type { UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/**
 * Makes the first mailbox, `admin@<domain>`. Its password is kept, encrypted, for the welcome mail. A mailbox that was there
 * before, and is not ours, is neither taken over nor, with its mail, ever removed.
 */
export function provisionEmail({
  secrets,
  dataSource,
}: RecipeTools): UndoableStep<HostingOrder, object, Mailbox, typeof mailboxPort, never> {
  return {
    needs: mailboxPort,
    skipWhen: ({ order }) => (order.domain === undefined ? 'the order has no domain of its own' : undefined),
    look: async ({ adapter, order, ours }) => {
      const found = await adapter.findMailbox(addressOf(order));
      if (found === undefined || ours) return found;
      const { address } = found;
      if (await dataSource.manager.existsBy(HostedMailbox, { ...keptBy(order), address })) return found;
      throw new PortError('already-exists', `The mailbox ${found.address} exists already: remove or rename it first.`);
    },
    run: async ({ adapter, order }) => {
      const password = await secrets.ensure(order.service.id, 'mailbox_password', () => generatePassword(16));
      const account = order.service.username;
      if (supports(adapter, mailboxPort, 'domains')) await adapter.ensureDomain(order.domain?.name ?? '');
      return adapter.ensureMailbox({ address: addressOf(order), password, ...(account === null ? {} : { account }) });
    },
    record: async ({ order: { service }, connectionId }, { address }, manager) => {
      const kept = await keepResource(
        manager,
        { serviceId: service.id, connectionId, kind: 'mailbox', remoteId: address },
        `INSERT INTO mailboxes (id, service_id, address, connection_id, status) VALUES ($6, $2, $5, $3, 'active')
         ON CONFLICT (address) WHERE status <> 'removed' DO UPDATE SET connection_id = $3, updated_at = now()
           WHERE mailboxes.service_id = $2
         RETURNING id`,
        [newId()],
      );
      if (kept.length === 0) throw new Error(`the mailbox ${address} is another service's here`);
    },
    plan: ({ order }) => [
      { port: 'mailbox', method: 'ensureMailbox', summary: `makes the mailbox ${addressOf(order)}` },
    ],
    undo: async ({ adapter, order, ours }) => {
      if (ours) await adapter.removeMailbox(addressOf(order));
    },
    unrecord: async ({ order: { service } }, manager) => {
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'mailbox' });
      await manager.update(HostedMailbox, { serviceId: service.id }, { status: 'removed' });
    },
  };
}

/** Mailboxes that we keep for the service already: it is in use, and something of it is made again. */
function keptBy({ service }: HostingOrder) {
  return { serviceId: service.id, status: In(['active', 'suspended']) };
}

function addressOf({ domain }: HostingOrder): string {
  return `admin@${domain?.name ?? ''}`;
}
