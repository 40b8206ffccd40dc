import { adapterFor, dnsPort, Plugin } from '@keelson/core';
import { CloudflareAdapter } from './cloudflare.adapter.js';
import { CloudflareClient } from './cloudflare.client.js';
import { CloudflareSettings } from './cloudflare.config.js';

/** Zones and records in a Cloudflare account. */
@Plugin({
  id: 'cloudflare',
  title: 'Cloudflare',
  version: '0.1.0',
  settings: CloudflareSettings,
  adapters: [
    adapterFor(dnsPort, {
      portVersion: 1,
      settings: CloudflareSettings,
      capabilities: ['zone-listing'],
      create: (settings) => new CloudflareAdapter(new CloudflareClient(settings)),
    }),
  ],
})
export class CloudflarePlugin {}
