import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  type DecodedPacket,
  type OptAnswer,
} from 'dns-packet';
import { answerQuestion, emptyAnswer, rcodes, type DnsAnswer, type ServedZone } from './dns-answers.js';

const host = '127.0.0.1';
/** RFC 1035 §4.2.1: what every client takes over UDP. */
const smallestLimit = 512;
/** What gets through without fragments (DNS flag day 2020). */
const ourLimit = 1232;
const opcodeMask = 0x7800;

export interface DnsServer {
  port: number;
  stop(): Promise<void>;
}

/** Answers for the zones on UDP and TCP, both on one port of loopback. */
export async function startDnsServer(port: number, zones: () => readonly ServedZone[]): Promise<DnsServer> {
  const { udp, tcp } = await bindBoth(port);
  const open = new Set<TcpSocket>();
  udp.on('message', (message, from) => {
    const response = respond(message, zones(), true);
    if (response !== undefined) udp.send(response, from.port, from.address);
  });
  tcp.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveConnection(socket, zones);
  });
  return {
    port: udp.address().port,
    async stop() {
      for (const socket of open) socket.destroy();
      await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise((done) => tcp.close(done))]);
    },
  };
}

/** Messages over TCP carry their length in front (RFC 1035 §4.2.2); several may follow each other. */
function serveConnection(socket: TcpSocket, zones: () => readonly ServedZone[]): void {
  let received = Buffer.alloc(0);
  socket.setTimeout(10_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    received = Buffer.concat([received, data]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const response = respond(received.subarray(2, end), zones(), false);
      received = received.subarray(end);
      if (response === undefined) return void socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
  });
}

/** The response to a message; undefined for one that deserves none: a response, or less than a header. */
function respond(message: Buffer, zones: readonly ServedZone[], limited: boolean): Buffer | undefined {
  if (message.length < 12 || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  let query: DecodedPacket;
  try {
    query = decode(message);
  } catch {
    return encode({ type: 'response', id: message.readUInt16BE(0), flags: rcodes.formatError });
  }
  const opt = query.additionals?.find((record): record is OptAnswer => record.type === 'OPT');
  const whole = encodeResponse(query, answerOf(query, zones), opt !== undefined);
  const limit = limited ? Math.max(smallestLimit, Math.min(opt?.udpPayloadSize ?? smallestLimit, ourLimit)) : 65_535;
  return whole.length <= limit ? whole : encodeResponse(query, emptyAnswer(0), opt !== undefined, TRUNCATED_RESPONSE);
}

function answerOf(query: DecodedPacket, zones: readonly ServedZone[]): DnsAnswer {
  const [question, ...more] = query.questions ?? [];
  if (((query.flags ?? 0) & opcodeMask) !== 0) return emptyAnswer(rcodes.notImplemented);
  if (question === undefined || more.length > 0) return emptyAnswer(rcodes.formatError);
  try {
    return answerQuestion(question, zones);
  } catch {
    return emptyAnswer(rcodes.serverFailure);
  }
}

function encodeResponse(query: DecodedPacket, answer: DnsAnswer, edns: boolean, extraFlags = 0): Buffer {
  const { rcode, authoritative, answers, authorities, additionals } = answer;
  const copied = (query.flags ?? 0) & (RECURSION_DESIRED | opcodeMask);
  const opt: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: ourLimit,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return encode({
    type: 'response',
    id: query.id,
    flags: copied | (authoritative ? AUTHORITATIVE_ANSWER : 0) | extraFlags | rcode,
    questions: query.questions,
    answers,
    authorities,
    additionals: edns ? [...additionals, opt] : additionals,
  });
}

/** One port for both protocols. A free one for TCP may be taken for UDP, so that it tries a few. */
async function bindBoth(port: number): Promise<{ udp: Socket; tcp: Server }> {
  for (let attempt = 1; ; attempt += 1) {
    const tcp = createServer();
    await new Promise<void>((done, fail) => tcp.once('error', fail).listen(port, host, done));
    const { port: bound } = tcp.address() as { port: number };
    const udp = createSocket('udp4');
    try {
      udp.bind(bound, host);
      await once(udp, 'listening');
      return { udp, tcp };
    } catch (thrown) {
      udp.close();
      await new Promise((done) => tcp.close(done));
      if (port !== 0 || attempt === 10) throw thrown;
    }
  }
}
