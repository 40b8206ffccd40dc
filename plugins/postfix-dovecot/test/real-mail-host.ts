import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, greeting, startPostfix, userOf, type Postfix } from '@keelson/testing/peers';
import { createTransport } from 'nodemailer';
import { dovecotFile, dovecotMain, postfixMain, postfixTable, type MailHostInstance } from './mail-host-config.js';

/** A Postfix and a Dovecot of their own, on loopback, that read the plugin's tables. */
export interface RealMailHost {
  smtpPort: number;
  imapPort: number;
  /** Folder that holds one folder for each mailbox, named by its `home`. */
  mailFolder: string;
  /** Hands a mail over, as somebody elsewhere does. Rejects when it is refused. */
  deliver(to: string, subject: string, text?: string): Promise<void>;
  /** Ends both and removes their folder. Repeating it does nothing. */
  stop(): Promise<void>;
}

const dovecot = '/usr/sbin/dovecot';
const packages = 'postfix postfix-pgsql dovecot-core dovecot-imapd dovecot-lmtpd dovecot-pgsql postgresql-client';
const needed = [
  '/usr/sbin/postfix',
  '/usr/lib/postfix/postfix-pgsql.so',
  dovecot,
  '/usr/lib/dovecot/imap',
  '/usr/lib/dovecot/lmtp',
  '/usr/lib/dovecot/modules/libdriver_pgsql.so',
  '/usr/bin/psql',
];

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
  const [smtpPort = 0, imapPort = 0, policyPort = 0] = await freePorts(3);
  const instance = { home, imapPort, policyPort, databaseUrl };
  prepare(instance);
  const server = spawn(dovecot, ['-F', '-c', join(home, 'etc', 'dovecot.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const words: string[] = [];
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text: Buffer) => words.push(text.toString()));
  let postfix: Postfix | undefined;
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= end(home, server, postfix));
  try {
    const delivery = 'lmtp unix - - n - - lmtp';
    postfix = await startPostfix({ home, port: smtpPort, main: postfixMain(instance), delivery });
    await greeting(imapPort, () => server.exitCode !== null);
  } catch (failure) {
    const log = join(home, 'log', 'dovecot.log');
    const logged = existsSync(log) ? readFileSync(log, 'utf8') : '';
    await stop();
    const why = [(failure as Error).message, ...words, logged].join('\n').trim().slice(-1_500);
    throw new Error(`The mail host did not start; it said: ${why}`, { cause: failure });
  }
  const deliver = async (to: string, subject: string, text = 'Hello') => {
    const transport = createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true });
    await transport.sendMail({ from: 'ann@elsewhere.example', to, subject, text });
  };
  return { smtpPort, imapPort, mailFolder: join(home, 'mail'), deliver, stop };
}

function prepare(instance: MailHostInstance): void {
  const { home } = instance;
  chmodSync(home, 0o755);
  for (const folder of ['etc', 'mail', 'log', 'run']) mkdirSync(join(home, folder));
  const { uid, gid } = userOf('nobody');
  chownSync(join(home, 'mail'), uid, gid);
  const write = (name: string, text: string) => writeFileSync(join(home, 'etc', name), text);
  for (const name of ['postfix-domains.cf', 'postfix-mailboxes.cf', 'postfix-aliases.cf']) {
    write(name, postfixTable(name, instance));
  }
  write('dovecot.conf', dovecotMain(instance));
  for (const name of ['dovecot-users.conf.ext', 'dovecot-usage.conf.ext']) write(name, dovecotFile(name, instance));
}

async function end(home: string, server: ChildProcess, postfix: Postfix | undefined): Promise<void> {
  await postfix?.stop();
  if (server.exitCode === null && server.signalCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
