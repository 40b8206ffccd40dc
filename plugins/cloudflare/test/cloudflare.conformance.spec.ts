import { expect } from '@jest/globals';
import { dnsPort, manifestOf, type CapabilityOf } from '@keelson/core';
import { describeDnsAdapter, describeTransportFaults } from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { CloudflarePlugin } from '../src/index.js';
import { adapterWith } from './cloudflare-adapter.js';

/** What the manifest declares. */
const offer = manifestOf(CloudflarePlugin)?.adapters.find(({ port }) => port === dnsPort.id);
const capabilities = (offer?.capabilities ?? []) as CapabilityOf<typeof dnsPort>[];
const domain = 'conformance.example';

describeDnsAdapter('cloudflare', capabilities, async () => {
  const simulator = await startSimulator();
  return {
    adapter: adapterWith(simulator.settings),
    withWrongCredentials: adapterWith({ ...simulator.settings, apiToken: 'wrong-token' }),
    capabilities,
    domain,
    keepsOwner: false,
    assignsNameservers: true,
    secrets: [String(simulator.settings['apiToken']), 'wrong-token'],
    stop: () => simulator.stop(),
  };
});

describeTransportFaults<typeof dnsPort>('cloudflare', async () => {
  const simulator = await startSimulator();
  const spec = { zone: `one.${domain}`, nameservers: ['ns1.names.example'], owner: 'srv_conformance' };
  return {
    port: dnsPort,
    adapter: adapterWith(simulator.settings),
    capabilities,
    faults: simulator.faults,
    secrets: [String(simulator.settings['apiToken']), 'wrong-token'],
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
