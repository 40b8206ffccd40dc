import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeDnsAdapter } from '@keelson/testing';
import { startSimulator } from '../simulator/index.js';
import { sameRequests } from './api-requests.js';
import { adapterFor, capabilities } from './powerdns-adapter.js';
import { startRealPowerDns, type RealPowerDns } from './real-powerdns.js';
import { dsOfServedKeys } from './served-keys.js';

let server: RealPowerDns;
let environments = 0;

beforeAll(async () => {
  server = await startRealPowerDns();
}, 60_000);

afterAll(() => server?.stop());

describeDnsAdapter('powerdns, the real server', capabilities, async () => {
  environments += 1;
  const settings = { url: server.apiUrl, apiKey: server.apiKey };
  return {
    adapter: adapterFor(settings),
    withWrongCredentials: adapterFor({ ...settings, apiKey: 'wrong-api-key' }),
    capabilities,
    domain: `case${environments}.example`,
    keepsOwner: true,
    secrets: [server.apiKey, 'wrong-api-key'],
    stop: async () => undefined,
  };
});

describe('a zone on the real server', () => {
  it('is answered for over DNS as it was written', async () => {
    const dns = adapterFor({ url: server.apiUrl, apiKey: server.apiKey });
    const zone = 'answers.example';
    const set = { ttl: 300 };
    const dkim = `v=DKIM1; p=${'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'.repeat(12)}`;
    await dns.ensureZone({ zone, nameservers: ['ns1.names.example', 'ns2.names.example'], owner: 'srv_answers' });
    await dns.putRecords(zone, [
      { ...set, name: zone, type: 'A', values: ['192.0.2.10'] },
      { ...set, name: zone, type: 'AAAA', values: ['2001:DB8::10'] },
      { ...set, name: `www.${zone}`, type: 'CNAME', values: [zone] },
      { ...set, name: zone, type: 'MX', values: ['10 mail.answers.example'] },
      { ...set, name: `k1._domainkey.${zone}`, type: 'TXT', values: [dkim] },
      { ...set, name: zone, type: 'TXT', values: ['a "quoted" \\ word; é'] },
      { ...set, name: zone, type: 'CAA', values: ['0 issue letsencrypt.org'] },
      { ...set, name: `_sip._tcp.${zone}`, type: 'SRV', values: ['10 5 5060 sip.voice.example'] },
    ]);
    const resolver = new Resolver({ timeout: 2_000, tries: 3 });
    resolver.setServers([`127.0.0.1:${server.dnsPort}`]);
    expect(await resolver.resolve4(`www.${zone}`)).toEqual(['192.0.2.10']);
    expect(await resolver.resolve6(zone)).toEqual(['2001:db8::10']);
    expect(await resolver.resolveMx(zone)).toEqual([{ priority: 10, exchange: 'mail.answers.example' }]);
    expect((await resolver.resolveTxt(`k1._domainkey.${zone}`)).map((chunks) => chunks.join(''))).toEqual([dkim]);
    const [text = []] = await resolver.resolveTxt(zone);
    // Node reads the octets of a TXT record as Latin-1.
    expect(Buffer.from(text.join(''), 'latin1').toString('utf8')).toBe('a "quoted" \\ word; é');
    expect(await resolver.resolveCaa(zone)).toMatchObject([{ critical: 0, issue: 'letsencrypt.org' }]);
    expect(await resolver.resolveSrv(`_sip._tcp.${zone}`)).toEqual([
      { priority: 10, weight: 5, port: 5060, name: 'sip.voice.example' },
    ]);
    expect((await resolver.resolveNs(zone)).sort()).toEqual(['ns1.names.example', 'ns2.names.example']);
    expect(await resolver.resolveSoa(zone)).toMatchObject({
      nsname: 'ns1.names.example',
      hostmaster: `hostmaster.${zone}`,
      serial: expect.any(Number),
    });
    await dns.removeZone(zone);
    await expect(resolver.resolve4(zone)).rejects.toMatchObject({ code: 'EREFUSED' });
  });
});

describe('a signed zone on the real server', () => {
  it('gives DS records that fit the keys it serves over DNS, the same every time, and none once it is unsigned', async () => {
    const dns = adapterFor({ url: server.apiUrl, apiKey: server.apiKey });
    const zone = 'signed.example';
    await dns.ensureZone({ zone, nameservers: ['ns1.names.example', 'ns2.names.example'], owner: 'srv_signed' });
    const records = await dns.ensureDnssec(zone);
    const served = await dsOfServedKeys(zone, server.dnsPort);
    expect(served).toHaveLength(1);
    expect(records.filter(({ digestType }) => digestType === 2)).toEqual(served);
    expect(records.map(({ digestType }) => digestType)).not.toContain(1);
    expect(await dns.ensureDnssec(zone)).toEqual(records);
    await dns.removeDnssec(zone);
    await dns.removeDnssec(zone);
    // The server goes on with answers that it gave in the last 20 s (`cache-ttl`), unless it is told to forget them.
    await fetch(`${server.apiUrl}/api/v1/servers/localhost/cache/flush?domain=${zone}.`, {
      method: 'PUT',
      headers: { 'x-api-key': server.apiKey },
    });
    expect(await dsOfServedKeys(zone, server.dnsPort)).toEqual([]);
    await dns.removeZone(zone);
  });
});

describe('the simulator', () => {
  it('answers requests, right and wrong, as the real server does', async () => {
    const simulator = await startSimulator();
    try {
      const { url, apiKey } = simulator.settings;
      const simulated = await sameRequests(String(url), String(apiKey));
      expect(simulated).toEqual(await sameRequests(server.apiUrl, server.apiKey));
    } finally {
      await simulator.stop();
    }
  });
});
