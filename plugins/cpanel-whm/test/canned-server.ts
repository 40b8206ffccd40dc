import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CpanelWhmConfig } from '../src/index.js';

export interface CannedAnswer {
  status?: number;
  /** Text as it is, anything else as JSON. */
  body: unknown;
}

export interface CannedServer {
  config: CpanelWhmConfig;
  /** `METHOD /path?query body` of every request. */
  requests: string[];
  stop(): Promise<void>;
}

/** A server on loopback that answers every function of WHM with what a test says. */
export async function cannedServer(answers: Record<string, CannedAnswer>): Promise<CannedServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      const name = /\/json-api\/(\w+)/.exec(request.url ?? '')?.[1] ?? '';
      const { status = 200, body } = answers[name] ?? { status: 404, body: 'no such function' };
      response.writeHead(status, { 'content-type': 'text/plain' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = { url: `http://127.0.0.1:${port}`, username: 'root', apiToken: 'TOKEN0123456789TOKEN' };
  return {
    config: Object.assign(new CpanelWhmConfig(), settings),
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A reply of the vendor, from `fixtures/`. */
export function fixture<T = { data: Record<string, unknown> }>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}
