import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const limitMs = 20_000;

/** So many ports of loopback that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/**
 * Resolves when a server greets on the port. Rejects after 20 s.
 * @param gone whether waiting is of no use any more
 */
export async function greeting(port: number, gone: () => boolean = () => false): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'data', { signal: AbortSignal.timeout(limitMs) });
      return;
    } catch (failure) {
      if (Date.now() > deadline || gone()) throw failure;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}
