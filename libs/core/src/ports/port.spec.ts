import { describe, expect, it } from '@jest/globals';
import { guardAdapter } from '../adapters/guarded-adapter.js';
import { portErrorCodes, portErrorPolicies } from '../errors/port-error.js';
import { adapterFor } from '../plugins/plugin.decorator.js';
import { findPort, ports } from './all-ports.js';
import type { DnsPort } from './dns.port.js';
import { dnsPort } from './dns.port.js';
import type { AnyPort } from './port.js';
import { listCapabilities, supports } from './port.js';

class Settings {}

const zone = { zone: 'example.com', nameservers: [] };
const dns: DnsPort = {
  testConnection: async () => undefined,
  ensureZone: async () => zone,
  findZone: async () => zone,
  putRecords: async () => undefined,
  removeRecords: async () => undefined,
  listRecords: async () => [],
  removeZone: async () => undefined,
};
const listing = { listZones: async () => ['example.com'] };
const guarded = (capabilities: string[]) =>
  guardAdapter({ ...dns, ...listing }, { connection: 'eu', port: dnsPort, capabilities });

describe('capabilities', () => {
  it('do not compile without supports()', async () => {
    const adapter = guarded(['zone-listing']);
    // @ts-expect-error -- an optional method needs supports()
    expect(typeof adapter.listZones).toBe('function');
    expect(supports(adapter, dnsPort, 'zone-listing')).toBe(true);
    if (supports(adapter, dnsPort, 'zone-listing')) expect(await adapter.listZones()).toEqual(['example.com']);
    if (supports(adapter, dnsPort, 'dnssec')) {
      // @ts-expect-error -- the method of another capability
      await adapter.exportZone('example.com');
    }
  });

  it('that are unknown do not compile', () => {
    // @ts-expect-error -- no port has this capability
    expect(supports(guarded([]), dnsPort, 'telepathy')).toBe(false);
  });

  it('that are not declared are absent, even when the adapter has their methods', () => {
    const adapter = guarded([]);
    expect(supports(adapter, dnsPort, 'zone-listing')).toBe(false);
    expect('listZones' in adapter).toBe(false);
    expect(listCapabilities(adapter)).toEqual([]);
  });

  it('must be backed by their methods to compile in a manifest', () => {
    const whole = adapterFor(dnsPort, {
      portVersion: 1,
      settings: Settings,
      capabilities: ['zone-listing'],
      create: () => ({ ...dns, ...listing }),
    });
    expect(whole).toMatchObject({ port: 'dns', portVersion: 1, capabilities: ['zone-listing'] });
    // @ts-expect-error -- zone-listing is declared, listZones is not there
    adapterFor(dnsPort, { portVersion: 1, settings: Settings, capabilities: ['zone-listing'], create: () => dns });
    // @ts-expect-error -- methods of the port are missing
    adapterFor(dnsPort, { portVersion: 1, settings: Settings, create: () => listing });
    // @ts-expect-error -- unknown capability
    adapterFor(dnsPort, { portVersion: 1, settings: Settings, capabilities: ['telepathy'], create: () => dns });
  });
});

describe('ports', () => {
  it.each(Object.entries(ports as Record<string, AnyPort>))('%s names only methods it has, each once', (id, port) => {
    const extras = Object.values(port.capabilities as Record<string, string[]>).flat();
    const all = [...(port.methods as string[]), ...extras];
    expect(new Set(all).size).toBe(all.length);
    for (const read of port.reads) expect(all).toContain(read);
    for (const method of Object.keys(port.deadlines ?? {})) expect(all).toContain(method);
    expect(findPort(id)).toBe(port);
    expect(port.id).toBe(id);
  });

  it('are found by their own ids only', () => {
    expect(findPort('fax')).toBeUndefined();
    expect(findPort('constructor')).toBeUndefined();
  });
});

describe('error codes', () => {
  it('each say whether to repeat and who acts', () => {
    expect(Object.keys(portErrorPolicies).sort()).toEqual([...portErrorCodes].sort());
  });
});
