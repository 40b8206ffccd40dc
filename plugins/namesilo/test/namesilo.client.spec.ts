import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { guardAdapter, registrarPort, type CallRecord } from '@keelson/core';
import { nameSiloCapabilities, NameSiloSettings } from '../src/index.js';
import { NameSiloClient } from '../src/namesilo.client.js';
import { adapterWith } from './namesilo-environment.js';

const canary = 'canary0key0in0the0query';
const success = '<namesilo><reply><code>300</code><detail>success</detail><balance>1.00</balance></reply></namesilo>';

let server: Server;
let baseUrl: string;
let seen: string[];
let answer: { status: number; body: string };

beforeEach(async () => {
  seen = [];
  answer = { status: 200, body: success };
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.accept}`);
    response.writeHead(answer.status, { 'content-type': 'text/xml', connection: 'close' }).end(answer.body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => new Promise((done) => server.close(done)));

function client(settings: Record<string, unknown> = {}): NameSiloClient {
  return new NameSiloClient(Object.assign(new NameSiloSettings(), { apiKey: canary, baseUrl, ...settings }));
}

describe('requests', () => {
  it('are GETs of the batch API with version, type and key, and leave out what is undefined', async () => {
    await client().act('renewDomain', { domain: 'demo.com', years: 2, payment_id: undefined });
    expect(seen).toEqual([
      `GET /apibatch/renewDomain?version=1&type=xml&key=${canary}&domain=demo.com&years=2 application/xml, text/xml`,
    ]);
  });

  it('go to the API for people where the settings say so, below the path of the address', async () => {
    await client({ batch: false, baseUrl: `${baseUrl}/vendors/` }).read('getAccountBalance');
    expect(seen[0]).toMatch(/^GET \/vendors\/api\/getAccountBalance\?/);
  });

  it('carry any text unharmed', async () => {
    await client().act('contactAdd', { ln: 'Müller & Söhne=+%?#', ad: 'a\nb' });
    const query = new URLSearchParams(seen[0]?.split('?')[1]?.split(' ')[0]);
    expect([query.get('ln'), query.get('ad'), query.get('key')]).toEqual(['Müller & Söhne=+%?#', 'a\nb', canary]);
  });
});

describe('answers', () => {
  it.each([301, 302, 403, 404, 500, 501])('with HTTP status %i are unclear, whatever they say', async (status) => {
    answer = { status, body: success };
    await expect(client().read('getAccountBalance')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(client().act('renewDomain', {})).rejects.toMatchObject({
      code: 'outcome-unknown',
      details: { vendor: { status } },
    });
    expect(seen).toHaveLength(2);
  });

  it('are judged by their code, not by their status', async () => {
    answer.body = success.replace('300', '119');
    await expect(client().act('renewDomain', {})).rejects.toMatchObject({ code: 'no-funds' });
  });
});

describe('the key', () => {
  it('shows in no error and no call record, even when the vendor repeats it', async () => {
    const records: CallRecord[] = [];
    const echo = `Invalid API key ${canary}, asked as /apibatch/x?key=${canary}`;
    const bodies = [
      success.replace('300', '110').replace('success', echo.replaceAll('&', '&amp;')),
      success.replace('300', '987').replace('success', canary),
      `<html>${echo}`,
      '',
      success.replace('1.00', canary),
    ];
    const failures: unknown[] = [];
    const guarded = (settings: object) =>
      guardAdapter(adapterWith({ apiKey: canary, ...settings }), {
        connection: 'under test',
        port: registrarPort,
        capabilities: nameSiloCapabilities,
        record: (call) => records.push(call),
      });
    for (const status of [200, 403, 429, 500, 502, 503]) {
      for (const body of bodies) {
        answer = { status, body };
        for (const call of [
          () => guarded({ baseUrl }).getBalance(),
          () => guarded({ baseUrl }).setLock('demo.com', true),
        ]) {
          failures.push(
            await call().then(
              () => 'no failure',
              (thrown: unknown) => thrown,
            ),
          );
        }
      }
    }
    for (const unreachable of ['http://127.0.0.1:1', 'https://127.0.0.1:1', baseUrl.replace('http', 'https')]) {
      failures.push(
        await guarded({ baseUrl: unreachable })
          .getBalance()
          .catch((thrown: unknown) => thrown),
      );
    }
    expect(records.filter(({ outcome }) => outcome !== 'ok').length).toBeGreaterThan(50);
    const shown = inspect([failures, records], {
      depth: 12,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    });
    expect(shown).not.toContain(canary);
  });
});
