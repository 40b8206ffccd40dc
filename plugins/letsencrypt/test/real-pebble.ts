import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VendorHttp, type Challenge } from '@keelson/core';
import { CertificateAuthority } from '@keelson/testing';

export interface RealPebble {
  directoryUrl: string;
  /** What the directory's own certificate leads to. */
  caPem: string;
  /** What the certificates that it issues lead to. */
  rootPem: string;
  /** Puts challenges in place, on the name server and web server that Pebble asks. */
  publish(challenges: readonly Challenge[]): Promise<void>;
  /** How often the web server was asked about this host. */
  countHttpRequests(host: string): Promise<number>;
  /** What it says about a certificate: `Valid`, or `Revoked` with the reason (RFC 5280 §5.3.1). */
  statusOf(serial: string): Promise<{ Status: string; Reason?: number }>;
  /** Ends both programs and removes their folder. */
  stop(): Promise<void>;
}

export interface RealPebbleOptions {
  /** Where Pebble looks for `http-01`, instead of its challenge test server. */
  httpPort?: number;
  /** `address:port` of the name server that it asks, instead of its challenge test server. */
  nameServer?: string;
}

const startWithinMs = 15_000;
const attempts = 3;

/**
 * Starts Debian's Pebble on free ports of loopback: strict, one nonce in five refused, one valid authorization in two used again.
 * Beside it stands its challenge test server.
 * @throws Error that names the Debian package to install when a program is missing
 */
export async function startRealPebble(options: RealPebbleOptions = {}): Promise<RealPebble> {
  const pebble = programOf('pebble');
  const peer = programOf('pebble-challtestsrv');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(pebble, peer, options);
    } catch (thrown) {
      // Another process may have taken a port between our look and the server's start.
      if (attempt === attempts) throw thrown;
    }
  }
}

async function startOnce(pebble: string, peer: string, options: RealPebbleOptions): Promise<RealPebble> {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-pebble-'));
  const [acme, control, http, tls, dns, peerControl, https] = await freePorts(7);
  const caPem = await writeServerCertificate(folder);
  const config = {
    listenAddress: `127.0.0.1:${acme}`,
    managementListenAddress: `127.0.0.1:${control}`,
    certificate: join(folder, 'cert.pem'),
    privateKey: join(folder, 'key.pem'),
    httpPort: options.httpPort ?? http,
    tlsPort: tls,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    certificateValidityPeriod: 90 * 86_400,
  };
  writeFileSync(join(folder, 'pebble.json'), JSON.stringify({ pebble: config }));
  const log: string[] = [];
  const children = [
    run(
      peer,
      [
        ...['-dns01', `127.0.0.1:${dns}`, '-http01', `127.0.0.1:${http}`, '-https01', `127.0.0.1:${https}`],
        ...['-tlsalpn01', `127.0.0.1:${tls}`, '-management', `127.0.0.1:${peerControl}`],
        ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''],
      ],
      {},
      log,
    ),
    run(
      pebble,
      ['-config', join(folder, 'pebble.json'), '-dnsserver', options.nameServer ?? `127.0.0.1:${dns}`, '-strict'],
      { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '5', PEBBLE_AUTHZREUSE: '50' },
      log,
    ),
  ];
  const kill = () => children.forEach((child) => child.kill('SIGKILL'));
  process.once('exit', kill);
  const stop = async () => {
    await Promise.all(children.map(end));
    process.removeListener('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  const management = new VendorHttp({ baseUrl: `https://127.0.0.1:${control}`, caPem });
  const challenges = new VendorHttp({ baseUrl: `http://127.0.0.1:${peerControl}` });
  const ask = async (path: string, json: object) => {
    const answer = await challenges.request({ method: 'POST', path, json, acts: true });
    if (answer.status !== 200) throw new Error(`pebble-challtestsrv answered ${answer.status} to ${path}`);
    return answer;
  };
  const rootPem = await rootOf(management, children);
  if (rootPem === undefined) {
    await stop();
    throw new Error(
      `pebble did not come up within ${startWithinMs / 1000} s. Its last words:\n${log.join('').slice(-2000)}`,
    );
  }
  return {
    directoryUrl: `https://127.0.0.1:${acme}/dir`,
    caPem,
    rootPem,
    async publish(wanted) {
      for (const challenge of wanted) {
        if (challenge.type === 'http-01') {
          const token = challenge.path.split('/').at(-1);
          await ask('/add-http01', { token, content: challenge.body });
        } else await ask('/set-txt', { host: `${challenge.recordName}.`, value: challenge.recordValue });
      }
    },
    async countHttpRequests(host) {
      return ((await ask('/http-request-history', { host })).json() as unknown[]).length;
    },
    async statusOf(serial) {
      const path = `/cert-status-by-serial/${serial}`;
      return (await management.request({ method: 'GET', path, acts: false })).json() as {
        Status: string;
        Reason?: number;
      };
    },
    stop,
  };
}

function programOf(name: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(`This test needs the program ${name}. Install it with: apt-get install -y pebble`);
}

function run(program: string, args: string[], environment: Record<string, string>, log: string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => log.push(text.toString()));
  return child;
}

/** Debian's package brings no certificate for the directory itself. Returns the root that it leads to. */
async function writeServerCertificate(folder: string): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = await CertificateAuthority.create();
  const certificate = await authority.issue({
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    domains: ['localhost'],
    addresses: ['127.0.0.1'],
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
  });
  writeFileSync(join(folder, 'cert.pem'), certificate + authority.intermediatePem);
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  return authority.rootPem;
}

/** Ports that are free for TCP and UDP. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  const sockets = ports.map((port) => createSocket('udp4').bind(port, '127.0.0.1'));
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'listening')));
    return ports;
  } finally {
    for (const socket of sockets) socket.close();
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  }
}

/** The root that Pebble made for this run, undefined when it does not answer in time. */
async function rootOf(management: VendorHttp, children: ChildProcess[]): Promise<string | undefined> {
  const deadline = Date.now() + startWithinMs;
  while (Date.now() < deadline && children.every((child) => child.exitCode === null)) {
    try {
      const answer = await management.request({ method: 'GET', path: '/roots/0', acts: false });
      if (answer.status === 200) return answer.text;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  return undefined;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(late);
}
