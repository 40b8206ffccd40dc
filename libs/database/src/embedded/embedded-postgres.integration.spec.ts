import { afterEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';

describe('the embedded Postgres', () => {
  const folders: string[] = [];
  const running: EmbeddedPostgres[] = [];

  /** A home below a folder that only its owner may enter, as /root is. */
  function emptyHome(): string {
    const closed = mkdtempSync(join(tmpdir(), 'keelson-test-'));
    chmodSync(closed, 0o700);
    folders.push(closed);
    return join(closed, 'home');
  }

  async function start(home: string, port?: number): Promise<EmbeddedPostgres> {
    const started = await startEmbeddedPostgres({ home, port });
    running.push(started);
    return started;
  }

  async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  const postmasterPid = (home: string) =>
    Number(readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const isServing = (home: string) => existsSync(join(home, 'postgres', 'postmaster.pid'));

  async function until(done: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await done())) await pause(20);
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((started) => started.stop()));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('makes a durable UTF-8 database in an empty home', async () => {
    const home = emptyHome();
    const { url, adopted } = await start(home);
    expect(adopted).toBe(false);
    const [settings] = await query(
      url,
      `SELECT current_database() AS database, upper('é') AS upper, current_setting('fsync') AS fsync,
              current_setting('synchronous_commit') AS commit, current_setting('full_page_writes') AS pages,
              current_setting('listen_addresses') AS addresses, current_setting('max_connections') AS connections,
              current_setting('timezone') AS timezone`,
    );
    expect(settings).toEqual({
      database: 'keelson',
      upper: 'É',
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      addresses: '127.0.0.1',
      connections: '200',
      timezone: 'UTC',
    });
  });

  it('keeps a random password that only its owner can read and refuses any other', async () => {
    const home = emptyHome();
    const { url } = await start(home);
    const file = join(home, 'postgres.password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const password = readFileSync(file, 'utf8');
    expect(password.length).toBeGreaterThanOrEqual(43);
    expect(url).toContain(password);
    await expect(query(url.replace(password, 'wrong'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps data and port over a stop and a start', async () => {
    const home = emptyHome();
    const first = await start(home);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    await first.stop();
    expect(isServing(home)).toBe(false);
    const second = await start(home);
    expect(second).toMatchObject({ url: first.url, adopted: false });
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('adopts a running server and stops it only with its last user', async () => {
    const home = emptyHome();
    const first = await start(home);
    const second = await start(home);
    expect(second).toMatchObject({ url: first.url, adopted: true });
    await first.stop();
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
    expect(isServing(home)).toBe(false);
  });

  it('gives every one of many starters in an empty home the same server', async () => {
    const home = emptyHome();
    const all = await Promise.all([1, 2, 3, 4].map(() => start(home)));
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1);
    expect(readdirSync(home).sort()).toEqual(['postgres', 'postgres.log', 'postgres.password', 'postgres.port']);
  });

  it('starts again after the server and its pid file were left behind by a crash', async () => {
    const home = emptyHome();
    const first = await start(home);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    const stalePidFile = readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8');
    await first.stop();
    // The number in the file belongs to another program by now: this one.
    writeFileSync(join(home, 'postgres', 'postmaster.pid'), stalePidFile.replace(/^\d+/, String(process.pid)));
    const second = await start(home);
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('starts the server again on the same port when it dies', async () => {
    const home = emptyHome();
    const { url } = await start(home);
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS value');
    const pid = postmasterPid(home);
    process.kill(pid, 'SIGKILL');
    await until(() =>
      query(url, 'SELECT value FROM kept').then(
        () => postmasterPid(home) !== pid,
        () => false,
      ),
    );
    expect(await query(url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('makes the cluster anew when an earlier attempt was cut off', async () => {
    const home = emptyHome();
    const abandoned = join(home, 'postgres.init-4194305-0a0a0a0a', 'data');
    mkdirSync(abandoned, { recursive: true });
    writeFileSync(join(abandoned, 'PG_VERSION'), '18\n');
    const { url } = await start(home);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(home, 'postgres.init-4194305-0a0a0a0a'))).toBe(false);
  });

  it('takes another port when the remembered one is occupied, and the given one when it is free', async () => {
    const home = emptyHome();
    await (await start(home)).stop();
    const remembered = Number(readFileSync(join(home, 'postgres.port'), 'utf8'));
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(remembered, '127.0.0.1', resolve));
    const elsewhere = await start(home);
    expect(new URL(elsewhere.url).port).not.toBe(String(remembered));
    await elsewhere.stop();
    await new Promise((resolve) => occupant.close(resolve));
    const given = await start(home, remembered);
    expect(new URL(given.url).port).toBe(String(remembered));
  });

  it('says what to do when the password of existing data is missing', async () => {
    const home = emptyHome();
    await (await start(home)).stop();
    rmSync(join(home, 'postgres.password'));
    const failure = await startEmbeddedPostgres({ home }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EmbeddedPostgresError);
    expect((failure as Error).message).toContain('postgres.password is missing');
  });
});
