import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { decode, encode, type Answer } from 'dns-packet';
import type { Challenge } from '../ports/ssl.port.js';
import { AuthoritativeDns, missingChallenges } from './authoritative-dns.js';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A name server of these records. `silent`: it never answers. */
async function serve(records: Answer[], address = '127.0.0.1', port = 0, silent = false): Promise<number> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (message, { port: to, address: from }) => {
    if (silent) return;
    const { id, questions = [] } = decode(message);
    const answers = records.filter(({ name, type }) => name === questions[0]?.name && type === questions[0]?.type);
    const known = records.some(({ name }) => name === questions[0]?.name);
    // 3: no such name (RFC 1035 §4.1.1). 1024: authoritative answer.
    socket.send(encode({ type: 'response', id, flags: 1024 | (known ? 0 : 3), questions, answers }), to, from);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket.address().port;
}

const delegation: Answer[] = [
  { type: 'NS', name: 'example.com', data: 'ns1.names.example' },
  { type: 'NS', name: 'example.com', data: 'ns2.names.example' },
  { type: 'A', name: 'ns1.names.example', data: '127.0.0.1' },
  { type: 'A', name: 'ns2.names.example', data: '127.0.0.2' },
];
const txt = (value: string, name = '_acme-challenge.example.com'): Answer => ({ type: 'TXT', name, data: [value] });

/** The zone on two servers, found through a third. */
async function zoneOn(
  first: Answer[],
  second: Answer[],
  { extra = [], silent = false }: { extra?: Answer[]; silent?: boolean } = {},
): Promise<AuthoritativeDns> {
  const recursive = await serve([...delegation, ...extra]);
  const port = await serve(first);
  await serve(second, '127.0.0.2', port, silent);
  return new AuthoritativeDns({ resolvers: [`127.0.0.1:${recursive}`], port, timeoutMs: 200 });
}

describe('authoritative servers', () => {
  it('are each asked for what they hold', async () => {
    const dns = await zoneOn([txt('one'), txt('two')], [txt('one')]);
    const answers = await dns.ask('_acme-challenge.example.com', 'TXT');
    expect(answers.map(({ server, values }) => [server, values?.sort()])).toEqual([
      ['ns1.names.example', ['one', 'two']],
      ['ns2.names.example', ['one']],
    ]);
  });

  it('are asked for addresses as well, and may hold none', async () => {
    const dns = await zoneOn([{ type: 'A', name: 'www.example.com', data: '192.0.2.1' }], []);
    expect((await dns.ask('www.example.com', 'A')).map(({ values }) => values)).toEqual([['192.0.2.1'], []]);
    expect((await dns.ask('www.example.com', 'AAAA')).map(({ values }) => values)).toEqual([[], []]);
  });

  it('are those of the zone that an alias leads to', async () => {
    const alias: Answer = { type: 'CNAME', name: '_acme-challenge.shop.example', data: 'shop.example.com' };
    const held = [txt('one', 'shop.example.com')];
    const dns = await zoneOn(held, held, { extra: [alias] });
    expect((await dns.ask('_acme-challenge.shop.example', 'TXT')).map(({ values }) => values)).toEqual([
      ['one'],
      ['one'],
    ]);
  });

  it('are asked where the resolver listens when they are at its address', async () => {
    const port = await serve([...delegation.slice(0, 1), ...delegation.slice(2, 3), txt('one')]);
    const dns = new AuthoritativeDns({ resolvers: [`127.0.0.1:${port}`], timeoutMs: 200 });
    expect(await dns.ask('_acme-challenge.example.com', 'TXT')).toEqual([
      { server: 'ns1.names.example', values: ['one'] },
    ]);
  });

  it('that do not answer are told from those that hold nothing', async () => {
    const dns = await zoneOn([], [], { silent: true });
    const answers = await dns.ask('_acme-challenge.example.com', 'TXT');
    expect(answers.map(({ values }) => values)).toEqual([[], undefined]);
  });

  it('that nobody knows are not-found', async () => {
    const dns = await zoneOn([], []);
    await expect(dns.ask('www.unknown.example', 'A')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('challenges', () => {
  const challenge = (recordValue: string): Challenge => ({
    type: 'dns-01',
    domain: 'example.com',
    recordName: '_acme-challenge.example.com',
    recordValue,
  });

  it('are missing until every server that answers holds their value', async () => {
    const dns = await zoneOn([txt('one'), txt('two')], [txt('one')]);
    expect(await missingChallenges([challenge('one'), challenge('two')], dns)).toEqual([challenge('two')]);
  });

  it('are not missing because one of the servers is silent', async () => {
    const dns = await zoneOn([txt('one')], [], { silent: true });
    expect(await missingChallenges([challenge('one')], dns)).toEqual([]);
  });

  it('are missing when nobody answers, and never when they are not of DNS', async () => {
    const http: Challenge = { type: 'http-01', domain: 'example.com', path: '/x', body: 'y' };
    const nobody = { ask: () => Promise.reject(new Error('no way')) };
    expect(await missingChallenges([challenge('one'), http], nobody)).toEqual([challenge('one')]);
  });
});
