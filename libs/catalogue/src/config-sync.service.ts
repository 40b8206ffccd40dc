import {
  ConfigError,
  EnvelopeError,
  type KeelsonConfig,
  type PortBindings,
  type PortId,
  type ServerConfig,
} from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, Not } from 'typeorm';
import { insertBindings, lockBindings, type BindingPlace } from './bindings.service.js';
import { Connection } from './connection.entity.js';
import { ConnectionOwnedError } from './connection.errors.js';
import { ConnectionsService } from './connections.service.js';
import { ProductsService } from './products.service.js';

/** What the file says that belongs to rooms above this one. */
export interface SyncedConfig {
  /** Name of every connection in the file → its id. */
  connectionIds: ReadonlyMap<string, string>;
  servers: readonly (ServerConfig & { connectionId: string })[];
}

/** Brings the tables in step with `keelson.config.yaml`. */
@Injectable()
export class ConfigSync {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: ConnectionsService,
    private readonly products: ProductsService,
  ) {}

  /**
   * Stores connections and bindings of the file, all or nothing. Bindings that are no longer in the file go away; connections
   * that are not are disabled, because services may still name them. What an administrator made is never touched.
   * Repeating it changes nothing.
   * @throws ConfigError when the file names an unknown product, clashes with an administrator's connection, or stored secrets
   *   do not open with the present encryption key
   */
  async sync(config: KeelsonConfig): Promise<SyncedConfig> {
    const places = await this.placesOf(config);
    return inTransaction(this.dataSource, async (manager) => {
      await lockBindings(manager);
      const connectionIds = await this.putConnections(manager, config);
      await manager.query(`DELETE FROM bindings WHERE source = 'config'`);
      for (const [place, bindings] of places) {
        for (const [port, names] of Object.entries(bindings) as [PortId, readonly string[]][]) {
          const ids = names.flatMap((name) => connectionIds.get(name) ?? []);
          await insertBindings(manager, port, place, ids, 'config');
        }
      }
      const servers = config.servers.flatMap((server) => {
        const connectionId = connectionIds.get(server.connection);
        return connectionId === undefined ? [] : [{ ...server, connectionId }];
      });
      return { connectionIds, servers };
    });
  }

  private async putConnections(manager: EntityManager, config: KeelsonConfig): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    for (const spec of config.connections) {
      try {
        ids.set(spec.name, (await this.connections.putIn(manager, spec, 'config')).id);
      } catch (cause) {
        if (!(cause instanceof ConnectionOwnedError || cause instanceof EnvelopeError)) throw cause;
        throw new ConfigError([`connections.${spec.name}: ${cause.message}`], { cause });
      }
    }
    await manager.update(
      Connection,
      { source: 'config', status: 'enabled', name: Not(In([...ids.keys()])) },
      { status: 'disabled' },
    );
    return ids;
  }

  private async placesOf({ bindings }: KeelsonConfig): Promise<[BindingPlace, PortBindings][]> {
    const places: [BindingPlace, PortBindings][] = [[{}, bindings.default]];
    for (const [productType, bound] of Object.entries(bindings.types)) {
      places.push([{ productType } as BindingPlace, bound]);
    }
    for (const [slug, bound] of Object.entries(bindings.products)) {
      const product = await this.products.find(slug);
      if (product === undefined)
        throw new ConfigError([`bindings.products.${slug}: there is no product with this slug`]);
      places.push([{ productId: product.id }, bound]);
    }
    return places;
  }
}
