import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { HostingOrder } from './hosting-order.js';
import { serviceHooks } from './service-hooks.js';
import type { RecipeTools } from './recipe-tools.js';
import { issueLicence } from './steps/issue-licence.step.js';
import { sendWelcomeEmail } from './steps/send-welcome-email.step.js';

/** Issues a licence and mails its key. Once the key is mailed there is no way back but to terminate the service. */
export function licenceRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<HostingOrder>('licence.provision', { version: 1, ...serviceHooks })
    .step('issue_licence', issueLicence(tools))
    .pivot('send_welcome_email', sendWelcomeEmail(tools))
    .build();
}
