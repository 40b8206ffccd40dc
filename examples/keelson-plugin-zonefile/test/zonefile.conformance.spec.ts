import { dnsPort, manifestOf, systemClock, type CapabilityOf } from '@keelson/core';
import { describeDnsAdapter } from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { ZonefileAdapter, ZonefilePlugin, ZonefileSettings } from '../src/index.js';

/** What the manifest declares. */
const offer = manifestOf(ZonefilePlugin)?.adapters.find(({ port }) => port === dnsPort.id);
const capabilities = (offer?.capabilities ?? []) as CapabilityOf<typeof dnsPort>[];

const adapterWith = (settings: object): ZonefileAdapter =>
  new ZonefileAdapter(Object.assign(new ZonefileSettings(), settings), systemClock);

describeDnsAdapter('zonefile', capabilities, async () => {
  const simulator = await startSimulator();
  return {
    adapter: adapterWith(simulator.settings),
    withWrongCredentials: adapterWith({ folder: `${String(simulator.settings['folder'])}/absent` }),
    capabilities,
    domain: 'conformance.example',
    keepsOwner: true,
    secrets: [],
    stop: () => simulator.stop(),
  };
});
