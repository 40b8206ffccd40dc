import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface WebhookEndpoint {
  url: string;
  received: { body: Buffer; headers: Record<string, string>; status: number }[];
  /** Waits until the condition holds. Fails after ten seconds. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** A receiver of webhooks that answers the first ones with these statuses, and 200 from then on. */
export async function listen(statuses: number[]): Promise<WebhookEndpoint> {
  const received: WebhookEndpoint['received'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = statuses.shift() ?? 200;
      received.push({ body: Buffer.concat(chunks), headers: request.headers as Record<string, string>, status });
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`,
    received,
    async until(condition) {
      for (const started = Date.now(); !condition(); await sleep(10)) {
        if (Date.now() - started > 10_000) throw new Error('the condition did not come to hold within ten seconds');
      }
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
