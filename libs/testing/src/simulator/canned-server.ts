import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CannedAnswer {
  /** Default 200. */
  status?: number;
  /** A text as it is, anything else as JSON; absent: an empty body. */
  body?: unknown;
  /** Default: the content type of JSON. */
  headers?: Record<string, string>;
}

export interface CannedRequest {
  /** `METHOD /path?query`. */
  line: string;
  /** Names in lower case. */
  headers: Record<string, unknown>;
  body: string;
}

export interface CannedServer {
  url: string;
  /** What came in, in order. */
  requests: readonly CannedRequest[];
  stop(): Promise<void>;
}

/**
 * A server on loopback that answers with what a test says, for specs of a client: the odd answers that a simulator does not give.
 * @param answers by `METHOD /path`, or by `/path` for every method; anything else is answered with 404. A list is given one
 *   after the other, the last of them again and again
 */
export async function startCannedServer(
  answers: Readonly<Record<string, CannedAnswer | readonly CannedAnswer[]>>,
): Promise<CannedServer> {
  const requests: CannedRequest[] = [];
  const left = new Map(
    Object.entries(answers).map(([key, planned]): [string, CannedAnswer[]] => [
      key,
      Array.isArray(planned) ? [...(planned as CannedAnswer[])] : [planned as CannedAnswer],
    ]),
  );
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const line = `${request.method} ${request.url}`;
      requests.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const [path = ''] = (request.url ?? '').split('?', 1);
      const planned = left.get(`${request.method} ${path}`) ?? left.get(path) ?? [{ status: 404 }];
      const { status = 200, body = '', headers } = (planned.length > 1 ? planned.shift() : planned[0]) ?? {};
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
