import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decode, encode, RECURSION_DESIRED, type DecodedPacket, type Packet, type RecordType } from 'dns-packet';
import type { KnownType } from './record-content.js';
import type { ServedZone } from './dns-answers.js';
import { startDnsServer, type DnsServer } from './dns-server.js';

function set(name: string, type: KnownType, ...contents: string[]): ServedZone['rrsets'][number] {
  return { name, type, ttl: 300, records: contents.map((content) => ({ content, disabled: false })) };
}

const soa = 'ns1.names.example. hostmaster.one.example. 2026112001 10800 3600 604800 120';
const zones: ServedZone[] = [
  {
    name: 'one.example.',
    rrsets: [
      set('one.example.', 'SOA', soa),
      set('one.example.', 'NS', 'ns1.names.example.', 'ns2.names.example.'),
      set('one.example.', 'A', '192.0.2.1', '192.0.2.2'),
      set('one.example.', 'AAAA', '2001:db8::1'),
      set('one.example.', 'MX', '10 mx1.one.example.', '20 mx2.one.example.'),
      set('one.example.', 'TXT', '"v=spf1 -all"', '"a \\"b\\" \\\\ \\195\\169" "second"'),
      set('one.example.', 'CAA', '0 issue "letsencrypt.org"', '128 iodef "mailto:a@b.example"'),
      set('_sip._tcp.one.example.', 'SRV', '10 5 5060 sip.one.example.'),
      set('www.one.example.', 'CNAME', 'one.example.'),
      set('far.one.example.', 'CNAME', 'host.two.example.'),
      set('out.one.example.', 'CNAME', 'www.elsewhere.example.'),
      set('loop.one.example.', 'CNAME', 'loop2.one.example.'),
      set('loop2.one.example.', 'CNAME', 'loop.one.example.'),
      set('*.wild.one.example.', 'A', '192.0.2.7'),
      set('real.wild.one.example.', 'TXT', '"real"'),
      set('a.b.one.example.', 'A', '192.0.2.8'),
      set('child.one.example.', 'NS', 'ns.child.one.example.'),
      set('ns.child.one.example.', 'A', '192.0.2.53'),
      set('big.one.example.', 'TXT', ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `"${String(n).repeat(250)}"`)),
      { ...set('off.one.example.', 'A'), records: [{ content: '192.0.2.66', disabled: true }] },
    ],
  },
  { name: 'two.example.', rrsets: [set('two.example.', 'SOA', soa), set('host.two.example.', 'A', '192.0.2.22')] },
];

let server: DnsServer;
let resolver: Resolver;

beforeAll(async () => {
  server = await startDnsServer(0, () => zones);
  resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
});

afterAll(() => server.stop());

/** One question over UDP, answered as a decoded packet. */
async function ask(name: string, type: RecordType, more: Packet = {}): Promise<DecodedPacket & { rcode: string }> {
  return decode(await exchange(encode({ type: 'query', id: 7, questions: [{ name, type }], ...more }))) as never;
}

async function exchange(message: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  try {
    socket.send(message, server.port, '127.0.0.1');
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(1_000) })) as [Buffer];
    return answer;
  } finally {
    socket.close();
  }
}

describe('the name server', () => {
  it('answers a resolver for every type', async () => {
    expect((await resolver.resolve4('one.example')).sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await resolver.resolve6('one.example')).toEqual(['2001:db8::1']);
    expect((await resolver.resolveNs('one.example')).sort()).toEqual(['ns1.names.example', 'ns2.names.example']);
    expect((await resolver.resolveMx('one.example')).sort((a, b) => a.priority - b.priority)).toEqual([
      { priority: 10, exchange: 'mx1.one.example' },
      { priority: 20, exchange: 'mx2.one.example' },
    ]);
    expect(await resolver.resolveTxt('one.example')).toEqual([
      ['v=spf1 -all'],
      [Buffer.from('a "b" \\ é').toString('latin1'), 'second'],
    ]);
    expect(await resolver.resolveCaa('one.example')).toEqual([
      { critical: 0, issue: 'letsencrypt.org' },
      { critical: 128, iodef: 'mailto:a@b.example' },
    ]);
    expect(await resolver.resolveSrv('_sip._tcp.one.example')).toEqual([
      { priority: 10, weight: 5, port: 5060, name: 'sip.one.example' },
    ]);
    expect(await resolver.resolveSoa('one.example')).toMatchObject({ nsname: 'ns1.names.example', serial: 2026112001 });
  });

  it('follows CNAMEs through its zones and leaves the rest to the resolver', async () => {
    expect((await resolver.resolve4('www.one.example')).sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await resolver.resolve4('far.one.example')).toEqual(['192.0.2.22']);
    expect(await ask('out.one.example', 'A')).toMatchObject({
      rcode: 'NOERROR',
      flag_aa: true,
      answers: [{ type: 'CNAME', data: 'www.elsewhere.example' }],
    });
    expect(await ask('www.one.example', 'CNAME')).toMatchObject({ answers: [{ type: 'CNAME', data: 'one.example' }] });
    expect(await ask('loop.one.example', 'A')).toMatchObject({ rcode: 'SERVFAIL' });
  });

  it('tells an absent name from an absent type, each with the SOA and how long to remember it', async () => {
    const authorities = [{ type: 'SOA', name: 'one.example', ttl: 120 }];
    expect(await ask('absent.one.example', 'A')).toMatchObject({
      rcode: 'NXDOMAIN',
      flag_aa: true,
      answers: [],
      authorities,
    });
    expect(await ask('one.example', 'SRV')).toMatchObject({
      rcode: 'NOERROR',
      flag_aa: true,
      answers: [],
      authorities,
    });
    expect(await ask('b.one.example', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [], authorities });
    expect(await ask('off.one.example', 'A')).toMatchObject({ rcode: 'NXDOMAIN' });
  });

  it('lets a wildcard stand for names that are not there', async () => {
    expect(await ask('any.wild.one.example', 'A')).toMatchObject({
      answers: [{ name: 'any.wild.one.example', data: '192.0.2.7' }],
    });
    expect(await ask('x.y.wild.one.example', 'A')).toMatchObject({ answers: [{ data: '192.0.2.7' }] });
    expect(await ask('real.wild.one.example', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(await ask('any.wild.one.example', 'MX')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  it('refers to the servers of a delegated child, with their addresses', async () => {
    expect(await ask('www.child.one.example', 'A')).toMatchObject({
      rcode: 'NOERROR',
      flag_aa: false,
      answers: [],
      authorities: [{ type: 'NS', name: 'child.one.example', data: 'ns.child.one.example' }],
      additionals: [{ type: 'A', name: 'ns.child.one.example', data: '192.0.2.53' }],
    });
  });

  it('refuses names of other zones and other classes', async () => {
    expect(await ask('www.elsewhere.example', 'A')).toMatchObject({ rcode: 'REFUSED', flag_aa: false });
    expect(await ask('example', 'A')).toMatchObject({ rcode: 'REFUSED' });
    const questions: Packet['questions'] = [{ name: 'one.example', type: 'A', class: 'CH' }];
    expect(await ask('one.example', 'A', { questions })).toMatchObject({ rcode: 'REFUSED' });
  });

  it('keeps the spelling and the flags of the question', async () => {
    expect(await ask('OnE.eXample', 'AAAA', { flags: RECURSION_DESIRED })).toMatchObject({
      id: 7,
      flag_rd: true,
      flag_ra: false,
      questions: [{ name: 'OnE.eXample' }],
      answers: [{ name: 'OnE.eXample', data: '2001:db8::1' }],
    });
  });

  it('cuts what does not fit into UDP, and tells all of it over TCP', async () => {
    expect(await ask('big.one.example', 'TXT')).toMatchObject({ flag_tc: true, answers: [] });
    expect(await resolver.resolveTxt('big.one.example')).toHaveLength(8);
  });

  it('uses the space that EDNS offers, up to 1232 octets', async () => {
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 65_535, extendedRcode: 0, ednsVersion: 0, flags: 0 } as const;
    const additionals = [{ ...opt, flag_do: false, options: [] }];
    expect(await ask('one.example', 'TXT', { additionals })).toMatchObject({
      flag_tc: false,
      additionals: [{ type: 'OPT', udpPayloadSize: 1232 }],
    });
    expect(await ask('big.one.example', 'TXT', { additionals })).toMatchObject({ flag_tc: true });
  });

  it('answers several questions on one TCP connection, however they are cut into segments', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const framed = ['www.one.example', 'host.two.example'].map((name, index) => {
      const message = encode({ type: 'query', id: index + 1, questions: [{ name, type: 'A' }] });
      return Buffer.concat([Buffer.from([0, message.length]), message]);
    });
    const bytes = Buffer.concat(framed);
    socket.write(bytes.subarray(0, 5));
    await new Promise((done) => setTimeout(done, 20));
    socket.write(bytes.subarray(5));
    let received = Buffer.alloc(0);
    const ids: number[] = [];
    for await (const data of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, data]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        ids.push(decode(received.subarray(2)).id ?? 0);
        received = received.subarray(2 + received.readUInt16BE(0));
      }
      if (ids.length === 2) break;
    }
    expect(ids).toEqual([1, 2]);
  });

  it('survives what is no question', async () => {
    expect(
      decode(await exchange(Buffer.concat([Buffer.from([0, 9, 1, 0, 0, 1]), Buffer.alloc(8, 0xff)]))),
    ).toMatchObject({
      id: 9,
      rcode: 'FORMERR',
    });
    expect(await ask('one.example', 'A', { flags: 4 << 11 })).toMatchObject({ rcode: 'NOTIMP' });
    expect(await ask('one.example', 'A', { questions: [] })).toMatchObject({ rcode: 'FORMERR' });
    await expect(exchange(Buffer.from('short'))).rejects.toThrow(/abort/i);
    expect(await ask('one.example', 'AAAA')).toMatchObject({ rcode: 'NOERROR' });
  });
});
