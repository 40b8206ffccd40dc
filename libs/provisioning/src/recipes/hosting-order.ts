import { Product } from '@keelson/catalogue';
import { Customer } from '@keelson/customers';
import { Domain, Server, Service } from '@keelson/hosting';
import { queryPrepared } from '@keelson/database';
import type { DataSource, EntityManager } from 'typeorm';
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
  const { text, parts } = orderQuery(manager.dataSource);
  const [row] = await queryPrepared<Record<string, unknown>>(manager, text, [input['serviceId']]);
  if (row === undefined)
    throw new Error(`there is no service ${String(input['serviceId'])}, or its customer or product`);
  const [service, product, customer, server, domain] = parts.map((part) => part(row));
  return { service, product, customer, server, domain } as HostingOrder;
}

/** The query with what makes entities of its row: read before most steps, and a query builder costs more than the database. */
interface OrderQuery {
  text: string;
  parts: ((row: Record<string, unknown>) => object | undefined)[];
}

const queries = new WeakMap<DataSource, OrderQuery>();

function orderQuery(dataSource: DataSource): OrderQuery {
  const known = queries.get(dataSource);
  if (known !== undefined) return known;
  const tables = Object.entries({
    service: Service,
    product: Product,
    customer: Customer,
    server: Server,
    domain: Domain,
  });
  const columns = tables.map(([table, entity]) =>
    dataSource.getMetadata(entity).columns.map((column) => ({ column, name: `${table}.${column.databaseName}` })),
  );
  const query: OrderQuery = {
    text: `SELECT ${columns
      .flat()
      .map(({ name }) => `${name} AS "${name}"`)
      .join(', ')}
             FROM services service JOIN products product ON product.id = service.product_id
             JOIN customers customer ON customer.id = service.customer_id
             LEFT JOIN servers server ON server.id = service.server_id LEFT JOIN domains domain ON domain.service_id = service.id
            WHERE service.id = $1`,
    parts: tables.map(([table, entity], index) => (row) => {
      if (row[`${table}.id`] === null) return undefined;
      const made = dataSource.getMetadata(entity).create() as Record<string, unknown>;
      for (const { column, name } of columns[index] ?? [])
        made[column.propertyName] = dataSource.driver.prepareHydratedValue(row[name], column) as unknown;
      return made;
    }),
  };
  queries.set(dataSource, query);
  return query;
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
