import { afterEach, describe, expect, it } from '@jest/globals';
import { startCannedServer, type CannedServer } from './canned-server.js';

let server: CannedServer | undefined;
afterEach(() => server?.stop());

const ask = async (line: string, init: RequestInit = {}): Promise<[number, string]> => {
  const [method, path] = line.split(' ');
  const answer = await fetch(`${server?.url}${path}`, { ...init, method });
  return [answer.status, await answer.text()];
};

describe('a canned server', () => {
  it('answers by method and path, else by path, else with 404, and remembers what came in', async () => {
    server = await startCannedServer({ 'GET /zones': { body: [1] }, '/zones': { status: 409, body: 'no' } });
    expect(await ask('GET /zones?page=2')).toEqual([200, '[1]']);
    expect(await ask('POST /zones', { body: 'name=x', headers: { 'X-Key': 'k' } })).toEqual([409, 'no']);
    expect(await ask('GET /other')).toEqual([404, '']);
    expect(server.requests.map(({ line, body }) => `${line} ${body}`)).toEqual([
      'GET /zones?page=2 ',
      'POST /zones name=x',
      'GET /other ',
    ]);
    expect(server.requests[1]?.headers).toMatchObject({ 'x-key': 'k' });
  });

  it('gives a list of answers one after the other, the last again and again', async () => {
    server = await startCannedServer({ '/jobs': [{ status: 202 }, { body: { done: true } }] });
    expect(await ask('GET /jobs')).toEqual([202, '']);
    for (let repetition = 0; repetition < 2; repetition += 1) {
      expect(await ask('GET /jobs')).toEqual([200, '{"done":true}']);
    }
  });
});
