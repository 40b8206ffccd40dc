import type { DataSourceOptions, EntityTarget, ObjectLiteral } from 'typeorm';
import { PreparingClient } from './preparing-client.js';
import { SnakeNamingStrategy } from './snake-naming.js';

/** What a process needs to say about its database. */
export interface DatabaseSettings {
  /** `postgres://user:password@host:port/database`, Postgres 14 or newer. */
  readonly url: string;
  /** Most connections at once of this process. Default 10. */
  readonly poolSize?: number;
  /** Name in `pg_stat_activity`. Default `keelson`. */
  readonly applicationName?: string;
  /** A single statement may take so long. Default 30 s. */
  readonly statementTimeoutMs?: number;
}

/**
 * A process may leave a transaction open so long without a word: longer, and it was stopped in the middle of it, as a machine that is moved is,
 * and all others wait for what it locked. Then the database ends it.
 */
const silentTransactionMs = 5_000;

/** Options of a TypeORM data source that never changes tables by itself: tables come from the migrations alone. */
export function dataSourceOptions(
  settings: DatabaseSettings,
  entities: EntityTarget<ObjectLiteral>[] = [],
): DataSourceOptions {
  const statementTimeoutMs = settings.statementTimeoutMs ?? 30_000;
  return {
    type: 'postgres',
    url: settings.url,
    entities: entities as NonNullable<DataSourceOptions['entities']>,
    namingStrategy: new SnakeNamingStrategy(),
    synchronize: false,
    installExtensions: false,
    poolSize: settings.poolSize ?? 10,
    applicationName: settings.applicationName ?? 'keelson',
    connectTimeoutMS: 5_000,
    extra: {
      Client: PreparingClient,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: Math.min(silentTransactionMs, 2 * statementTimeoutMs),
      keepAlive: true,
    },
  };
}
