import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import type { NoInput } from './no-input.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { sendCredentials } from './send-credentials.step.js';

/** Mails names and passwords of panel and mailbox once more, as they were last set here. */
function resendCredentialsRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<OperationOrder>('service.resend_credentials', {
    version: 1,
    ...operationHooks({
      completed: (manager, { service }) =>
        noteDegraded(manager, service.id, ['send_credentials', 'send_welcome_email'], []),
    }),
  })
    .pivot('send_credentials', sendCredentials(tools))
    .build();
}

export const resendCredentials: OperationWork<NoInput> = { make: (tools) => [resendCredentialsRecipe(tools)] };
