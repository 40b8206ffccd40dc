import { dnsPort, isDomain, normaliseDomain, provisionerPort } from '@keelson/core';
import { DnsZone, Domain, RemoteResource } from '@keelson/hosting';
import { Length } from 'class-validator';
import { In, Not } from 'typeorm';
import { defineRecipe, type Recipe, type RetriedStep } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { retried } from '../recipes/retried.js';
import { installSsl } from '../recipes/steps/install-ssl.step.js';
import { provisionEmail } from '../recipes/steps/provision-email.step.js';
import { setupDns } from '../recipes/steps/setup-dns.step.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { removeOurZone, type ZoneLeftovers } from './remove-zone.js';
import { refuseWithoutAccount, usernameOf } from './service-account.js';

export class ChangeDomainInput {
  /** The new domain. The customer points it at our name servers; it is not bought with this. */
  @Length(1, 253)
  domain: string;
}

interface ChangeOfDomain {
  domain: string;
  previous: string | null;
}

type Order = OperationOrder<ChangeOfDomain>;

/**
 * Moves the account to another main domain, and then what belongs to a domain: zone, first mailbox, certificate. The old zone goes as far as it
 * is ours; mailboxes of the old domain stay where they are.
 */
function changeDomainRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<Order>('service.change_domain', {
    version: 1,
    ...operationHooks<ChangeOfDomain>({
      completed: (manager, { service }, missing) => noteDegraded(manager, service.id, ['install_ssl'], missing),
    }),
  })
    .pivot('change_account_domain', {
      needs: provisionerPort,
      capability: 'change-domain',
      look: async ({ adapter, order }) => {
        const found = await adapter.findAccount({ username: usernameOf(order) });
        return found?.domain === order.input.domain ? { domain: found.domain } : undefined;
      },
      run: async ({ adapter, order }) => {
        const { domain } = order.input;
        await adapter.changeDomain(usernameOf(order), domain);
        return { domain };
      },
      record: ({ order: { service } }, { domain }, manager) => tools.services.changeDomain(manager, service.id, domain),
      plan: ({ order }) => [
        {
          port: 'provisioner',
          method: 'changeDomain',
          summary: `moves the account ${usernameOf(order)} to ${order.input.domain}`,
        },
      ],
    })
    .then_('setup_dns', { after: ['change_account_domain'], ...retried(setupDns(tools)) })
    .then_('provision_email', { after: ['change_account_domain'], ...retried(provisionEmail(tools)) })
    .then_('remove_old_zone', { after: ['setup_dns'], ...removeOldZone(tools) })
    .then_('install_ssl', { after: ['setup_dns'], ...installSsl(tools) })
    .build();
}

function removeOldZone({ dataSource }: RecipeTools): RetriedStep<Order, object, ZoneLeftovers, typeof dnsPort, never> {
  return {
    needs: dnsPort,
    skipWhen: ({ order }) => (order.input.previous === null ? 'the service had no domain' : undefined),
    run: async ({ adapter, order: { service, input } }) => {
      const name = input.previous ?? '';
      const row = await dataSource.manager.findOneBy(DnsZone, { serviceId: service.id, name });
      return removeOurZone(adapter, name, service.id, row?.records ?? []);
    },
    record: async ({ order: { service, input } }, _output, manager) => {
      const name = input.previous ?? '';
      await manager.update(DnsZone, { serviceId: service.id, name }, { status: 'removed', records: [] });
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'zone', remoteId: name });
    },
    plan: ({ order }) => [
      { port: 'dns', method: 'removeZone', summary: `removes the zone ${order.input.previous} as far as it is ours` },
    ],
  };
}

export const changeDomain: OperationWork<ChangeDomainInput> = {
  make: (tools) => [changeDomainRecipe(tools)],
  freeze: async ({ manager, service, input }): Promise<ChangeOfDomain> => {
    refuseWithoutAccount(service);
    if (!isDomain(input.domain)) {
      const message = 'domain must be a domain name such as example.com';
      throw new OperationRefusedError('bad-input', 'validation-failed', message, [{ path: 'domain', message }]);
    }
    const domain = normaliseDomain(input.domain);
    if (domain === service.domain)
      throw new OperationRefusedError('conflict', 'same-domain', `The domain of the service is ${domain} already.`);
    const taken = await manager.existsBy(Domain, [
      { name: domain, status: In(['pending', 'active', 'expired']), customerId: Not(service.customerId) },
    ]);
    if (taken)
      throw new OperationRefusedError('conflict', 'domain-taken', `The domain ${domain} is another customer's.`);
    return { domain, previous: service.domain };
  },
};
