import { expect } from '@jest/globals';
import { dnsPort } from '@keelson/core';
import { describeDnsAdapter, describeTransportFaults } from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { adapterFor, capabilities } from './powerdns-adapter.js';

const domain = 'conformance.example';

describeDnsAdapter('powerdns', capabilities, async () => {
  const simulator = await startSimulator();
  return {
    adapter: adapterFor(simulator.settings),
    withWrongCredentials: adapterFor({ ...simulator.settings, apiKey: 'wrong-api-key' }),
    capabilities,
    domain,
    keepsOwner: true,
    secrets: [String(simulator.settings.apiKey), 'wrong-api-key'],
    stop: () => simulator.stop(),
  };
});

describeTransportFaults<typeof dnsPort>('powerdns', async () => {
  const simulator = await startSimulator();
  const spec = { zone: `one.${domain}`, nameservers: ['ns1.names.example'], owner: 'srv_conformance' };
  return {
    port: dnsPort,
    adapter: adapterFor(simulator.settings),
    capabilities,
    faults: simulator.faults,
    secrets: [String(simulator.settings.apiKey)],
    read: (dns) => dns.findZone(spec.zone),
    act: (dns) => dns.ensureZone(spec),
    acting: 'POST /zones',
    verifyActedOnce: async () => {
      const zones = simulator.ledger.entries('POST /zones').filter(({ changed }) => changed);
      expect(zones.map(({ subject }) => subject)).toEqual([spec.zone]);
    },
    stop: () => simulator.stop(),
  };
});
