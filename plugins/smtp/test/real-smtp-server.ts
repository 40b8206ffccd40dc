import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mainConfig, masterConfig } from './postfix-config.js';

/** A Postfix of its own, on loopback, that takes mail for some domains and never sends any on. */
export interface RealMailServer {
  host: string;
  port: number;
  /** It offers STARTTLS with this certificate, made out to `localhost`. */
  caPem: string;
  /** Raw messages delivered to one address, oldest first. Delivery follows the server's answer by some milliseconds. */
  readMail(address: string): Promise<string[]>;
  /** Ends it and removes its folder. Repeating it does nothing. */
  stop(): Promise<void>;
}

const postfix = '/usr/sbin/postfix';
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.pem`, import.meta.url));
const limitMs = 20_000;

/**
 * Starts Debian's Postfix as an instance of its own: configuration, queue and mail lie in a temporary folder, and the one of
 * the system is not touched.
 * @param domains every address of these is taken; all other recipients are refused for good
 * @throws Error with one sentence that says the fix, when there is no Postfix or it does not start
 */
export async function startRealMailServer(domains: string[]): Promise<RealMailServer> {
  if (!existsSync(postfix)) throw new Error('Postfix is missing: install it with "apt-get install postfix".');
  if (process.getuid?.() !== 0) throw new Error('Postfix can only be started as root: run this suite as root.');
  const home = mkdtempSync(join(tmpdir(), 'keelson-postfix-'));
  const port = await freePort();
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= end(home));
  try {
    prepare(home, port, domains);
    await command(home, 'start');
    await greeting(port);
  } catch (failure) {
    const why = `${(failure as Error).message} ${existsSync(logOf(home)) ? readFileSync(logOf(home), 'utf8') : ''}`;
    await stop();
    throw new Error(`Postfix did not start; it said: ${why.trim().slice(-600)}`, { cause: failure });
  }
  return {
    host: '127.0.0.1',
    port,
    caPem: readFileSync(fixture('localhost-cert'), 'utf8'),
    readMail: async (address) => readMaildir(join(home, 'mail', 'all', 'new'), address),
    stop,
  };
}

function prepare(home: string, port: number, domains: string[]): void {
  const [, , uid, gid] = (/^postfix:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0] ?? '').split(':').map(Number);
  if (uid === undefined || gid === undefined) throw new Error('Postfix is not fully installed: its user is missing.');
  const certificate = fixture('localhost-cert');
  const instance = { home, port, domains, uid, gid, certificate, key: fixture('localhost-key') };
  chmodSync(home, 0o755);
  for (const folder of ['etc', 'spool', 'data', 'mail', 'log']) mkdirSync(join(home, folder));
  for (const folder of ['data', 'mail']) chownSync(join(home, folder), uid, gid);
  writeFileSync(join(home, 'etc', 'main.cf'), mainConfig(instance));
  writeFileSync(join(home, 'etc', 'master.cf'), masterConfig(instance));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `start` comes back once the master daemon has its sockets, `stop` once it has ended; `status` fails when it does not run. */
async function command(home: string, verb: 'start' | 'stop' | 'status'): Promise<void> {
  await promisify(execFile)(postfix, ['-c', join(home, 'etc'), verb], { timeout: limitMs });
}

async function greeting(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(limitMs) });
  } finally {
    socket.destroy();
  }
}

async function end(home: string): Promise<void> {
  const runs = await command(home, 'status').then(
    () => true,
    () => false,
  );
  if (runs) await command(home, 'stop');
  rmSync(home, { recursive: true, force: true });
}

const logOf = (home: string) => join(home, 'log', 'mail.log');

/** Messages of a Maildir whose names begin with the time of their delivery. */
function readMaildir(folder: string, address: string): string[] {
  if (!existsSync(folder)) return [];
  const header = `\ndelivered-to: ${address.toLowerCase()}\n`;
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((raw) => `\n${raw.split('\n\n', 1)[0] ?? ''}\n`.toLowerCase().includes(header));
}
