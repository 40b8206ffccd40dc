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
  // 1200 requests in five minutes a user; a step makes up to four (developers.cloudflare.com/fundamentals/api/reference/limits).
  limits: { ratePerSecond: 1, burst: 60 },
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
