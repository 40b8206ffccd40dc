import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NextPanelConfig } from '../src/index.js';

export interface CannedAnswer {
  status?: number;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
}

export interface CannedRequest {
  /** `METHOD /path?query`. */
  line: string;
  headers: Record<string, unknown>;
  body: string;
}

export interface CannedServer {
  config: NextPanelConfig;
  requests: CannedRequest[];
  stop(): Promise<void>;
}

/**
 * A server on loopback that answers `METHOD /path` with what a test says. A list of answers is given one after the other, the last of
 * them again and again.
 */
export async function cannedServer(answers: Record<string, CannedAnswer | CannedAnswer[]>): Promise<CannedServer> {
  const requests: CannedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const line = `${request.method} ${request.url}`;
      requests.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const planned = answers[line.split('?', 1)[0] ?? ''] ?? { status: 404, body: { detail: 'Not Found' } };
      const answer = Array.isArray(planned) ? (planned.length > 1 ? planned.shift() : planned[0]) : planned;
      const { status = 200, body = '' } = answer ?? {};
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = { url: `http://127.0.0.1:${port}/`, apiKey: 'npk_key', apiSecret: 'nps_secret' };
  return {
    config: Object.assign(new NextPanelConfig(), settings),
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An answer that the guides show, from `fixtures/`. */
export function fixture<T = Record<string, unknown>>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}
