import {
  type AdapterOf,
  type Money,
  PortError,
  type RegistrantContact,
  type registrarPort,
  type Settings,
} from '@keelson/core';
import type { HostingOrder } from './hosting-order.js';
import type { RecipeTools } from './recipe-tools.js';

/** The ending under which prices are kept: `co.uk` of `shop.co.uk`. */
function endingOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

/** @throws PortError `wrong-state` for an order without a domain; such orders skip their domain steps */
export function domainNameOf({ domain }: Pick<HostingOrder, 'domain'>): string {
  if (domain === undefined) throw new PortError('wrong-state', 'The order has no domain.');
  return domain.name;
}

/** Whether we hold the domain at a registrar. */
export function isKeptByUs({ domain }: Pick<HostingOrder, 'domain'>): boolean {
  return domain !== undefined && domain.mode !== 'external' && domain.connectionId !== null;
}

/** Where the domain is to be delegated: to the servers that answer for its zone. Empty when none are known. */
export function delegationOf({ service }: HostingOrder, { nameservers }: Pick<Settings, 'nameservers'>): string[] {
  return service.nameservers.length > 0 ? service.nameservers : [...nameservers];
}

/**
 * Most that the registration may cost: what it was sold for, or what the registrar's list says where we sell below it. Undefined when neither
 * is known in the registrar's currency: then the registrar itself refuses what is above its list.
 */
export async function maximumPriceOf(
  { products }: Pick<RecipeTools, 'products'>,
  registrar: Pick<AdapterOf<typeof registrarPort>, 'getBalance'>,
  { domain }: HostingOrder,
): Promise<Money | undefined> {
  if (domain === undefined || domain.soldAmount === null || domain.soldCurrency === null) return undefined;
  const { currency } = await registrar.getBalance();
  const listed = await products.findTldPrice(endingOf(domain.name), domain.soldCurrency);
  const amount = Math.max(
    domain.soldCurrency === currency ? domain.soldAmount : 0,
    listed?.costCurrency === currency ? (listed.registerCost ?? 0) : 0,
  );
  return amount === 0 ? undefined : { amount, currency };
}

/**
 * The customer as a registrant.
 * @throws PortError `invalid-config` naming what every registry asks for and the customer has not given: the order waits until it is there
 */
export function registrantOf({ customer }: Pick<HostingOrder, 'customer'>): RegistrantContact {
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
  if (missing.length === 0) return contact;
  throw new PortError(
    'invalid-config',
    `The registrant's ${missing.join(', ')} must be known before a domain can be registered.`,
  );
}
