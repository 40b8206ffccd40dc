import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Simulator } from '@keelson/testing/simulator';
import { startSimulator } from '../simulator/index.js';
import { adapterWith } from './cloudflare-adapter.js';

const zone = 'example.org';
const spec = { zone, nameservers: ['ns1.names.example'], owner: 'srv_1' };
let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.stop());

/** A call of the API as a person makes it at the vendor. */
async function api(method: string, path: string, body?: object): Promise<{ result: { id: string }[] }> {
  const { url, apiToken } = simulator.settings;
  const headers = { authorization: `Bearer ${String(apiToken)}`, 'content-type': 'application/json' };
  const answer = await fetch(`${String(url)}${path}`, { method, headers, body: body && JSON.stringify(body) });
  return (await answer.json()) as { result: { id: string }[] };
}

describe('the adapter', () => {
  it('answers with the name servers that the vendor assigned, and does not let them be changed', async () => {
    const dns = adapterWith(simulator.settings);
    const { nameservers } = await dns.ensureZone(spec);
    expect(nameservers).toEqual(['ada.ns.cloudflare.example', 'lee.ns.cloudflare.example']);
    await dns.putRecords(zone, [{ name: zone, type: 'NS', ttl: 86_400, values: nameservers }]);
    const own = { name: zone, type: 'NS' as const, ttl: 300, values: ['ns1.names.example'] };
    await expect(dns.putRecords(zone, [own])).rejects.toMatchObject({ code: 'unsupported' });
    await expect(dns.removeRecords(zone, [own])).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('does not take a zone for ours that lies in another account', async () => {
    await adapterWith(simulator.settings).ensureZone(spec);
    const other = adapterWith({ ...simulator.settings, accountId: '0'.repeat(32) });
    await expect(other.ensureZone(spec)).rejects.toMatchObject({ code: 'already-exists' });
    expect(await other.findZone(zone)).toBeUndefined();
  });

  it('reads every page of zones', async () => {
    const dns = adapterWith(simulator.settings);
    const names = Array.from({ length: 60 }, (_, n) => `zone${n}.example.org`);
    for (const name of names) await dns.ensureZone({ ...spec, zone: name });
    expect((await dns.listZones()).sort()).toEqual(names.sort());
  });

  it('replaces what a person wrote into the same set, and leaves other types of records alone', async () => {
    const dns = adapterWith(simulator.settings);
    await dns.ensureZone(spec);
    const [{ id } = { id: '' }] = (await api('GET', `/zones?name=${zone}`)).result;
    const posts = [{ type: 'A', name: `www.${zone}`, content: '192.0.2.9', ttl: 1, proxied: true }];
    await api('POST', `/zones/${id}/dns_records/batch`, { posts });
    const wanted = { name: `www.${zone}`, type: 'A' as const, ttl: 300, values: ['192.0.2.1'] };
    await dns.putRecords(zone, [wanted]);
    expect((await dns.listRecords(zone)).filter(({ type }) => type === 'A')).toEqual([wanted]);
    expect((await api('GET', `/zones/${id}/dns_records`)).result).toMatchObject([{ proxied: false }]);
  });

  it('refuses times to live that the vendor does not know, and 1, which means something else there', async () => {
    const dns = adapterWith(simulator.settings);
    await dns.ensureZone(spec);
    for (const ttl of [0, 1, 59, 86_401]) {
      const set = { name: `www.${zone}`, type: 'A' as const, ttl, values: ['192.0.2.1'] };
      await expect(dns.putRecords(zone, [set])).rejects.toMatchObject({ code: 'invalid-input' });
    }
  });
});
