import { adapterFor, dnsPort, Plugin } from '@keelson/core';
import { PowerDnsAdapter } from './powerdns.adapter.js';
import { PowerDnsSettings } from './powerdns.config.js';

/** Zones and records on PowerDNS Authoritative Server 4.7 to 5.1. */
@Plugin({
  id: 'powerdns',
  title: 'PowerDNS',
  version: '0.1.0',
  settings: PowerDnsSettings,
  adapters: [
    adapterFor(dnsPort, {
      portVersion: 1,
      settings: PowerDnsSettings,
      capabilities: ['zone-listing', 'dnssec', 'export', 'notify'],
      create: (settings) => new PowerDnsAdapter(settings),
    }),
  ],
})
export class PowerDnsPlugin {}
