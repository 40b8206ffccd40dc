import { CloudflareAdapter, CloudflareClient, CloudflareSettings } from '../src/index.js';

/** An unguarded adapter with these settings and the defaults of the others. */
export function adapterWith(settings: object): CloudflareAdapter {
  return new CloudflareAdapter(new CloudflareClient(Object.assign(new CloudflareSettings(), settings)));
}
