import { moveService, Service, Website } from '@keelson/hosting';
import { IsInt, IsOptional, Length, Matches, Max, Min } from 'class-validator';
import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { listMailboxes, mailboxSteps, suspendMailboxes } from './service-mailboxes.js';
import { suspendAccount } from './suspend.recipe.js';

export class TerminateInput {
  /** Why: one line, shown to the customer and given to the panel. */
  @Length(1, 200)
  @Matches(/^(?=\S)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, { message: 'reason must be one line of text' })
  reason: string;

  /** Days until the data is removed. Default: `REMOVAL_AFTER_DAYS`. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(3_650)
  removeAfterDays?: number;
}

interface Termination {
  reason: string;
  /** ISO 8601. */
  removeDueAt: string;
}

/**
 * The first of two stages: the service is closed as if it were suspended, and its data is kept until a date. `restore` opens it again until
 * `remove`, the second stage, has begun. Repeating it moves the date.
 */
function quarantineRecipe(): Recipe {
  return defineRecipe<OperationOrder<Termination>>('service.quarantine', {
    version: 1,
    ...operationHooks<Termination>({
      completed: async (manager, { service, input }, missing) => {
        const { reason: terminationReason, removeDueAt } = input;
        await manager.update(Service, { id: service.id }, { terminationReason, removeDueAt: new Date(removeDueAt) });
        await moveService(manager, service.id, 'quarantined');
        await manager.update(Website, { serviceId: service.id, status: 'active' }, { status: 'suspended' });
        await noteDegraded(manager, service.id, mailboxSteps, missing);
      },
    }),
  })
    .pivot('suspend_account', suspendAccount<Termination>())
    .then_('list_mailboxes', { after: ['suspend_account'], ...listMailboxes() })
    .then_('suspend_mailboxes', { after: ['list_mailboxes'], ...suspendMailboxes() })
    .build();
}

const dayMs = 86_400_000;

export const terminate: OperationWork<TerminateInput> = {
  make: (_tools: RecipeTools) => [quarantineRecipe()],
  freeze: ({ input, now, tools: { settings } }): Termination => {
    const days = input.removeAfterDays ?? settings.removalAfterDays;
    return { reason: input.reason, removeDueAt: new Date(now.getTime() + days * dayMs).toISOString() };
  },
};
