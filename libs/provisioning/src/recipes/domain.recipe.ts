import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { HostingOrder } from './hosting-order.js';
import { serviceHooks } from './service-hooks.js';
import type { RecipeTools } from './recipe-tools.js';
import { configureDomain } from './steps/configure-domain.step.js';
import { registerDomain } from './steps/register-domain.step.js';
import { secureDns } from './steps/secure-dns.step.js';
import { sendWelcomeEmail } from './steps/send-welcome-email.step.js';
import { setupDns } from './steps/setup-dns.step.js';
import { transferDomain } from './steps/transfer-domain.step.js';

/** Buys a domain without hosting, or moves it to us: a zone that it can be pointed at, then the registration. */
export function domainRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<HostingOrder>('domain.provision', { version: 1, ...serviceHooks })
    .step('setup_dns', setupDns(tools))
    .pivot('register_domain', registerDomain(tools))
    .orPivot('transfer_domain', transferDomain(tools))
    .then_('configure_domain', configureDomain(tools))
    .then_('secure_dns', { after: ['configure_domain'], ...secureDns(tools) })
    .then_('send_welcome_email', { after: ['register_domain'], ...sendWelcomeEmail(tools) })
    .build();
}
