import { readFileSync } from 'node:fs';
import { emptyDatabase, startEmbeddedPostgres } from '@keelson/testing/database';
import {
  createHttpSimulator,
  FaultSwitches,
  Ledger,
  type Simulator,
  type SimulatorOptions,
} from '@keelson/testing/simulator';
import pg from 'pg';
import { startDatabaseProxy } from './database-proxy.js';
import { mailboxesPage, type PageRow } from './mailboxes-page.js';

/** The tables of a mail host, with what only a test asks of them. */
export interface PostfixDovecotSimulator extends Simulator {
  /** Runs a statement as Postfix and Dovecot do: past the ledger and the faults. */
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
}

const pageQuery = `
  SELECT name AS domain, address, detail FROM mail_domains LEFT JOIN (
    SELECT domain, address, 'mailbox' || CASE WHEN suspended THEN ', suspended' ELSE '' END
      || coalesce(', ' || quota_mb || ' MB', '') AS detail FROM mail_boxes
    UNION ALL SELECT domain, address, 'to ' || target FROM mail_aliases
  ) AS held ON held.domain = name ORDER BY name, address, detail`;

/**
 * A real PostgreSQL with the tables of `schema.sql`, behind a proxy that keeps a ledger and fails on demand, and a page that lists the
 * mailboxes. Of the mail host it plays only that: no mail is taken. With a `home` the database is one of its own and survives.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<PostfixDovecotSimulator> {
  const { port = 0, latencyMs = 0 } = options;
  const ledger = new Ledger();
  const faults = new FaultSwitches({ badDay: options.badDay });
  const database = await openDatabase(options.home);
  const stops: (() => Promise<void>)[] = [database.stop];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const query = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      try {
        return (await client.query<Row>(sql, values)).rows;
      } finally {
        await client.end();
      }
    };
    await installSchema(database.url);
    const address = new URL(database.url);
    const target = { host: address.hostname, port: Number(address.port) };
    const proxy = await startDatabaseProxy({ target, port, ledger, faults, latencyMs });
    stops.push(proxy.stop);
    address.port = String(proxy.port);
    const pages = createHttpSimulator({ port: port === 0 ? 0 : port + 1, ledger, faults, exempt: () => true });
    pages.app.get('/', async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(mailboxesPage(await query<PageRow>(pageQuery))),
    );
    const page = await pages.listen();
    stops.push(pages.stop);
    return {
      plugin: 'postfix-dovecot',
      endpoints: [
        { name: 'database', url: `postgres://127.0.0.1:${proxy.port}${address.pathname}` },
        { name: 'mailboxes', url: `${page}/` },
      ],
      settings: { databaseUrl: address.href },
      ledger,
      faults,
      query,
      stop,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** Makes the tables of the plugin in a database. Repeating it changes nothing. */
export async function installSchema(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(readFileSync(new URL('../src/schema.sql', import.meta.url), 'utf8'));
  } finally {
    await client.end();
  }
}

async function openDatabase(home: string | undefined): Promise<{ url: string; stop(): Promise<void> }> {
  if (home !== undefined) return startEmbeddedPostgres({ home });
  const { url, drop } = await emptyDatabase();
  return { url, stop: drop };
}
