import { expect } from '@jest/globals';
import { sslPort } from '@keelson/core';
import { describeSslAdapter, describeTransportFaults } from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { adapterWith, capabilities, ChallengeBoard, closedAccount, KeptState, MovedClock } from './acme-environment.js';

let seed = 0;

describeSslAdapter('letsencrypt', capabilities, async () => {
  const clock = new MovedClock();
  const board = new ChallengeBoard();
  // Another seed for each case: nonces are refused at other moments, but the same ones in every run.
  seed += 1;
  const simulator = await startSimulator({ clock, lookup: board, nonceRejects: 0.2, seed });
  const state = new KeptState();
  const another = () => adapterWith(simulator.settings, state, clock);
  const closed = await closedAccount(simulator.settings);
  await another().testConnection();
  return {
    adapter: another(),
    another,
    withWrongCredentials: adapterWith(simulator.settings, closed, clock),
    capabilities,
    domain: 'conformance.example',
    rootPem: simulator.rootPem,
    tellsRenewal: true,
    publish: async (challenges) => board.publish(challenges),
    wait: (until) => clock.wait(until),
    countOrders: async () => Object.keys(simulator.state.orders).length,
    secrets: [closed.accountSecret(), state.accountSecret()],
    stop: () => simulator.stop(),
  };
});

describeTransportFaults<typeof sslPort>('letsencrypt', async () => {
  const simulator = await startSimulator();
  const state = new KeptState();
  const adapter = adapterWith(simulator.settings, state);
  const spec = { reference: 'cert_1', domains: ['site.example', 'www.site.example'], method: 'http-01' as const };
  await adapter.testConnection();
  return {
    port: sslPort,
    adapter,
    capabilities,
    faults: simulator.faults,
    secrets: [state.accountSecret()],
    read: (ssl) => ssl.testConnection(),
    act: (ssl) => ssl.startCertificate(spec),
    acting: 'POST /acme/new-order',
    verifyActedOnce: async () => {
      expect(Object.values(simulator.state.orders).map(({ names }) => names)).toEqual([spec.domains]);
    },
    stop: () => simulator.stop(),
  };
});
