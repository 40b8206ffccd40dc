import { adapterFor, dnsPort, Plugin } from '@keelson/core';
import { ZonefileAdapter } from './zonefile.adapter.js';
import { ZonefileSettings } from './zonefile.config.js';

/** Zones as RFC 1035 master files in a folder. */
@Plugin({
  id: 'zonefile',
  title: 'Zone files',
  version: '0.1.0',
  settings: ZonefileSettings,
  adapters: [
    adapterFor(dnsPort, {
      portVersion: 1,
      settings: ZonefileSettings,
      capabilities: ['zone-listing', 'export'],
      create: (settings, { clock }) => new ZonefileAdapter(settings, clock),
    }),
  ],
})
export class ZonefilePlugin {}
