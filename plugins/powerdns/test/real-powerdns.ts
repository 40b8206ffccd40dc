import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RealPowerDns {
  /** Without `/api`. */
  apiUrl: string;
  apiKey: string;
  /** UDP and TCP, on 127.0.0.1. */
  dnsPort: number;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

const startWithinMs = 15_000;
const attempts = 3;

/**
 * Starts the `pdns_server` of this machine on free ports of loopback, with an empty SQLite database in a folder of its own.
 * @throws Error that names the Debian packages to install when a program is missing
 */
export async function startRealPowerDns(): Promise<RealPowerDns> {
  const server = programOf('pdns_server', 'pdns-server');
  const sqlite = programOf('sqlite3', 'sqlite3');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(server, sqlite);
    } catch (thrown) {
      // Another process may have taken a port between our look and the server's start.
      if (attempt === attempts) throw thrown;
    }
  }
}

async function startOnce(server: string, sqlite: string): Promise<RealPowerDns> {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-pdns-'));
  const database = join(folder, 'pdns.sqlite3');
  const schema = readFileSync(new URL('./real-powerdns.schema.sql', import.meta.url));
  const made = spawnSync(sqlite, [database], { input: schema, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`sqlite3 could not make the database of PowerDNS: ${made.stderr}`);
  const apiKey = randomBytes(24).toString('hex');
  const [apiPort, dnsPort] = await freePorts();
  writeFileSync(join(folder, 'pdns.conf'), configOf({ folder, database, apiKey, apiPort, dnsPort }), { mode: 0o600 });

  const log: string[] = [];
  const child = spawn(server, [`--config-dir=${folder}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => log.push(text.toString()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    await end(child);
    process.removeListener('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  if (await answers(child, apiUrl, apiKey)) return { apiUrl, apiKey, dnsPort, stop };
  await stop();
  throw new Error(
    `pdns_server did not come up within ${startWithinMs / 1000} s. If it lacks the gsqlite3 backend, install the Debian ` +
      `package pdns-backend-sqlite3. Its last words:\n${log.join('').slice(-2000)}`,
  );
}

function programOf(name: string, debianPackage: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    `This test needs the program ${name} (Debian package ${debianPackage}). Install what it needs with: ` +
      'apt-get install -y pdns-server pdns-backend-sqlite3 sqlite3',
  );
}

interface ServerConfig {
  folder: string;
  database: string;
  apiKey: string;
  apiPort: number;
  dnsPort: number;
}

/** The empty `security-poll-suffix` keeps the server from asking its makers about updates. */
function configOf({ folder, database, apiKey, apiPort, dnsPort }: ServerConfig): string {
  return `daemon=no
guardian=no
disable-syslog=yes
socket-dir=${folder}
security-poll-suffix=
launch=gsqlite3
gsqlite3-database=${database}
gsqlite3-dnssec=yes
gsqlite3-pragma-synchronous=0
local-address=127.0.0.1
local-port=${dnsPort}
webserver=yes
webserver-address=127.0.0.1
webserver-port=${apiPort}
api=yes
api-key=${apiKey}
`;
}

/** A port for the API, and another that is free for UDP and TCP. */
async function freePorts(): Promise<[number, number]> {
  const api = createServer().listen(0, '127.0.0.1');
  const tcp = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(api, 'listening'), once(tcp, 'listening')]);
  const [apiPort, dnsPort] = [api, tcp].map((server) => (server.address() as { port: number }).port) as [
    number,
    number,
  ];
  const udp = createSocket('udp4');
  try {
    udp.bind(dnsPort, '127.0.0.1');
    await once(udp, 'listening');
    return [apiPort, dnsPort];
  } finally {
    udp.close();
    await Promise.all([api, tcp].map((server) => new Promise((done) => server.close(done))));
  }
}

async function answers(child: ChildProcess, apiUrl: string, apiKey: string): Promise<boolean> {
  const deadline = Date.now() + startWithinMs;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    try {
      const response = await fetch(`${apiUrl}/api/v1/servers/localhost`, { headers: { 'x-api-key': apiKey } });
      if (response.ok) return true;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(late);
}
