import { defineRecipe, type Recipe } from '../engine/recipe.js';
import { serviceHooks } from './service-hooks.js';
import type { RecipeTools } from './recipe-tools.js';
import { assignServer } from './steps/assign-server.step.js';
import { createAccount } from './steps/create-account.step.js';
import { fulfilByHand } from './steps/fulfil-by-hand.step.js';
import { registerDomain } from './steps/register-domain.step.js';
import { sendWelcomeEmail } from './steps/send-welcome-email.step.js';
import { setupDns } from './steps/setup-dns.step.js';
import { loadVpsOrder, type VpsOrder } from './vps-order.js';

/** Makes a virtual machine: on a server of the product's group, or, where there is none, by a person who is asked to. */
export function vpsRecipe(tools: RecipeTools): Recipe {
  const { skipWhen, ...server } = assignServer(tools);
  return defineRecipe<VpsOrder>('vps.provision', { version: 1, ...serviceHooks, load: loadVpsOrder })
    .step('assign_server', {
      ...server,
      skipWhen: (context) => (context.order.automatic ? skipWhen?.(context) : 'a person sets the machine up'),
    })
    .step('create_account', { after: ['assign_server'], ...createAccount(tools) })
    .step('fulfil_by_hand', { after: ['create_account'], ...fulfilByHand() })
    .step('setup_dns', { after: ['fulfil_by_hand'], ...setupDns(tools) })
    .pivot('register_domain', registerDomain(tools))
    .then_('send_welcome_email', { after: ['register_domain'], ...sendWelcomeEmail(tools) })
    .build();
}
