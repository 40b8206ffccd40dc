import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Simulator } from '@keelson/testing/simulator';
import type { PowerDnsAdapter } from '../src/index.js';
import { startSimulator } from '../simulator/index.js';
import { adapterFor } from './powerdns-adapter.js';

const zone = 'one.example';
const spec = { zone, nameservers: ['ns1.names.example'], owner: 'srv_1' };
const www = { name: `www.${zone}`, type: 'A' as const, ttl: 300, values: ['192.0.2.1'] };

let simulator: Simulator;
let dns: PowerDnsAdapter;

beforeEach(async () => {
  simulator = await startSimulator();
  dns = adapterFor(simulator.settings);
});

afterEach(() => simulator.stop());

function changes(): string[] {
  return simulator.ledger
    .entries()
    .filter(({ changed }) => changed)
    .map(({ operation }) => operation);
}

async function api(method: string, path: string, body: unknown): Promise<number> {
  const { url, apiKey } = simulator.settings;
  const headers = { 'x-api-key': String(apiKey), accept: 'application/json' };
  return (await fetch(`${url}/api/v1/servers/localhost${path}`, { method, headers, body: JSON.stringify(body) }))
    .status;
}

describe('PowerDnsAdapter', () => {
  it('sends no change for what is held already', async () => {
    await dns.ensureZone(spec);
    await dns.putRecords(zone, [www]);
    await dns.ensureZone(spec);
    await dns.putRecords(zone, [www]);
    await dns.removeRecords(zone, [{ name: `never.${zone}`, type: 'A' }]);
    await dns.removeDnssec(zone);
    expect(changes()).toEqual(['POST /zones', 'PATCH /zones/:zone']);
  });

  it('takes a zone without an owner, as an operator makes it by hand, for somebody else’s', async () => {
    expect(await api('POST', '/zones', { name: `${zone}.`, kind: 'Native', nameservers: [] })).toBe(201);
    await expect(dns.ensureZone(spec)).rejects.toMatchObject({ code: 'already-exists' });
    expect(await dns.findZone(zone)).toEqual({ zone, nameservers: [], serial: expect.any(Number) });
  });

  it('leaves records alone that the port cannot speak of', async () => {
    await dns.ensureZone(spec);
    const rrset = { name: `www.${zone}.`, type: 'A', ttl: 60, changetype: 'REPLACE' };
    const records = [{ content: '192.0.2.66', disabled: true }];
    expect(await api('PATCH', `/zones/${zone}.`, { rrsets: [{ ...rrset, records }] })).toBe(204);
    expect((await dns.listRecords(zone)).map(({ type }) => type)).toEqual(['NS']);
    await dns.putRecords(zone, [www]);
    expect(await dns.listRecords(zone)).toContainEqual(www);
  });

  it.each(['', 'x'.repeat(41), 'two words', 'ü'])(
    'refuses the owner %j, which the account field may not keep',
    async (owner) => {
      await expect(dns.ensureZone({ ...spec, owner })).rejects.toMatchObject({ code: 'invalid-input' });
      expect(changes()).toEqual([]);
    },
  );

  it('reports a server id that does not exist, and an address where no API is, as invalid-config', async () => {
    const wrongId = adapterFor({ ...simulator.settings, serverId: 'elsewhere' });
    await expect(wrongId.testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
    const page = adapterFor({ ...simulator.settings, url: `${simulator.settings.url}/wrong` });
    await expect(page.testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
  });

  it('adopts a zone that another process made between its look and its act', async () => {
    const other = adapterFor(simulator.settings);
    const zones = await Promise.all([dns.ensureZone(spec), other.ensureZone(spec)]);
    expect(zones.map(({ owner }) => owner)).toEqual(['srv_1', 'srv_1']);
    expect(changes()).toEqual(['POST /zones']);
  });

  it('makes zones of the kind that is set', async () => {
    await adapterFor({ ...simulator.settings, zoneKind: 'Master' }).ensureZone(spec);
    const { url, apiKey } = simulator.settings;
    const response = await fetch(`${url}/api/v1/servers/localhost/zones/${zone}.`, {
      headers: { 'x-api-key': String(apiKey) },
    });
    expect(await response.json()).toMatchObject({ kind: 'Master', account: 'srv_1', api_rectify: true });
  });
});
