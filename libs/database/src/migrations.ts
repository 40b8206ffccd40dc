import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DataSource, MigrationExecutor, type MigrationInterface } from 'typeorm';
import { dataSourceOptions } from './data-source.js';

/** Session lock that lets one process migrate at a time. */
const migrating = 0x6b656d69;

const fileName = /^\d{13}-[a-z0-9-]+\.(?:js|ts)$/;

/** The engine's migrations: the sources when this file runs from source, else what the build made of them. */
export const migrationsFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../migrations' : '../../../../dist/migrations', import.meta.url),
);

type MigrationClass = new () => MigrationInterface;

/**
 * Applies what is missing, oldest first, all in one transaction: either every one is applied or none. Any number of
 * processes may call it at once; one works, the others wait and find nothing left. Returns the names applied.
 *
 * `folder` holds files `<13 digits of ms>-<verb>-<noun>.js` (or `.ts` where the loader understands it), each exporting
 * one TypeORM migration class.
 */
export async function migrate(url: string, folder = migrationsFolder): Promise<string[]> {
  return withMigrations(url, folder, async (dataSource) => {
    const queryRunner = dataSource.createQueryRunner();
    try {
      await queryRunner.query('SELECT pg_advisory_lock($1)', [migrating]);
      const executor = new MigrationExecutor(dataSource, queryRunner);
      executor.transaction = 'all';
      const applied = await executor.executePendingMigrations();
      await queryRunner.query('SELECT pg_advisory_unlock($1)', [migrating]);
      return applied.map(({ name }) => name);
    } finally {
      await queryRunner.release();
    }
  });
}

/** Names of the migrations the database does not have yet, oldest first. Changes nothing. */
export async function pendingMigrations(url: string, folder = migrationsFolder): Promise<string[]> {
  return withMigrations(url, folder, async (dataSource) => {
    const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
    return pending.map(({ name }) => name);
  });
}

async function withMigrations<Result>(
  url: string,
  folder: string,
  work: (dataSource: DataSource) => Promise<Result>,
): Promise<Result> {
  const dataSource = new DataSource({
    ...dataSourceOptions({ url, poolSize: 2, applicationName: 'keelson migrate', statementTimeoutMs: 0 }),
    migrations: await loadMigrations(folder),
    migrationsTableName: 'migrations',
  });
  await dataSource.initialize();
  try {
    return await work(dataSource);
  } finally {
    // Ends the session, and its lock with it.
    await dataSource.destroy();
  }
}

async function loadMigrations(folder: string): Promise<MigrationClass[]> {
  const files = readdirSync(folder).filter((name) => fileName.test(name));
  return Promise.all(
    files.sort().map(async (name) => {
      const loaded = (await import(pathToFileURL(join(folder, name)).href)) as Record<string, unknown>;
      const classes = Object.values(loaded).filter((value): value is MigrationClass => typeof value === 'function');
      const [migration] = classes;
      if (!migration || classes.length > 1) throw new Error(`${join(folder, name)} must export one migration class.`);
      return migration;
    }),
  );
}
