import { describe, expect, it } from '@jest/globals';
import { dnsPort, guardAdapter, PortError, supports } from '@keelson/core';
import { MemoryDnsAdapter, memoryDnsCapabilities } from '@keelson/testing/memory';
import { defaultPace, pacedAdapter } from './paced-adapter.js';

const fast = (retryAfterMs?: number) =>
  new PortError('rate-limited', 'Too fast.', retryAfterMs === undefined ? {} : { retryAfterMs });

function paced(pace = {}) {
  const dns = new MemoryDnsAdapter();
  const waits: number[] = [];
  const guarded = guardAdapter(dns, { port: dnsPort, capabilities: memoryDnsCapabilities, connection: 'dns' });
  const wait = (ms: number) => (waits.push(Math.round(ms)), Promise.resolve());
  return { adapter: pacedAdapter(guarded, { ...defaultPace, ...pace }, wait), calls: dns.server.calls, waits };
}

describe('an adapter that takes its time', () => {
  it('waits as long as the vendor asks for, and asks again', async () => {
    const { adapter, calls, waits } = paced();
    calls.set({ method: 'listZones', times: 2, error: fast(1500) }, { method: 'listZones', times: 1, error: fast() });
    if (!supports(adapter, dnsPort, 'zone-listing')) throw new Error('the capabilities are lost');
    expect(await adapter.listZones()).toEqual([]);
    expect(waits).toEqual([1500, 1500, 8000]);
  });

  it('gives up when the vendor wants too long a pause, or asks for pauses without end', async () => {
    const { adapter, calls, waits } = paced();
    calls.set({ method: 'findZone', times: 1, error: fast(3_600_000) });
    await expect(adapter.findZone('a.example')).rejects.toThrow('Too fast.');
    expect(waits).toEqual([]);
    calls.set({ method: 'findZone', error: fast(10) });
    await expect(adapter.findZone('a.example')).rejects.toThrow('Too fast.');
    expect(waits).toEqual([10, 10, 10, 10]);
  });

  it('throws at once what is wrong otherwise', async () => {
    const { adapter, calls, waits } = paced();
    calls.set({ method: 'findZone', error: new PortError('unavailable', 'Away.') });
    await expect(adapter.findZone('a.example')).rejects.toThrow('Away.');
    expect(waits).toEqual([]);
  });

  it('keeps calls apart, one by one or all at once', async () => {
    const { adapter, waits } = paced({ everyMs: 60_000 });
    await Promise.all(['a', 'b', 'c'].map((name) => adapter.findZone(`${name}.example`)));
    expect(waits.map((ms) => Math.round(ms / 60_000))).toEqual([1, 2]);
  });
});
