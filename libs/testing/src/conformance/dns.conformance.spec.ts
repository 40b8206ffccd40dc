import { describe, expect, it } from '@jest/globals';
import type { DnsPort, RecordSet } from '@keelson/core';
import { memoryDnsCapabilities, MemoryDnsAdapter, MemoryNameServer } from '../memory/memory-dns.adapter.js';
import { failingCases } from './conformance-cases.js';
import { describeDnsAdapter, dnsCases, type DnsEnvironment } from './dns.conformance.js';

type Change = (adapter: MemoryDnsAdapter) => Partial<Record<keyof MemoryDnsAdapter, unknown>>;

/** The memory adapter as an environment, with some of its methods replaced. */
async function start(change: Change = () => ({})): Promise<DnsEnvironment> {
  const server = new MemoryNameServer();
  const broken = (adapter: MemoryDnsAdapter): DnsPort => {
    const { server: _server, ...methods } = change(adapter);
    return Object.assign(Object.create(adapter) as MemoryDnsAdapter, methods);
  };
  return {
    adapter: broken(new MemoryDnsAdapter(server)),
    withWrongCredentials: broken(new MemoryDnsAdapter(server, 'refused')),
    capabilities: memoryDnsCapabilities,
    domain: 'conformance.example',
    keepsOwner: true,
    secrets: ['no secret is ever given to a memory'],
    stop: async () => undefined,
  };
}

describeDnsAdapter('memory', memoryDnsCapabilities, () => start());

describe('the suite of the dns port catches', () => {
  const failing = (change: Change) => failingCases(dnsCases(memoryDnsCapabilities), () => start(change));

  it('a flag without its method', async () => {
    expect(await failing(() => ({ exportZone: undefined }))).toEqual([
      'has the methods of the port and of the capabilities it declares, and of no others',
    ]);
  });

  it('an empty list instead of not-found', async () => {
    const vague: Change = (adapter) => ({
      listRecords: async (zone: string) =>
        (await adapter.findZone(zone)) === undefined ? [] : adapter.listRecords(zone),
    });
    expect(await failing(vague)).toEqual(['reports an absent zone as not-found to whoever lists its records']);
  });

  it('a put that wipes the other sets', async () => {
    const wiping: Change = (adapter) => ({
      putRecords: async (zone: string, sets: RecordSet[]) => {
        await adapter.putRecords(zone, sets);
        const names = new Set(sets.map(({ name, type }) => `${name.toLowerCase()} ${type}`));
        const others = (await adapter.listRecords(zone)).filter(({ name, type }) => !names.has(`${name} ${type}`));
        if (sets.length > 0) await adapter.removeRecords(zone, others);
      },
    });
    expect(await failing(wiping)).toEqual(['replaces exactly the sets it is given and leaves their neighbours alone']);
  });
});
