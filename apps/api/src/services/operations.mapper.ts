import { toPublicId } from '@keelson/database';
import type { OperationPlan } from '@keelson/provisioning';
import type { OperationPlanDto } from './operations.dto.js';

/** A plan as the API shows it. */
export function planOf({ serviceId, operation, recipe, steps }: OperationPlan): OperationPlanDto {
  return {
    dryRun: true,
    serviceId: toPublicId('srv', serviceId),
    operation: operation.replaceAll('_', '-'),
    recipe,
    steps: steps.map((step) => ({ ...step, calls: [...step.calls] })),
  };
}
