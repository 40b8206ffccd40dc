import { dnsPort, mailboxPort, PortError, provisionerPort, supports, unlessAbsent } from '@keelson/core';
import { DnsZone, Domain, HostedMailbox, moveService, RemoteResource, Service, Website } from '@keelson/hosting';
import { In } from 'typeorm';
import { defineRecipe, type Recipe, type RetriedStep } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { revokeCertificates } from '../recipes/steps/revoke-certificates.step.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import type { NoInput } from './no-input.js';
import { operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { removeOurZone, type ZoneLeftovers } from './remove-zone.js';
import { runBeforeRemoval } from './run-before-removal.step.js';
import { withoutAccount } from './service-account.js';

/**
 * The second stage of a termination: the operator's command first, and when that has succeeded, everything that was made for the service is
 * removed. What costs money by itself is never given up here: a domain stays at its registrar until it runs out or somebody decides.
 */
function removeRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<OperationOrder>('service.remove', {
    version: 1,
    ...operationHooks({
      completed: async (manager, { service }) => {
        await moveService(manager, service.id, 'terminated');
        await manager.update(
          Service,
          { id: service.id },
          { terminatedAt: tools.clock.now(), removeDueAt: null, degraded: [], username: null },
        );
        await manager.update(Website, { serviceId: service.id }, { status: 'removed' });
        await manager.update(HostedMailbox, { serviceId: service.id }, { status: 'removed' });
        await manager.update(
          Domain,
          { serviceId: service.id, mode: 'external', status: In(['pending', 'active']) },
          { status: 'cancelled' },
        );
        await manager.query('DELETE FROM service_secrets WHERE service_id = $1', [service.id]);
        await manager.query('DELETE FROM databases WHERE service_id = $1', [service.id]);
      },
    }),
  })
    .pivot('run_before_removal', runBeforeRemoval(tools))
    .then_('remove_mailboxes', removeMailboxes())
    .then_('remove_account', { after: ['remove_mailboxes'], ...removeAccount(tools) })
    .then_('remove_zone', { after: ['remove_account'], ...removeZone(tools) })
    .then_('revoke_certificates', { after: ['remove_account'], ...revokeCertificates(tools) })
    .build();
}

/** Removes the mailboxes that do not live, and die, with the account. */
function removeMailboxes(): RetriedStep<OperationOrder, object, { domain: string }, typeof mailboxPort, never> {
  return {
    needs: mailboxPort,
    skipWhen: ({ order }) => (order.service.domain === null ? 'the service has no domain' : undefined),
    run: async ({ adapter, order: { service, server }, connectionId }) => {
      const domain = service.domain ?? '';
      if (connectionId === server?.connectionId) return { domain };
      if (supports(adapter, mailboxPort, 'domains')) await adapter.removeDomain(domain);
      else {
        for (const { address } of (await unlessAbsent(adapter.listMailboxes(domain))) ?? []) {
          await adapter.removeMailbox(address);
        }
      }
      return { domain };
    },
    plan: ({ order }) => [
      { port: 'mailbox', method: 'removeMailbox', summary: `removes the mailboxes of ${order.service.domain}` },
    ],
  };
}

/** Removes the account with its sites, databases and mail, if it is the one that was made for this service. Its slot is free then. */
function removeAccount({
  slots,
}: RecipeTools): RetriedStep<OperationOrder, object, { username: string | null }, typeof provisionerPort, never> {
  return {
    needs: provisionerPort,
    skipWhen: withoutAccount,
    run: async ({ adapter, order: { service } }) => {
      const username = service.username ?? '';
      const found = await adapter.findAccount({ username });
      if (found === undefined) return { username };
      if (found.externalId !== undefined && found.externalId !== service.id) {
        throw new PortError('wrong-state', `The account ${username} carries the mark of another service.`);
      }
      await adapter.removeAccount(username);
      return { username };
    },
    record: async ({ order: { service } }, _output, manager) => {
      await slots.release(manager, service.id);
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'account' });
    },
    plan: ({ order }) => [
      {
        port: 'provisioner',
        method: 'removeAccount',
        summary: `removes the account ${order.service.username} with all its data`,
      },
    ],
  };
}

/** Removes the zone if it was made for this service. One that holds records of others stays, with those and without ours. */
function removeZone({
  dataSource,
}: RecipeTools): RetriedStep<OperationOrder, object, ZoneLeftovers, typeof dnsPort, never> {
  return {
    needs: dnsPort,
    skipWhen: ({ order }) => (order.service.domain === null ? 'the service has no domain' : undefined),
    run: async ({ adapter, order: { service } }) => {
      const name = service.domain ?? '';
      const row = await dataSource.manager.findOneBy(DnsZone, { serviceId: service.id, name });
      return removeOurZone(adapter, name, service.id, row?.records ?? []);
    },
    record: async ({ order: { service } }, _output, manager) => {
      await manager.update(DnsZone, { serviceId: service.id }, { status: 'removed', records: [] });
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'zone' });
    },
    plan: ({ order }) => [
      {
        port: 'dns',
        method: 'removeZone',
        summary: `removes the zone ${order.service.domain}, but no records of others`,
      },
    ],
  };
}

export const remove: OperationWork<NoInput> = {
  make: (tools) => [removeRecipe(tools)],
  freeze: ({ service, requestedBy, now }) => {
    const due = service.removeDueAt !== null && service.removeDueAt <= now;
    if (service.status === 'quarantined' && !due && requestedBy.role !== 'admin') {
      throw new OperationRefusedError(
        'conflict',
        'not-due',
        `The data is kept until ${service.removeDueAt?.toISOString()}: only an administrator may remove it before.`,
      );
    }
    return {};
  },
};
