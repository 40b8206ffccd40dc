import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  dovecotFile,
  dovecotMain,
  postfixMain,
  postfixMaster,
  postfixTable,
  type MailHostInstance,
} from './mail-host-config.js';

/** A Postfix and a Dovecot of their own, on loopback, that read the plugin's tables. */
export interface RealMailHost {
  smtpPort: number;
  imapPort: number;
  /** Folder that holds one folder for each mailbox, named by its `home`. */
  mailFolder: string;
  /** Ends both and removes their folder. Repeating it does nothing. */
  stop(): Promise<void>;
}

const postfix = '/usr/sbin/postfix';
const dovecot = '/usr/sbin/dovecot';
const packages = 'postfix postfix-pgsql dovecot-core dovecot-imapd dovecot-lmtpd dovecot-pgsql postgresql-client';
const needed = [
  postfix,
  '/usr/lib/postfix/postfix-pgsql.so',
  dovecot,
  '/usr/lib/dovecot/imap',
  '/usr/lib/dovecot/lmtp',
  '/usr/lib/dovecot/modules/libdriver_pgsql.so',
  '/usr/bin/psql',
];
const limitMs = 20_000;

/**
 * Starts Debian's Postfix and Dovecot as instances of their own: configuration, queue, sockets and mail lie in a temporary folder, and
 * those of the system are not touched.
 * @param databaseUrl the database with the tables of `schema.sql`, with the role that Postfix and Dovecot use
 * @throws Error with one sentence that says the fix, when a program is missing or does not start
 */
export async function startRealMailHost(databaseUrl: string): Promise<RealMailHost> {
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(`This test needs ${missing.join(', ')}: install them with "apt-get install -y ${packages}".`);
  }
  if (process.getuid?.() !== 0)
    throw new Error('Postfix and Dovecot can only be started as root: run this suite as root.');
  const home = mkdtempSync(join(tmpdir(), 'keelson-mail-'));
  const [smtpPort, imapPort, policyPort] = await freePorts();
  const instance = { home, smtpPort, imapPort, policyPort, databaseUrl };
  prepare(instance);
  const server = spawn(dovecot, ['-F', '-c', join(home, 'etc', 'dovecot.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const words: string[] = [];
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text: Buffer) => words.push(text.toString()));
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= end(home, server));
  try {
    await postfixCommand(home, 'start');
    await Promise.all([smtpPort, imapPort].map((port) => greeting(port, server)));
  } catch (failure) {
    const logs = ['dovecot.log', 'postfix.log'].map((name) => readLog(join(home, 'log', name)));
    await stop();
    const why = [(failure as Error).message, ...words, ...logs].join('\n').trim().slice(-1_500);
    throw new Error(`The mail host did not start; it said: ${why}`, { cause: failure });
  }
  return { smtpPort, imapPort, mailFolder: join(home, 'mail'), stop };
}

function prepare(instance: MailHostInstance): void {
  const { home } = instance;
  chmodSync(home, 0o755);
  for (const folder of ['etc', 'spool', 'data', 'mail', 'log', 'run']) mkdirSync(join(home, folder));
  chownSync(join(home, 'data'), idOf('/etc/passwd', 'postfix'), idOf('/etc/group', 'postfix'));
  chownSync(join(home, 'mail'), idOf('/etc/passwd', 'nobody'), idOf('/etc/group', 'nogroup'));
  const write = (name: string, text: string) => writeFileSync(join(home, 'etc', name), text);
  write('main.cf', postfixMain(instance));
  write('master.cf', postfixMaster(instance));
  for (const name of ['postfix-domains.cf', 'postfix-mailboxes.cf', 'postfix-aliases.cf']) {
    write(name, postfixTable(name, instance));
  }
  write('dovecot.conf', dovecotMain(instance));
  for (const name of ['dovecot-users.conf.ext', 'dovecot-usage.conf.ext']) write(name, dovecotFile(name, instance));
}

function idOf(file: string, name: string): number {
  const id = new RegExp(`^${name}:[^:]*:(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  if (id === undefined) throw new Error(`${file} lacks ${name}: install ${packages}`);
  return Number(id);
}

async function freePorts(): Promise<[number, number, number]> {
  const servers: Server[] = [1, 2, 3].map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [smtp = 0, imap = 0, policy = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return [smtp, imap, policy];
}

/** `start` comes back once the master daemon has its sockets, `stop` once it has ended; `status` fails when it does not run. */
async function postfixCommand(home: string, verb: 'start' | 'stop' | 'status'): Promise<void> {
  await promisify(execFile)(postfix, ['-c', join(home, 'etc'), verb], { timeout: limitMs });
}

async function greeting(port: number, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'data', { signal: AbortSignal.timeout(limitMs) });
      return;
    } catch (failure) {
      if (Date.now() > deadline || server.exitCode !== null) throw failure;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}

async function end(home: string, server: ChildProcess): Promise<void> {
  const runs = await postfixCommand(home, 'status').then(
    () => true,
    () => false,
  );
  if (runs) await postfixCommand(home, 'stop');
  if (server.exitCode === null && server.signalCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function readLog(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
