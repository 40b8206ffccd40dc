import { PluginRegistry, type PortId, type ProductType } from '@keelson/core';
import { inTransaction, newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { ConnectionNotFoundError, InvalidBindingError } from './connection.errors.js';
import { Connection, type ConnectionSource } from './connection.entity.js';

/** What an order is for, as far as bindings tell it apart. */
export interface BindingKey {
  productId?: string;
  productType?: ProductType;
}

/** Where a binding counts: for a product, for a product type, or, with neither, for all that do not say otherwise. */
export type BindingPlace =
  { productId: string; productType?: never } | { productId?: never; productType?: ProductType };

/** Chooses the connections that serve a port. */
@Injectable()
export class BindingsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly registry: PluginRegistry,
  ) {}

  /**
   * The enabled connections of the most particular place that says anything about the port: the product, else its type, else
   * the default. What an administrator bound in a place hides what the file binds there. Empty when nothing is bound or
   * the port is switched off; a pool comes in its order.
   */
  async connectionsFor(port: PortId, key: BindingKey = {}): Promise<Connection[]> {
    const bound = await this.dataSource.query<{ connection_id: string | null }[]>(
      `WITH placed AS (
         SELECT connection_id, position,
           CASE WHEN product_id IS NOT NULL THEN 0 WHEN product_type IS NOT NULL THEN 2 ELSE 4 END
             + CASE source WHEN 'admin' THEN 0 ELSE 1 END AS place
         FROM bindings
         WHERE port = $1 AND (product_id = $2 OR product_type = $3 OR (product_id IS NULL AND product_type IS NULL))
       )
       SELECT connection_id FROM placed WHERE place = (SELECT min(place) FROM placed) ORDER BY position, connection_id`,
      [port, key.productId ?? null, key.productType ?? null],
    );
    const ids = bound.flatMap((row) => row.connection_id ?? []);
    if (ids.length === 0) return [];
    const found = await this.dataSource.manager.findBy(Connection, { id: In(ids), status: 'enabled' });
    return ids.flatMap((id) => found.find((connection) => connection.id === id) ?? []);
  }

  /**
   * Makes the given connections, in their order, all that serves the port in this place, whatever the configuration file says;
   * none switches the port off there. Repeating it changes nothing.
   * @throws ConnectionNotFoundError
   * @throws InvalidBindingError when a connection does not speak the port
   */
  async bind(port: PortId, place: BindingPlace, connectionIds: readonly string[]): Promise<void> {
    const found = await this.dataSource.manager.findBy(Connection, { id: In([...connectionIds]) });
    if (found.length < new Set(connectionIds).size) throw new ConnectionNotFoundError();
    for (const { name, plugin } of found) {
      if (this.registry.adapterOffer(plugin, port) === undefined) {
        throw new InvalidBindingError(`The connection ${name} (plugin ${plugin}) does not speak ${port}.`);
      }
    }
    await inTransaction(this.dataSource, async (manager) => {
      await lockBindings(manager);
      await manager.query(
        `DELETE FROM bindings WHERE port = $1
           AND product_id IS NOT DISTINCT FROM $2 AND product_type IS NOT DISTINCT FROM $3
           AND (source = 'admin' OR connection_id = ANY($4) OR (connection_id IS NULL AND cardinality($4::uuid[]) = 0))`,
        [port, place.productId ?? null, place.productType ?? null, connectionIds],
      );
      await insertBindings(manager, port, place, connectionIds, 'admin');
    });
  }
}

/** Lets one transaction at a time write bindings. */
export async function lockBindings(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [0x6b65626e]);
}

/** Adds the rows of one pool; a row that the other source has already stays as it is. */
export async function insertBindings(
  manager: EntityManager,
  port: PortId,
  place: BindingPlace,
  connectionIds: readonly string[],
  source: ConnectionSource,
): Promise<void> {
  const pool = connectionIds.length === 0 ? [null] : connectionIds;
  for (const [position, connectionId] of pool.entries()) {
    await manager.query(
      `INSERT INTO bindings (id, product_type, product_id, port, connection_id, position, source)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [newId(), place.productType ?? null, place.productId ?? null, port, connectionId, position, source],
    );
  }
}
