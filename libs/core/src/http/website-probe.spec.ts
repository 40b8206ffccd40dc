import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { decode, encode } from 'dns-packet';
import { missingHttpChallenges, WebsiteProbe, type WebsiteProbeOptions } from './website-probe.js';

const sockets: Socket[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A resolver that knows one address for every name. */
async function resolver(address: string): Promise<string> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (message, { port, address: from }) => {
    const { id, questions = [] } = decode(message);
    const [question] = questions;
    const answers = question?.type === 'A' ? [{ type: 'A' as const, name: question.name, data: address }] : [];
    socket.send(encode({ type: 'response', id, questions, answers }), port, from);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return `127.0.0.1:${socket.address().port}`;
}

/** A probe of a site that answers so, and the requests that it got. */
async function probeOf(site: RequestListener, options: WebsiteProbeOptions = {}) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.headers.host}${request.url}`);
    site(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const resolvers = [await resolver('127.0.0.1')];
  const probe = new WebsiteProbe({ resolvers, port, privateAddresses: true, timeoutMs: 1_000, ...options });
  return { probe, seen };
}

const path = '/.well-known/acme-challenge/token';

describe('a look at a website', () => {
  it('reads what it answers, without white space at the end', async () => {
    const { probe, seen } = await probeOf((_, response) => response.end('proof\n'));
    expect(await probe.ask('shop.example', path)).toBe('proof');
    expect(seen).toEqual([`shop.example${path}`]);
  });

  it('follows redirects to other names', async () => {
    const { probe, seen } = await probeOf(({ headers }, response) =>
      headers.host === 'www.shop.example'
        ? response.end('proof')
        : response.writeHead(301, { location: `http://www.shop.example${path}` }).end(),
    );
    expect(await probe.ask('shop.example', path)).toBe('proof');
    expect(seen).toHaveLength(2);
  });

  it.each([
    ['to an address', 'http://169.254.169.254/latest'],
    ['to an IPv6 address', 'http://[::1]/'],
    ['to another port', 'http://shop.example:5432/'],
    ['to another protocol', 'ftp://shop.example/'],
    ['to nowhere', 'http://'],
  ])('follows none %s', async (_how, location) => {
    const { probe, seen } = await probeOf((_, response) => response.writeHead(302, { location }).end('proof'));
    expect(await probe.ask('shop.example', path)).toBeUndefined();
    expect(seen).toHaveLength(1);
  });

  it('does not go round in circles', async () => {
    const { probe, seen } = await probeOf((_, response) => response.writeHead(302, { location: path }).end());
    expect(await probe.ask('shop.example', path)).toBeUndefined();
    expect(seen.length).toBeLessThan(10);
  });

  it('asks no private address unless it is told to', async () => {
    const { probe, seen } = await probeOf((_, response) => response.end('proof'), { privateAddresses: false });
    expect(await probe.ask('shop.example', path)).toBeUndefined();
    expect(seen).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ['says that there is nothing', (_, response) => response.writeHead(404).end('proof')],
    ['sends far too much', (_, response) => response.end('x'.repeat(100_000))],
    [
      'does not stop sending',
      (_, response) => {
        const timer = setInterval(() => response.write('.'), 20);
        response.once('close', () => clearInterval(timer));
      },
    ],
    ['says nothing', () => undefined],
    ['hangs up', (_, response) => response.destroy()],
  ])('sees no proof in a site that %s', async (_how, site) => {
    const { probe } = await probeOf(site, { timeoutMs: 300 });
    expect(await probe.ask('shop.example', path)).toBeUndefined();
  });
});

describe('challenges over HTTP', () => {
  const challenge = { type: 'http-01' as const, domain: 'shop.example', path, body: 'proof' };

  it('are missing until the site shows them, each by itself', async () => {
    const { probe } = await probeOf((_, response) => response.end('proof'));
    const other = { ...challenge, body: 'another' };
    expect(await missingHttpChallenges([challenge, other], probe)).toEqual([other]);
  });
});
