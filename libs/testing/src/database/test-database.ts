import { migrate, migrationsFolder, startEmbeddedPostgres } from '@keelson/database';
import { runQueueMigrations } from '@keelson/queue';
import { LATEST_SCHEMA_VERSION } from 'bullmq';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** An empty database of one spec file. */
export interface TestDatabase {
  /** Its name contains `test`. */
  readonly url: string;
  /** Removes it, connections or not, and lets go of the server. Repeating it does nothing. */
  drop(): Promise<void>;
}

/** Session lock under which the template is built. */
const building = 0x6b656c74;

/** Where the server of all test runs of this user lives. */
export const testHome = join(tmpdir(), `keelson-test-${userInfo().uid}`);

/**
 * A fresh database for a spec file: `const database = await testDatabase()` in `beforeAll`, `await database.drop()` in
 * `afterAll`. All spec files of all Jest workers share one embedded Postgres, which stops with the last of them; each
 * database is copied from a template that is migrated once, and again whenever the migrations change.
 */
export async function testDatabase(): Promise<TestDatabase> {
  return databaseFrom(migratedTemplate);
}

/** The same without any table, to play the database of somebody else. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return databaseFrom(async () => 'template1');
}

async function databaseFrom(templateOf: (client: pg.Client, url: string) => Promise<string>): Promise<TestDatabase> {
  const server = await startEmbeddedPostgres({ home: testHome });
  const name = `keelson_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await withClient(server.url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [building]);
    await forgetPowerCuts(client);
    const template = await templateOf(client, server.url);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  let dropped = false;
  return {
    url: withDatabase(server.url, name),
    async drop() {
      if (dropped) return;
      dropped = true;
      await withClient(server.url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
      await server.stop();
    },
  };
}

/** Nothing of a test survives its end: the server need not wait for the disk. Suites about durability have servers of their own. */
async function forgetPowerCuts(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ fsync: string }>('SHOW fsync');
  if (rows[0]?.fsync === 'off') return;
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    await client.query(`ALTER SYSTEM SET ${setting} = off`);
  }
  await client.query('SELECT pg_reload_conf()');
}

/** Name of the template that holds exactly the present migrations; builds it, and tidies up, when there is none yet. */
async function migratedTemplate(client: pg.Client, url: string): Promise<string> {
  const template = `keelson_test_template_${migrationsHash()}`;
  const { rows } = await client.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname LIKE 'keelson\\_test\\_%'`,
  );
  const names = rows.map(({ datname }) => datname);
  if (names.includes(template)) return template;
  for (const name of names.filter(isLeftOver)) await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
  const draft = 'keelson_test_template_draft';
  await client.query(`CREATE DATABASE ${draft}`);
  await migrate(withDatabase(url, draft));
  await runQueueMigrations(withDatabase(url, draft));
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  return template;
}

/** Old templates, and databases of spec files whose process ended without dropping them. */
function isLeftOver(name: string): boolean {
  const pid = /^keelson_test_(\d+)_/.exec(name)?.[1];
  if (!pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch {
    return true;
  }
}

function migrationsHash(): string {
  const hash = createHash('sha256').update(`bullmq ${LATEST_SCHEMA_VERSION}\0`);
  for (const file of readdirSync(migrationsFolder).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(migrationsFolder, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
