import { readFileSync } from 'node:fs';
import { startCannedServer, type CannedRequest } from '@keelson/testing/simulator';
import { NextPanelConfig } from '../src/index.js';

export interface CannedServer {
  config: NextPanelConfig;
  requests: readonly CannedRequest[];
  stop(): Promise<void>;
}

/** A canned server and a connection's settings that lead to it. */
export async function cannedServer(answers: Parameters<typeof startCannedServer>[0]): Promise<CannedServer> {
  const { url, requests, stop } = await startCannedServer(answers);
  const settings = { url: `${url}/`, apiKey: 'npk_key', apiSecret: 'nps_secret' };
  return { config: Object.assign(new NextPanelConfig(), settings), requests, stop };
}

/** An answer that the guides show, from `fixtures/`. */
export function fixture<T = Record<string, unknown>>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}
