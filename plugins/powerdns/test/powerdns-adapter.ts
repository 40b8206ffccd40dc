import { manifestOf } from '@keelson/core';
import { PowerDnsAdapter, PowerDnsPlugin, PowerDnsSettings } from '../src/index.js';
import type { DnsCapability } from '@keelson/testing';

/** What the plugin's manifest declares. */
export const capabilities = (manifestOf(PowerDnsPlugin)?.adapters[0]?.capabilities ?? []) as readonly DnsCapability[];

/** An unguarded adapter with these settings and the defaults of the others. */
export function adapterFor(settings: Record<string, unknown>): PowerDnsAdapter {
  return new PowerDnsAdapter(Object.assign(new PowerDnsSettings(), settings));
}
