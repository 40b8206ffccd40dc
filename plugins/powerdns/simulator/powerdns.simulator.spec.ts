import { mkdtempSync, rmSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Simulator, SimulatorOptions } from '@keelson/testing/simulator';
import { startSimulator } from './index.js';

const zones = '/api/v1/servers/localhost/zones';
let simulator: Simulator;

afterEach(() => simulator.stop());

async function start(options?: SimulatorOptions): Promise<void> {
  simulator = await startSimulator(options);
}

function request(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { url, apiKey } = simulator.settings;
  const all = { 'x-api-key': String(apiKey), accept: 'application/json', ...headers };
  return fetch(url + path, { method, headers: all, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

function resolver(): Resolver {
  const dns = new Resolver({ timeout: 2_000, tries: 2 });
  const endpoint = simulator.endpoints.find(({ name }) => name === 'DNS');
  dns.setServers([endpoint?.url.replace('dns://', '') ?? '']);
  return dns;
}

async function makeZone(name = 'one.example.'): Promise<void> {
  await request('POST', zones, { name, kind: 'Native', nameservers: ['ns1.names.example.'], account: '<script>' });
  const records = [{ content: '192.0.2.1', disabled: false }];
  await request('PATCH', `${zones}/${name}`, {
    rrsets: [{ name: `www.${name}`, type: 'A', ttl: 300, changetype: 'REPLACE', records }],
  });
}

describe('the PowerDNS simulator', () => {
  it('answers over DNS what its API was told', async () => {
    await start();
    await makeZone();
    expect(await resolver().resolve4('www.one.example')).toEqual(['192.0.2.1']);
    await request('DELETE', `${zones}/one.example.`);
    await expect(resolver().resolve4('www.one.example')).rejects.toMatchObject({ code: 'EREFUSED' });
  });

  it('remembers its zones and keys over a restart', async () => {
    const home = mkdtempSync(join(tmpdir(), 'keelson-powerdns-'));
    try {
      await start({ home });
      await makeZone();
      await request('PUT', `${zones}/one.example.`, { dnssec: true });
      const keys = await (await request('GET', `${zones}/one.example./cryptokeys`)).json();
      await simulator.stop();
      await start({ home });
      expect(await resolver().resolve4('www.one.example')).toEqual(['192.0.2.1']);
      expect(await (await request('GET', `${zones}/one.example./cryptokeys`)).json()).toEqual(keys);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('listens on the port it is given, and with its name server on the next', async () => {
    await start();
    const free = Number(new URL(String(simulator.settings.url)).port);
    await simulator.stop();
    await start({ port: free });
    expect(simulator.endpoints).toEqual([
      { name: 'API', url: `http://127.0.0.1:${free}` },
      { name: 'DNS', url: `dns://127.0.0.1:${free + 1}` },
    ]);
  });

  it('keeps a ledger of every call by operation and zone', async () => {
    await start();
    await makeZone();
    await request('GET', `${zones}/One.Example.`);
    await request('DELETE', `${zones}/absent.example.`);
    const entries = simulator.ledger
      .entries()
      .map(({ operation, subject, outcome, changed }) => [operation, subject, outcome, changed]);
    expect(entries).toEqual([
      ['POST /zones', 'one.example', '201', true],
      ['PATCH /zones/:zone', 'one.example', '204', true],
      ['GET /zones/:zone', 'one.example', '200', false],
      ['DELETE /zones/:zone', 'absent.example', '404', false],
    ]);
  });

  it('refuses other keys, and answers errors in the type that is accepted', async () => {
    await start();
    const refused = await request('GET', zones, undefined, { 'x-api-key': 'wrong' });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'X-API-Key realm="PowerDNS"']);
    const absent = `${zones}/absent.example.`;
    expect(await (await request('GET', absent)).json()).toEqual({ error: 'Not Found' });
    expect(await (await request('GET', absent, undefined, { accept: '*/*' })).text()).toBe('Not Found');
    expect(await (await request('GET', absent, undefined, { accept: 'text/html' })).text()).toContain(
      '<h1>Not Found</h1>',
    );
    expect((await request('PUT', zones, {})).status).toBe(405);
    expect((await request('GET', '/api/v1/nowhere')).status).toBe(404);
  });

  it('applies all changes of a request or none', async () => {
    await start();
    await makeZone();
    const records = [{ content: '192.0.2.9', disabled: false }];
    const change = { ttl: 300, type: 'A', changetype: 'REPLACE', records };
    const before = await (await request('GET', `${zones}/one.example.`)).json();
    const rrsets = [
      { ...change, name: 'new.one.example.' },
      { ...change, name: 'www.other.example.' },
    ];
    expect((await request('PATCH', `${zones}/one.example.`, { rrsets })).status).toBe(422);
    expect(await (await request('GET', `${zones}/one.example.`)).json()).toEqual(before);
  });

  it('signs with a key whose DS records are those of RFC 4034', async () => {
    await start();
    await makeZone();
    await request('PUT', `${zones}/one.example.`, { dnssec: true });
    const [key] = (await (await request('GET', `${zones}/one.example./cryptokeys`)).json()) as Record<
      string,
      unknown
    >[];
    expect(key).not.toHaveProperty('privatekey');
    const [flags, protocol, algorithm, publicKey] = String(key?.dnskey).split(' ');
    const rdata = Buffer.concat([Buffer.from([1, 1, 3, 13]), Buffer.from(publicKey ?? '', 'base64')]);
    expect([flags, protocol, algorithm, rdata.length]).toEqual(['257', '3', '13', 68]);
    const owner = Buffer.from('\x03one\x07example\x00');
    const digest = createHash('sha256').update(owner).update(rdata).digest('hex');
    expect((key?.ds as string[])[1]).toMatch(new RegExp(`^\\d+ 13 2 ${digest}$`));
    const single = (await (await request('GET', `${zones}/one.example./cryptokeys/1`)).json()) as Record<
      string,
      unknown
    >;
    expect(single.privatekey).toMatch(/^Private-key-format: v1\.2\n/);
  });

  it('shows its zones to people, as text', async () => {
    await start();
    await makeZone();
    const page = await (await fetch(String(simulator.settings.url))).text();
    expect(page).toContain('www.one.example.');
    expect(page).toContain('owner &lt;script&gt;');
    expect(page).not.toContain('<script>');
    expect(simulator.ledger.entries('GET /')).toEqual([]);
  });
});
