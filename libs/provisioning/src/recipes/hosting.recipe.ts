import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { HostingOrder } from './hosting-order.js';
import { serviceHooks } from './service-hooks.js';
import type { RecipeTools } from './recipe-tools.js';
import { assignServer } from './steps/assign-server.step.js';
import { configureDomain } from './steps/configure-domain.step.js';
import { createAccount } from './steps/create-account.step.js';
import { createDatabase } from './steps/create-database.step.js';
import { installSsl } from './steps/install-ssl.step.js';
import { provisionEmail } from './steps/provision-email.step.js';
import { registerDomain } from './steps/register-domain.step.js';
import { secureDns } from './steps/secure-dns.step.js';
import { sendWelcomeEmail } from './steps/send-welcome-email.step.js';
import { setupDns } from './steps/setup-dns.step.js';
import { transferDomain } from './steps/transfer-domain.step.js';

/** Makes a hosting account with everything around it. Also for WordPress and storage plans: their package differs, not their order. */
export function hostingRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<HostingOrder>('hosting.provision', { version: 1, ...serviceHooks })
    .step('assign_server', assignServer(tools))
    .step('create_account', { after: ['assign_server'], ...createAccount(tools) })
    .step('setup_dns', { after: ['create_account'], ...setupDns(tools) })
    .step('provision_email', { after: ['create_account'], ...provisionEmail(tools) })
    .step('create_database', { after: ['create_account'], ...createDatabase(tools) })
    .pivot('register_domain', registerDomain(tools))
    .orPivot('transfer_domain', { meanwhile: 'usable', ...transferDomain(tools) })
    .then_('configure_domain', { after: ['register_domain', 'transfer_domain'], ...configureDomain(tools) })
    .then_('secure_dns', { after: ['configure_domain'], ...secureDns(tools) })
    .then_('install_ssl', { after: ['configure_domain'], ...installSsl(tools) })
    .then_('send_welcome_email', { after: ['register_domain'], ...sendWelcomeEmail(tools) })
    .build();
}
