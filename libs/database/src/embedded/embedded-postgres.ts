import { Logger } from '@nestjs/common';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ensureCluster, owner } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { postgresBinaries } from './postgres-binaries.js';
import { readPostmaster, removeForeignPidFile, startPostmaster, stopPostmaster } from './postmaster.js';
import { serverAccount } from './server-account.js';

/** Session lock every process of ours holds shared while it uses the server, in the database `postgres`. */
const inUse = 0x6b656c73;

const startPatienceMs = 60_000;

/** A running embedded Postgres. */
export interface EmbeddedPostgres {
  /** `postgres://…@127.0.0.1:<port>/keelson`. Holds the password: never log it. */
  readonly url: string;
  /** True when the server was already running. */
  readonly adopted: boolean;
  /** Ends our use; the server stops when no other process uses it. Repeating it does nothing. */
  stop(): Promise<void>;
}

/**
 * Runs a Postgres of our own in `<home>/postgres`, reachable on 127.0.0.1 only, and keeps it running until `stop`.
 *
 * An empty home gets a new cluster and a random password; a server that is still running (this process's predecessor was
 * killed, or another process uses it) is adopted; one that dies is started again on the same port. Any number of
 * processes may call it at once for one home. The port is the one given, else the one in `<home>/postgres.port`, else a
 * free one. Throws `EmbeddedPostgresError`.
 */
export async function startEmbeddedPostgres(options: { home: string; port?: number }): Promise<EmbeddedPostgres> {
  const home = resolve(options.home);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const account = serverAccount(home);
  const binaries = await postgresBinaries(home, account);
  const { data, password } = await ensureCluster(home, binaries, account);
  const log = join(home, 'postgres.log');

  /** Attaches to the running server, or starts one and attaches. */
  async function attachOrStart(fixedPort: number | undefined) {
    const patience = Date.now() + startPatienceMs;
    let adopted = true;
    for (let starts = 0; ;) {
      const session = await attach(data, password);
      if (session) return { session, adopted };
      if (Date.now() > patience || starts >= 3) {
        throw new EmbeddedPostgresError(
          `The embedded Postgres does not start. Its log ${log} ends with:\n${tail(log)}`,
        );
      }
      const running = readPostmaster(data);
      removeForeignPidFile(data);
      if (running && readPostmaster(data)) {
        await pause(50); // starting, recovering or stopping
        continue;
      }
      starts += 1;
      adopted = !(await startPostmaster(binaries, data, fixedPort ?? (await choosePort(home)), log, account));
    }
  }

  let { session, adopted } = await attachOrStart(options.port);
  let stopped = false;
  await ensureDatabase(session.client);
  const { port } = session;
  const restart = async () => {
    const logger = new Logger('EmbeddedPostgres');
    while (!stopped) {
      try {
        ({ session } = await attachOrStart(port));
        session.client.once('end', onEnd);
        logger.warn('The embedded Postgres had stopped and is running again.');
        return;
      } catch (error) {
        logger.error((error as Error).message);
        await pause(1_000);
      }
    }
  };
  let restarting: Promise<void> | undefined;
  const onEnd = () => {
    if (!stopped) restarting = restart();
  };
  session.client.once('end', onEnd);

  return {
    url: `postgres://${owner}:${password}@127.0.0.1:${port}/${owner}`,
    adopted,
    async stop() {
      if (stopped) return;
      stopped = true;
      await restarting;
      await leave(session.client, () => stopPostmaster(data));
    },
  };
}

interface Session {
  readonly client: pg.Client;
  readonly port: number;
}

/** A session that counts as a user of the server; `undefined` when there is no server, or not ours, or it is stopping. */
async function attach(data: string, password: string): Promise<Session | undefined> {
  const postmaster = readPostmaster(data);
  if (!postmaster?.ready) return undefined;
  const { port } = postmaster;
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: owner,
    password,
    database: 'postgres',
    application_name: 'keelson supervisor',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // A lost connection also emits "end", which the supervisor acts on.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock_shared($1)', [inUse]);
    return { client, port };
  } catch {
    await client.end().catch(() => undefined);
    return undefined;
  }
}

/** Stops the server when ours was the last session; a process that attaches meanwhile waits and then starts it anew. */
async function leave(client: pg.Client, stopServer: () => Promise<void>): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_unlock_shared($1)', [inUse]);
    const { rows } = await client.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [inUse]);
    if (rows[0]?.last) await stopServer();
  } catch {
    // The server is gone already.
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ensureDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [owner]);
  if (rowCount) return;
  await client.query(`CREATE DATABASE ${owner}`).catch((error: { code?: string }) => {
    const madeByAnotherProcess = error.code === '42P04' || error.code === '23505';
    if (!madeByAnotherProcess) throw error;
  });
}

async function choosePort(home: string): Promise<number> {
  const file = join(home, 'postgres.port');
  const remembered = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = (remembered && (await freePort(remembered))) || (await freePort(0));
  if (!port)
    throw new EmbeddedPostgresError('No free port on 127.0.0.1 for the embedded Postgres. Free one and start again.');
  writeFileSync(file, String(port), { mode: 0o600 });
  return port;
}

/** That port, or any for 0; `undefined` when it is taken. */
function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

function tail(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n') : '(no log)';
}
