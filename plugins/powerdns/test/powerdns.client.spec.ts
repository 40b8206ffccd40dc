import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { PowerDnsClient } from '../src/powerdns.client.js';
import { PowerDnsSettings } from '../src/powerdns.config.js';

interface Seen {
  line: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let client: PowerDnsClient;
let seen: Seen[];
let open: number;
let mostOpen: number;
let reply: { status: number; body: string; afterMs?: number };

beforeEach(async () => {
  [seen, open, mostOpen] = [[], 0, 0];
  server = createServer(async (request, response) => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    await new Promise((done) => setTimeout(done, reply.afterMs ?? 0));
    open -= 1;
    response.writeHead(reply.status, { 'content-type': 'application/json', connection: 'close' }).end(reply.body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const settings = { url: `http://127.0.0.1:${port}/prefix/`, apiKey: 'some-key' };
  client = new PowerDnsClient(Object.assign(new PowerDnsSettings(), settings));
});

afterEach(() => new Promise((done) => server.close(done)));

describe('PowerDnsClient', () => {
  it('asks for JSON with the key in its header, below the prefix of the URL', async () => {
    reply = { status: 200, body: '{}' };
    await client.getServer();
    await client.getZone('a.example');
    await client.getZoneHead('a.example');
    await client.listZones();
    await client.listKeys('a.example');
    await client.exportZone('a.example');
    expect(seen.map(({ line }) => line)).toEqual([
      'GET /prefix/api/v1/servers/localhost',
      'GET /prefix/api/v1/servers/localhost/zones/a.example.',
      'GET /prefix/api/v1/servers/localhost/zones/a.example.?rrset_name=a.example.&rrset_type=NS',
      'GET /prefix/api/v1/servers/localhost/zones?dnssec=false',
      'GET /prefix/api/v1/servers/localhost/zones/a.example./cryptokeys',
      'GET /prefix/api/v1/servers/localhost/zones/a.example./export',
    ]);
    for (const { headers } of seen)
      expect(headers).toMatchObject({ accept: 'application/json', 'x-api-key': 'some-key' });
    expect(seen.map(({ line }) => line).join()).not.toContain('some-key');
  });

  it('sends changes as JSON and takes only the documented success for one', async () => {
    reply = { status: 204, body: '' };
    await client.changeRecords('a.example', [{ name: 'x.a.example.', type: 'A', changetype: 'DELETE' }]);
    await client.setDnssec('a.example', true);
    await client.deleteZone('a.example');
    expect(seen.map(({ line, body }) => `${line} ${body}`)).toEqual([
      'PATCH /prefix/api/v1/servers/localhost/zones/a.example. ' +
        '{"rrsets":[{"name":"x.a.example.","type":"A","changetype":"DELETE"}]}',
      'PUT /prefix/api/v1/servers/localhost/zones/a.example. {"dnssec":true}',
      'DELETE /prefix/api/v1/servers/localhost/zones/a.example. ',
    ]);
    reply = { status: 200, body: '{}' };
    await expect(client.deleteZone('a.example')).rejects.toMatchObject({ code: 'outcome-unknown' });
    reply = { status: 204, body: '' };
    await expect(client.getZone('a.example')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('sends one change after the other, also past one that failed, and reads beside them', async () => {
    reply = { status: 500, body: '{}', afterMs: 20 };
    const changes = [1, 2, 3].map((n) => client.deleteZone(`z${n}.example`));
    for (const change of await Promise.allSettled(changes)) expect(change.status).toBe('rejected');
    expect(seen.map(({ line }) => line.slice(-11))).toEqual(['z1.example.', 'z2.example.', 'z3.example.']);
    expect(mostOpen).toBe(1);
    reply = { status: 200, body: '{}', afterMs: 20 };
    await Promise.all([1, 2, 3].map((n) => client.getZone(`z${n}.example`)));
    expect(mostOpen).toBe(3);
  });
});
