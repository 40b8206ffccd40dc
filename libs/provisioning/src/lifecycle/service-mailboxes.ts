import { mailboxPort, PortError, unlessAbsent } from '@keelson/core';
import { newId } from '@keelson/database';
import type { RetriedStep, StepContext } from '../engine/recipe.js';
import type { HostingOrder } from '../recipes/hosting-order.js';

/** Optional steps below, as `services.degraded` names them. */
export const mailboxSteps = ['list_mailboxes', 'suspend_mailboxes', 'unsuspend_mailboxes'] as const;

export interface MailboxList {
  addresses: string[];
}

type MailboxStep<Done extends object> = RetriedStep<HostingOrder, Done, MailboxList, typeof mailboxPort, 'suspend'>;

/** What the mailbox steps have in common. Mailboxes on the panel are closed with the account. */
const common = { needs: mailboxPort, capability: 'suspend', optional: 'degraded' } as const;

function withoutDomain({ order }: { order: HostingOrder }): string | undefined {
  return order.service.domain === null ? 'the service has no domain' : undefined;
}

async function listOpen(context: StepContext<HostingOrder, object, typeof mailboxPort>): Promise<MailboxList> {
  const { adapter, order, connectionId } = context;
  if (connectionId === order.server?.connectionId) return { addresses: [] };
  const mailboxes = (await unlessAbsent(adapter.listMailboxes(order.service.domain ?? ''))) ?? [];
  return { addresses: mailboxes.filter(({ suspended }) => !suspended).map(({ address }) => address) };
}

/**
 * Notes which mailboxes of the domain are open, before any is closed: only those are opened again later. None when the panel itself keeps
 * them.
 */
export function listMailboxes(): MailboxStep<object> {
  return {
    ...common,
    skipWhen: withoutDomain,
    look: listOpen,
    run: listOpen,
  };
}

/** Closes the mailboxes that were found open. One that is gone meanwhile is no matter. */
export function suspendMailboxes(): MailboxStep<{ list_mailboxes: MailboxList }> {
  return {
    ...common,
    skipWhen: withoutDomain,
    run: async ({ adapter, done }) => {
      if (done.list_mailboxes === undefined)
        throw new PortError('wrong-state', 'The mailboxes could not be listed: suspend the service again.');
      const { addresses } = done.list_mailboxes;
      for (const address of addresses) await unlessAbsent(adapter.suspendMailbox(address));
      return { addresses };
    },
    record: async ({ order: { service }, connectionId }, { addresses }, manager) => {
      await manager.query(
        `INSERT INTO mailboxes (id, service_id, address, connection_id, status)
         SELECT id, $3, lower(address), $4, 'suspended' FROM unnest($1::uuid[], $2::text[]) AS closed (id, address)
         ON CONFLICT (address) WHERE status <> 'removed' DO UPDATE SET status = 'suspended', updated_at = now()
           WHERE mailboxes.service_id = $3`,
        [addresses.map(() => newId()), addresses, service.id, connectionId],
      );
    },
    plan: ({ order, done }) => [
      {
        port: 'mailbox',
        method: 'suspendMailbox',
        summary: `closes ${done.list_mailboxes?.addresses.length ?? 'the'} open mailboxes of ${order.service.domain}`,
      },
    ],
  };
}

/** Opens the mailboxes again that were closed with the service, and no others. */
export function unsuspendMailboxes(mailboxesOf: (serviceId: string) => Promise<string[]>): MailboxStep<object> {
  return {
    ...common,
    skipWhen: withoutDomain,
    run: async ({ adapter, order: { service } }) => {
      const addresses = await mailboxesOf(service.id);
      for (const address of addresses) await unlessAbsent(adapter.unsuspendMailbox(address));
      return { addresses };
    },
    record: async ({ order: { service } }, { addresses }, manager) => {
      await manager.query(
        `UPDATE mailboxes SET status = 'active', updated_at = now()
          WHERE service_id = $1 AND address = ANY ($2) AND status = 'suspended'`,
        [service.id, addresses],
      );
    },
    plan: ({ order }) => [
      {
        port: 'mailbox',
        method: 'unsuspendMailbox',
        summary: `opens the mailboxes of ${order.service.domain} that were closed with the service`,
      },
    ],
  };
}
