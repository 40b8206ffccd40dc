import { afterAll, beforeAll } from '@jest/globals';
import { describeMailboxAdapter } from '@keelson/testing';
import { startSimulator, type PostfixDovecotSimulator } from '../simulator/index.js';
import { capabilities } from '../src/index.js';
import { adapterOf, secretOf, wrongPassword, wrongUrlOf } from './configs.js';

const domains = ['one.conformance.example', 'two.conformance.example'] as const;

let host: PostfixDovecotSimulator;
beforeAll(async () => {
  host = await startSimulator();
});
afterAll(() => host?.stop());

describeMailboxAdapter('postfix-dovecot', capabilities, async () => {
  const adapter = adapterOf(host);
  for (const domain of domains) await adapter.ensureDomain(domain);
  return {
    adapter,
    withWrongCredentials: adapterOf(host, { databaseUrl: wrongUrlOf(host) }),
    domains,
    loseNextCreation: () => host.faults.set({ kind: 'drop-after', match: 'INSERT mail_boxes', times: 1 }),
    slowDown: (value) => host.faults.set({ kind: 'latency', value }),
    secrets: [secretOf(host), wrongPassword],
    stop: async () => {
      host.faults.clear();
      await host.query('DELETE FROM mail_domains');
    },
  };
});
