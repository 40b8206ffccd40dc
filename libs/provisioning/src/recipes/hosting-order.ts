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

/** What one query brings along with the service. */
interface Joined {
  product: Product;
  customer: Customer;
  server: Server | null;
  order_domain: Domain | null;
}

/** Reads the order of a service. Input: `{ serviceId }`. @throws when a row is gone, which the foreign keys exclude */
export async function loadHostingOrder(manager: EntityManager, input: Record<string, unknown>): Promise<HostingOrder> {
  const service = (await manager
    .createQueryBuilder(Service, 'service')
    .innerJoinAndMapOne('service.product', Product, 'product', 'product.id = service.product_id')
    .innerJoinAndMapOne('service.customer', Customer, 'customer', 'customer.id = service.customer_id')
    .leftJoinAndMapOne('service.server', Server, 'server', 'server.id = service.server_id')
    .leftJoinAndMapOne('service.order_domain', Domain, 'domain', 'domain.service_id = service.id')
    .where('service.id = :id', { id: String(input['serviceId']) })
    .getOneOrFail()) as Service & Joined;
  const { product, customer, server, order_domain: domain } = service;
  return { service, product, customer, server: server ?? undefined, domain: domain ?? undefined };
}

/** By what the connections of the order are chosen. */
export function bindingOf({ product, server, domain }: HostingOrder): BindingKey {
  return {
    productId: product.id,
    productType: product.type,
    serverConnectionId: server?.connectionId,
    registrarConnectionId: domain?.connectionId ?? undefined,
  };
}
