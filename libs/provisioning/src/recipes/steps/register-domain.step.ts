import { type RegistrantContact, type RegisteredDomain, PortError, registrarPort } from '@keelson/core';
import { newId } from '@keelson/database';
import { Domain, RemoteResource } from '@keelson/hosting';
import type { RetriedStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/**
 * Buys the domain. Money is spent: looked for before every try, never taken back. One that the registrar account held before
 * is not given away: it may be another customer's.
 */
export function registerDomain({
  settings,
}: RecipeTools): RetriedStep<HostingOrder, object, RegisteredDomain, typeof registrarPort, never> {
  return {
    needs: registrarPort,
    skipWhen: ({ order }) =>
      order.domain?.mode === 'new_registration' ? undefined : 'the domain is not bought with this order',
    look: async ({ adapter, order, ours }) => {
      const found = await adapter.findDomain(nameOf(order));
      if (found === undefined || ours) return found;
      throw new PortError('already-exists', `The domain ${found.domain} is registered already.`);
    },
    run: ({ adapter, order }) =>
      adapter.registerDomain({
        domain: nameOf(order),
        years: 1,
        contact: contactOf(order),
        nameservers: order.service.nameservers.length > 0 ? order.service.nameservers : settings.nameservers,
        privacy: true,
        autoRenew: false,
      }),
    record: async ({ order: { service }, connectionId }, registered, manager) => {
      await manager.update(
        Domain,
        { serviceId: service.id },
        { status: 'active', connectionId, expiresAt: new Date(registered.expiresAt) },
      );
      await manager.upsert(
        RemoteResource,
        { id: newId(), serviceId: service.id, connectionId, kind: 'domain', remoteId: registered.domain },
        ['connectionId', 'kind', 'remoteId'],
      );
    },
  };
}

function nameOf({ domain }: HostingOrder): string {
  if (domain === undefined) throw new PortError('wrong-state', 'The order has no domain.');
  return domain.name;
}

function contactOf({ customer }: HostingOrder): RegistrantContact {
  const address = (customer.address ?? {}) as Partial<Record<string, string>>;
  const [firstName = customer.name, ...rest] = customer.name.trim().split(/\s+/);
  const contact = {
    firstName,
    lastName: rest.join(' ') || firstName,
    ...(customer.company === null ? {} : { company: customer.company }),
    email: customer.email,
    phone: customer.phone ?? '',
    street: address['line1'] ?? address['street'] ?? '',
    city: address['city'] ?? '',
    state: address['state'] ?? '',
    postalCode: address['postalCode'] ?? address['postal_code'] ?? '',
    country: address['country'] ?? '',
  };
  const missing = (['phone', 'street', 'city', 'postalCode', 'country'] as const).filter(
    (field) => contact[field] === '',
  );
  if (missing.length > 0) {
    throw new PortError(
      'invalid-config',
      `The registrant's ${missing.join(', ')} must be known before a domain can be registered.`,
    );
  }
  return contact;
}
