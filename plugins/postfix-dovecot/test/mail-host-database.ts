import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { emptyDatabase } from '@keelson/testing/database';
import pg from 'pg';
import { installSchema } from '../simulator/index.js';
import { PostfixDovecotAdapter, PostfixDovecotConfig } from '../src/index.js';

/** A database with the tables of the plugin, set up as its README says. */
export interface MailHostDatabase {
  /** As Keelson reaches it. */
  url: string;
  /** As Postfix and Dovecot reach it: with the role that `grants.sql` is for. */
  hostUrl: string;
  sql<Row extends object>(text: string): Promise<Row[]>;
  /** Makes a mailbox, and its domain where that is new. */
  addMailbox(address: string, password: string): Promise<void>;
  drop(): Promise<void>;
}

/** Makes one. Roles belong to the whole server, which other tests share: this one has a name of its own. */
export async function mailHostDatabase(): Promise<MailHostDatabase> {
  const database = await emptyDatabase();
  const role = `keelson_test_host_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const sql = async <Row extends object>(text: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
  await installSchema(database.url);
  await sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  const grants = readFileSync(new URL('../src/mail-host/grants.sql', import.meta.url), 'utf8');
  await sql(grants.replaceAll('mail_host', role).replaceAll('keelson_mail', 'CURRENT_USER'));
  return {
    url: database.url,
    hostUrl: Object.assign(new URL(database.url), { username: role, password }).href,
    sql,
    async addMailbox(address, password) {
      const adapter = new PostfixDovecotAdapter(
        Object.assign(new PostfixDovecotConfig(), { databaseUrl: database.url }),
      );
      await adapter.ensureDomain(address.slice(address.indexOf('@') + 1));
      await adapter.ensureMailbox({ address, password });
    },
    async drop() {
      await sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`).catch(() => undefined);
      await database.drop();
    },
  };
}
