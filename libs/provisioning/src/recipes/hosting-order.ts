import { Product } from '@keelson/catalogue';
import { Customer } from '@keelson/customers';
import { Domain, Server, Service } from '@keelson/hosting';
import type { EntityManager } from 'typeorm';
import type { BindingKey } from '../engine/recipe.js';

/** Everything the steps of a service need to know, as it is now. */
export interface HostingOrder {
  service: Service;
  product: Product;
  customer: Customer;
  /** Once one is assigned. */
  server?: Server;
  /** The customer's domain; undefined when the order came without one. */
  domain?: Domain;
}

/** Reads the order of a service. Input: `{ serviceId }`. @throws when a row is gone, which the foreign keys exclude */
export async function loadHostingOrder(manager: EntityManager, input: Record<string, unknown>): Promise<HostingOrder> {
  const service = await manager.findOneByOrFail(Service, { id: String(input['serviceId']) });
  // One after the other: inside a transaction they share one connection.
  const product = await manager.findOneByOrFail(Product, { id: service.productId });
  const customer = await manager.findOneByOrFail(Customer, { id: service.customerId });
  const server = service.serverId === null ? null : await manager.findOneBy(Server, { id: service.serverId });
  const domain = await manager.findOneBy(Domain, { serviceId: service.id });
  return { service, product, customer, server: server ?? undefined, domain: domain ?? undefined };
}

/** By what the connections of the order are chosen. */
export function bindingOf({ product, server }: HostingOrder): BindingKey {
  return { productId: product.id, productType: product.type, serverConnectionId: server?.connectionId };
}
