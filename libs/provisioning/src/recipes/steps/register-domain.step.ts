import { PortError, type RegisteredDomain, registrarPort } from '@keelson/core';
import type { RetriedStep } from '../../engine/recipe.js';
import { delegationOf, domainNameOf, maximumPriceOf, registrantOf } from '../domain-order.js';
import { reportingRefusal } from '../domain-refusal.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/**
 * Buys the domain for what it was sold for. Money is spent: looked for before every try, never taken back. One that the registrar account
 * held before is not given away: it may be another customer's. When the registrar refuses it, taken meanwhile or too dear, the customer is
 * told and decides. What the registrar replaced by its own defaults is put right by `configure_domain`.
 */
export function registerDomain(
  tools: RecipeTools,
): RetriedStep<HostingOrder, object, RegisteredDomain, typeof registrarPort, never> {
  return {
    needs: registrarPort,
    refused: 'ask',
    skipWhen: ({ order }) =>
      order.domain?.mode === 'new_registration' ? undefined : 'the domain is not bought with this order',
    look: async ({ adapter, order, ours }) => {
      const found = await adapter.findDomain(domainNameOf(order));
      if (found === undefined || ours) return found;
      throw new PortError('already-exists', `The domain ${found.domain} is registered already.`);
    },
    run: async (context) => {
      const { adapter, order } = context;
      const spec = {
        domain: domainNameOf(order),
        years: 1,
        contact: registrantOf(order),
        nameservers: nameserversOf(order, tools),
        privacy: true,
        autoRenew: false,
      };
      const maximumPrice = await maximumPriceOf(tools, adapter, order);
      return reportingRefusal(tools, context, 'registration', () =>
        adapter.registerDomain({ ...spec, ...(maximumPrice && { maximumPrice }) }),
      );
    },
    plan: ({ order }) => [
      {
        port: 'registrar',
        method: 'registerDomain',
        summary: `buys ${domainNameOf(order)} for one year; this money does not come back`,
      },
    ],
    record: ({ order, connectionId }, registered, manager) =>
      tools.domains.arrived(manager, order.service.id, connectionId, registered),
  };
}

function nameserversOf(order: HostingOrder, { settings }: RecipeTools): string[] {
  const nameservers = delegationOf(order, settings);
  if (nameservers.length >= 2) return nameservers;
  throw new PortError(
    'invalid-config',
    'A domain needs two name servers: set NS1 and NS2, or name servers on the server.',
  );
}
