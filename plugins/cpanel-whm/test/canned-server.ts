import { readFileSync } from 'node:fs';
import { startCannedServer, type CannedAnswer } from '@keelson/testing/simulator';
import { CpanelWhmConfig } from '../src/index.js';

export type { CannedAnswer } from '@keelson/testing/simulator';

export interface CannedServer {
  config: CpanelWhmConfig;
  /** `METHOD /path?query body` of every request. */
  readonly requests: string[];
  stop(): Promise<void>;
}

/** A server that answers functions of WHM with what a test says, and a connection's settings that lead to it. */
export async function cannedServer(answers: Record<string, CannedAnswer>): Promise<CannedServer> {
  const byPath = Object.entries(answers).map(([name, answer]) => [`/json-api/${name}`, answer]);
  const server = await startCannedServer(Object.fromEntries(byPath) as Record<string, CannedAnswer>);
  const settings = { url: server.url, username: 'root', apiToken: 'TOKEN0123456789TOKEN' };
  return {
    config: Object.assign(new CpanelWhmConfig(), settings),
    get requests() {
      return server.requests.map(({ line, body }) => `${line} ${body}`);
    },
    stop: () => server.stop(),
  };
}

/** A reply of the vendor, from `fixtures/`. */
export function fixture<T = { data: Record<string, unknown> }>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}
