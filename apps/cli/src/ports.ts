import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BootError, type Settings } from '@keelson/core';

/** Distance of the sandbox's first port from the API's. */
const portDistance = 9;

/** `SANDBOX_PORT`, by default nine above `PORT`; 0 for free ports. @throws BootError */
export function sandboxPort(env: NodeJS.ProcessEnv, settings: Pick<Settings, 'port'>): number {
  const text = env['SANDBOX_PORT'] ?? '';
  if (text === '') return settings.port + portDistance;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_000) return port;
  throw new BootError(['SANDBOX_PORT must be a whole number from 0 (free ports) to 65000']);
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = await listen(0, '127.0.0.1');
  const address = server?.address();
  await new Promise((resolve) => server?.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * Resolves once nobody listens on the port. Processes of an installation that was killed need a moment to notice and end.
 * @param setting the variable that names the port, for the operator
 * @throws BootError when it is still in use after `patienceMs`
 */
export async function waitForPort(
  port: number,
  setting: string,
  progress: (line: string) => void,
  patienceMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let waits = 0; ; waits += 1) {
    const server = await listen(port, '0.0.0.0');
    if (server !== undefined) return new Promise((resolve) => server.close(() => resolve()));
    if (Date.now() > deadline) {
      throw new BootError([`port ${port} is in use: stop the other program, or set ${setting} to another port`]);
    }
    if (waits === 0) progress(`port ${port} is in use, waiting for the other program to end`);
    await sleep(250);
  }
}

/** A server on the port; undefined when the port is taken. */
function listen(port: number, host: string) {
  const server = createServer();
  return new Promise<typeof server | undefined>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(port, host, () => resolve(server));
  });
}
