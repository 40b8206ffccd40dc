import {
  adapterFor,
  Keyring,
  mailPort,
  PluginRegistry,
  Setting,
  type AdapterContext,
  type Clock,
  type LoadedPlugin,
} from '@keelson/core';
import { dataSourceOptions } from '@keelson/database';
import { testDatabase } from '@keelson/testing/database';
import { MemoryMailAdapter } from '@keelson/testing/memory';
import { IsInt, IsOptional, IsString, MinLength } from 'class-validator';
import { DataSource } from 'typeorm';
import { BindingsService } from '../src/bindings.service.js';
import { catalogueEntities } from '../src/catalogue.module.js';
import { ConfigSync } from '../src/config-sync.service.js';
import { ConnectionStates } from '../src/connection-states.service.js';
import { ConnectionsService } from '../src/connections.service.js';
import { CouponsService } from '../src/coupons.service.js';
import { ProductsService } from '../src/products.service.js';

/** Settings of the plugin `post`, which speaks the mail port. The password `wrong` is refused by its vendor. */
export class PostSettings {
  @Setting({ description: 'Host of the server.' })
  @IsString()
  host!: string;

  @Setting({ description: 'Port of the server.' })
  @IsOptional()
  @IsInt()
  port: number = 25;

  @Setting({ description: 'Password.', secret: true })
  @MinLength(5)
  password!: string;
}

/** An adapter as it was made, for tests that look behind the guard. */
export interface MadeAdapter {
  settings: PostSettings;
  context: AdapterContext;
}

/** A migrated database with the services of this room over it. */
export async function catalogueFixture() {
  const database = await testDatabase();
  const dataSource = await new DataSource(dataSourceOptions({ url: database.url }, catalogueEntities)).initialize();
  const made: MadeAdapter[] = [];
  const registry = new PluginRegistry([postPlugin(made)]);
  const keyring = Keyring.fromText('a'.repeat(64));
  const clock: Clock = { now: () => new Date('2026-03-01T00:00:00Z') };
  const products = new ProductsService(dataSource);
  const bindings = new BindingsService(dataSource, registry);
  const connectionsWith = (keys: Keyring) =>
    new ConnectionsService(dataSource, registry, keys, clock, new ConnectionStates(dataSource, keys), bindings);
  const connections = connectionsWith(keyring);
  return {
    dataSource,
    registry,
    made,
    products,
    bindings,
    connections,
    connectionsWith,
    coupons: new CouponsService(dataSource),
    states: new ConnectionStates(dataSource, keyring),
    configSync: new ConfigSync(dataSource, connections, products),
    /** Leaves products and coupons, empties the rest. */
    clear: () => dataSource.query('TRUNCATE connections, connection_states, bindings CASCADE'),
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

export type CatalogueFixture = Awaited<ReturnType<typeof catalogueFixture>>;

function postPlugin(made: MadeAdapter[]): LoadedPlugin {
  const create = (settings: PostSettings, context: AdapterContext) => {
    made.push({ settings, context });
    return new MemoryMailAdapter(settings.password === 'wrong' ? { refuses: 'credentials' } : {});
  };
  return {
    manifest: {
      id: 'post',
      title: 'Post',
      version: '1.0.0',
      settings: PostSettings,
      adapters: [adapterFor(mailPort, { portVersion: 1, settings: PostSettings, create })],
    },
    module: class PostPlugin {},
    packageName: 'keelson-plugin-post',
    folder: '/plugins/post',
  };
}
