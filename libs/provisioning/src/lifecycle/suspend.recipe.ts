import { provisionerPort } from '@keelson/core';
import { moveService, Website } from '@keelson/hosting';
import { IsBoolean, IsOptional, Length, Matches } from 'class-validator';
import { defineRecipe, type Recipe, type RetriedStep } from '../engine/recipe.js';
import { isExempt } from './exemption.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { usernameOf, withoutAccount } from './service-account.js';
import { listMailboxes, mailboxSteps, suspendMailboxes } from './service-mailboxes.js';

export class SuspendInput {
  /** Why: one line, shown to the customer and given to the panel. */
  @Length(1, 200)
  @Matches(/^(?=\S)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, { message: 'reason must be one line of text' })
  reason: string;

  /** Only an administrator may unsuspend it. Default: yes when a person asks, no when the automation does. */
  @IsOptional()
  @IsBoolean()
  hold?: boolean;
}

interface Suspension {
  reason: string;
  hold: boolean;
}

/** Closes the account at the panel, with the reason of the operation. */
export function suspendAccount<Input extends { reason: string }>(): RetriedStep<
  OperationOrder<Input>,
  object,
  { username: string },
  typeof provisionerPort,
  never
> {
  return {
    needs: provisionerPort,
    skipWhen: withoutAccount,
    look: async ({ adapter, order }) => {
      const username = usernameOf(order);
      const found = await adapter.findAccount({ username });
      return found?.state === 'suspended' ? { username } : undefined;
    },
    run: async ({ adapter, order }) => {
      const username = usernameOf(order);
      await adapter.suspendAccount(username, order.input.reason);
      return { username };
    },
    plan: ({ order }) => [
      { port: 'provisioner', method: 'suspendAccount', summary: `suspends the account ${usernameOf(order)}` },
    ],
  };
}

/**
 * Closes the account, and with it the sites; then the mailboxes that live elsewhere. The service is suspended from the moment its account
 * is. Suspending what is suspended confirms it, and may add a hold.
 */
function suspendRecipe(): Recipe {
  return defineRecipe<OperationOrder<Suspension>>('service.suspend', {
    version: 1,
    ...operationHooks<Suspension>({
      completed: async (manager, { service, input }, missing) => {
        await moveService(manager, service.id, 'suspended', input);
        await manager.update(Website, { serviceId: service.id, status: 'active' }, { status: 'suspended' });
        await noteDegraded(manager, service.id, mailboxSteps, missing);
      },
    }),
  })
    .pivot('suspend_account', suspendAccount<Suspension>())
    .then_('list_mailboxes', { after: ['suspend_account'], ...listMailboxes() })
    .then_('suspend_mailboxes', { after: ['list_mailboxes'], ...suspendMailboxes() })
    .build();
}

export const suspend: OperationWork<SuspendInput> = {
  make: () => [suspendRecipe()],
  freeze: ({ service, input, requestedBy, now }): Suspension => {
    if (isExempt(service, now) && requestedBy.role !== 'admin') {
      throw new OperationRefusedError(
        'conflict',
        'service-exempt',
        `The service is not to be suspended: ${service.suspendExemptReason}. Lift the exemption, or ask an administrator.`,
      );
    }
    return { reason: input.reason, hold: input.hold ?? requestedBy.role !== 'automation' };
  },
};
