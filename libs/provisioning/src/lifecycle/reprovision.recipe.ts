import { provisionerPort } from '@keelson/core';
import { defineRecipe, type Recipe, type StepContext } from '../engine/recipe.js';
import { keptStep } from '../recipes/kept-step.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { assignServer } from '../recipes/steps/assign-server.step.js';
import { configureDomain } from '../recipes/steps/configure-domain.step.js';
import { createAccount } from '../recipes/steps/create-account.step.js';
import { restoreDatabase } from '../recipes/steps/create-database.step.js';
import { installSsl } from '../recipes/steps/install-ssl.step.js';
import { provisionEmail } from '../recipes/steps/provision-email.step.js';
import { secureDns } from '../recipes/steps/secure-dns.step.js';
import { setupDns } from '../recipes/steps/setup-dns.step.js';
import type { NoInput } from './no-input.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { usernameOf, withoutAccount } from './service-account.js';

const optional = ['configure_domain', 'secure_dns', 'install_ssl'];
const hooks = operationHooks({
  completed: (manager, { service }, missing) => noteDegraded(manager, service.id, optional, missing),
});

async function findAccount({ adapter, order }: StepContext<OperationOrder, object, typeof provisionerPort>) {
  return { missing: (await adapter.findAccount({ username: usernameOf(order) })) === undefined };
}

/**
 * Makes again what is missing of a hosting service that is in use, under the same names and with the same passwords. What is there is
 * adopted and left as it is; nothing is bought and nothing is ever taken back. It does not bring data back.
 */
function hostingReprovision(tools: RecipeTools): Recipe {
  const ssl = installSsl(tools);
  return defineRecipe<OperationOrder>('hosting.reprovision', { version: 1, ...hooks })
    .step('assign_server', keptStep(assignServer(tools)))
    .step('find_account', {
      after: ['assign_server'],
      needs: provisionerPort,
      skipWhen: withoutAccount,
      look: findAccount,
      run: findAccount,
      undo: () => Promise.resolve(),
    })
    .step('create_account', { after: ['find_account'], ...keptStep(createAccount(tools)) })
    .step('setup_dns', { after: ['create_account'], ...keptStep(setupDns(tools)) })
    .step('provision_email', { after: ['create_account'], ...keptStep(provisionEmail(tools)) })
    .pivot('create_database', { after: ['create_account'], ...restoreDatabase(tools) })
    .then_('configure_domain', configureDomain(tools))
    .then_('secure_dns', { after: ['configure_domain'], ...secureDns(tools) })
    .then_('install_ssl', {
      after: ['configure_domain'],
      ...ssl,
      skipWhen: (context) => {
        const { done, order } = context;
        const lost = done.find_account?.missing !== false || order.service.degraded.includes('install_ssl');
        return lost ? ssl.skipWhen?.(context) : 'the account is there, with its certificate';
      },
    })
    .build();
}

/** The same for mail plans. */
function emailReprovision(tools: RecipeTools): Recipe {
  return defineRecipe<OperationOrder>('email.reprovision', { version: 1, ...hooks })
    .step('assign_server', keptStep(assignServer(tools)))
    .step('create_account', { after: ['assign_server'], ...keptStep(createAccount(tools)) })
    .step('setup_dns', { after: ['create_account'], ...keptStep(setupDns(tools)) })
    .step('provision_email', { after: ['create_account'], ...keptStep(provisionEmail(tools)) })
    .pivot('configure_domain', configureDomain(tools))
    .then_('secure_dns', { after: ['configure_domain'], ...secureDns(tools) })
    .build();
}

/** The same for domains: their zone, and what the registrar says about them. */
function domainReprovision(tools: RecipeTools): Recipe {
  return defineRecipe<OperationOrder>('domain.reprovision', { version: 1, ...hooks })
    .step('setup_dns', keptStep(setupDns(tools)))
    .pivot('configure_domain', configureDomain(tools))
    .then_('secure_dns', { after: ['configure_domain'], ...secureDns(tools) })
    .build();
}

export const reprovisionRecipes = {
  hosting: 'hosting.reprovision',
  wordpress: 'hosting.reprovision',
  storage: 'hosting.reprovision',
  email: 'email.reprovision',
  domain: 'domain.reprovision',
} as const;

export const reprovision: OperationWork<NoInput> = {
  make: (tools) => [hostingReprovision(tools), emailReprovision(tools), domainReprovision(tools)],
};
