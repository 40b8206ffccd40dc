import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { NoInput } from './no-input.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { renewCertificate as renewStep } from '../recipes/steps/renew-certificate.step.js';

/**
 * Brings the service its next certificate, or its first where the order's task could not. The one step is optional, so that the task gives
 * way to every other operation on the service; see `LifecycleService`.
 */
function certificateRenewalRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<OperationOrder>('certificate.renew', {
    version: 1,
    ...operationHooks({
      completed: async (manager, { service }, missing) => {
        if (missing.length === 0) await noteDegraded(manager, service.id, ['install_ssl'], []);
      },
    }),
  })
    .pivot('renew_certificate', renewStep(tools))
    .build();
}

export const renewCertificate: OperationWork<NoInput> = { make: (tools) => [certificateRenewalRecipe(tools)] };
