import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A real Redis of one spec file, on loopback, that keeps nothing on disk. */
export interface TestRedis {
  readonly url: string;
  /** Ends it as a power cut would. What it held is lost. */
  stop(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>;
}

/** Runs the `redis-server` of this machine; rejects when there is none. `policy` is its `maxmemory-policy`. */
export async function testRedis(policy = 'noeviction'): Promise<TestRedis> {
  const port = await freePort();
  let server: ChildProcess | undefined;
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      server = spawn('redis-server', [...options, '--maxmemory-policy', policy], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await ready(server);
    },
    async stop() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
  };
  await redis.start();
  return redis;
}

async function ready(server: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error('No redis-server on this machine. Install it (Debian: apt-get install redis-server).', { cause }),
      ),
    );
    server.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}.`)));
    server.stdout?.on('data', (text: Buffer) => text.includes('Ready to accept connections') && resolve());
  });
  server.removeAllListeners('exit');
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
