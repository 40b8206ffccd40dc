import { provisionerPort } from '@keelson/core';
import { HostedMailbox, moveService, type ServiceStatus, Website } from '@keelson/hosting';
import { defineRecipe, type Recipe, type RetriedStep } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import type { NoInput } from './no-input.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { usernameOf, withoutAccount } from './service-account.js';
import { mailboxSteps, unsuspendMailboxes } from './service-mailboxes.js';

/** Opens the account at the panel again. */
function unsuspendAccount(): RetriedStep<OperationOrder, object, { username: string }, typeof provisionerPort, never> {
  return {
    needs: provisionerPort,
    skipWhen: withoutAccount,
    look: async ({ adapter, order }) => {
      const username = usernameOf(order);
      const found = await adapter.findAccount({ username });
      return found?.state === 'active' ? { username } : undefined;
    },
    run: async ({ adapter, order }) => {
      const username = usernameOf(order);
      await adapter.unsuspendAccount(username);
      return { username };
    },
    plan: ({ order }) => [
      { port: 'provisioner', method: 'unsuspendAccount', summary: `opens the account ${usernameOf(order)} again` },
    ],
  };
}

/**
 * Opens the account again, then the mailboxes that were closed with it. The service is active from the moment its account is.
 * @param from states that it is opened from
 */
export function openServiceRecipe(name: string, from: readonly ServiceStatus[], { dataSource }: RecipeTools): Recipe {
  const closedWith = async (serviceId: string) => {
    const rows = await dataSource.manager.findBy(HostedMailbox, { serviceId, status: 'suspended' });
    return rows.map(({ address }) => address);
  };
  return defineRecipe<OperationOrder>(name, {
    version: 1,
    ...operationHooks({
      completed: async (manager, { service }, missing) => {
        await moveService(manager, service.id, 'active', { from: [...from, 'active'] });
        await manager.update(Website, { serviceId: service.id, status: 'suspended' }, { status: 'active' });
        await noteDegraded(manager, service.id, mailboxSteps, missing);
      },
    }),
  })
    .pivot('unsuspend_account', unsuspendAccount())
    .then_('unsuspend_mailboxes', { after: ['unsuspend_account'], ...unsuspendMailboxes(closedWith) })
    .build();
}

export const unsuspend: OperationWork<NoInput> = {
  make: (tools) => [openServiceRecipe('service.unsuspend', ['suspended'], tools)],
  freeze: ({ service, requestedBy }) => {
    if (service.suspendHold && requestedBy.role !== 'admin') {
      throw new OperationRefusedError(
        'conflict',
        'service-held',
        `The service is on hold: ${service.suspendReason}. Only an administrator may unsuspend it.`,
      );
    }
    return {};
  },
};
