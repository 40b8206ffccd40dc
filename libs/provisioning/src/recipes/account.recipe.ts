import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { HostingOrder } from './hosting-order.js';
import { serviceHooks } from './service-hooks.js';
import type { RecipeTools } from './recipe-tools.js';
import { assignServer } from './steps/assign-server.step.js';
import { createAccount } from './steps/create-account.step.js';

/** Makes an account as its caller described it (`WantedAccount`), and nothing around it: the caller sees to the rest. */
export function accountRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<HostingOrder>('account.provision', { version: 1, ...serviceHooks })
    .step('assign_server', assignServer(tools))
    .step('create_account', { after: ['assign_server'], ...createAccount(tools) })
    .build();
}
