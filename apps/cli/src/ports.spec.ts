import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort, sandboxPort, waitForPort } from './ports.js';

async function occupy(): Promise<{ port: number; release: () => void }> {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
  return { port, release: () => server.close() };
}

describe('sandboxPort', () => {
  it('lies nine above the port of the API unless it is set', () => {
    expect(sandboxPort({}, { port: 2271 })).toBe(2280);
    expect(sandboxPort({ SANDBOX_PORT: '0' }, { port: 2271 })).toBe(0);
  });

  it.each(['many', '-1', '65001', '1.5'])('refuses %p in words', (text) => {
    expect(() => sandboxPort({ SANDBOX_PORT: text }, { port: 2271 })).toThrow('SANDBOX_PORT must be');
  });
});

describe('waitForPort', () => {
  it('waits until the port is free, and says so once', async () => {
    const { port, release } = await occupy();
    const lines: string[] = [];
    setTimeout(release, 300);
    await waitForPort(port, 'PORT', (line) => lines.push(line));
    expect(lines).toEqual([`port ${port} is in use, waiting for the other program to end`]);
  });

  it('gives up with the setting to change', async () => {
    const { port, release } = await occupy();
    await expect(waitForPort(port, 'PORT', () => undefined, 100)).rejects.toThrow('set PORT to another port');
    release();
  });
});
