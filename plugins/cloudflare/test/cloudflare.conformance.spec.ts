import { expect } from '@jest/globals';
import { dnsPort } from '@keelson/core';
import { describeDnsAdapter, describeTransportFaults, pluginUnderTest } from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { CloudflarePlugin } from '../src/index.js';

const { port, capabilities, adapterWith, withWrongSecrets, secretsIn } = pluginUnderTest(CloudflarePlugin, dnsPort);
const domain = 'conformance.example';

describeDnsAdapter('cloudflare', capabilities, async () => {
  const simulator = await startSimulator();
  return {
    adapter: adapterWith(simulator.settings),
    withWrongCredentials: adapterWith(withWrongSecrets(simulator.settings)),
    capabilities,
    domain,
    keepsOwner: false,
    assignsNameservers: true,
    secrets: secretsIn(simulator.settings),
    stop: () => simulator.stop(),
  };
});

describeTransportFaults<typeof dnsPort>('cloudflare', async () => {
  const simulator = await startSimulator();
  const spec = { zone: `one.${domain}`, nameservers: ['ns1.names.example'], owner: 'srv_conformance' };
  return {
    port,
    adapter: adapterWith(simulator.settings),
    capabilities,
    faults: simulator.faults,
    secrets: secretsIn(simulator.settings),
    read: (dns) => dns.findZone(spec.zone),
    act: (dns) => dns.ensureZone(spec),
    acting: 'POST /client/v4/zones',
    verifyActedOnce: async () => {
      const created = simulator.ledger.entries('POST /client/v4/zones').filter(({ changed }) => changed);
      expect(created.map(({ subject }) => subject)).toEqual([spec.zone]);
    },
    stop: () => simulator.stop(),
  };
});
