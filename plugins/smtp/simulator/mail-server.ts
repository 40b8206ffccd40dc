import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultSwitches, Ledger } from '@keelson/testing/simulator';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Inbox } from './inbox.js';

export interface MailServerOptions {
  inbox: Inbox;
  ledger: Ledger;
  faults: FaultSwitches;
  port?: number;
  latencyMs?: number;
  /** The one login that is accepted, and then demanded; absent: no login is offered. */
  login?: { username: string; password: string };
  /** Offers STARTTLS with this certificate, or speaks TLS from the first byte. */
  tls?: { key: string; cert: string; implicit?: boolean };
}

export interface MailServer {
  port: number;
  stop(): Promise<void>;
}

/** Where in a session a fault can hit, as ledger and `match` name it. */
type Operation = 'CONNECT' | 'AUTH' | 'MAIL FROM' | 'RCPT TO' | 'DATA';

/** Replies by fault and operation (RFC 5321 §4.2.3, RFC 4954 §6). */
const later: Record<Operation, number> = { CONNECT: 421, AUTH: 454, 'MAIL FROM': 451, 'RCPT TO': 451, DATA: 451 };
const never: Record<Operation, number> = { CONNECT: 554, AUTH: 535, 'MAIL FROM': 550, 'RCPT TO': 550, DATA: 554 };
const maximumBytes = 10 * 1024 * 1024;

class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** A connection was cut instead of answered. */
class Cut extends Error {}

type Answer = (error?: Error | null) => void;

/** An SMTP server on loopback that puts what it takes into the inbox. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { inbox, ledger, faults, login, tls } = options;
  const sockets = new Map<number, Socket>();
  const hangUp = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();
  const record = (operation: Operation, subject: string, outcome: string, arrivedAt: number, changed = false) =>
    ledger.add({
      at: Date.now(),
      operation,
      subject,
      tookMs: performance.now() - arrivedAt,
      outcome,
      changed,
    });

  /** Runs one operation with its fault, answers it, and keeps it in the ledger. */
  async function serve(
    operation: Operation,
    subject: string,
    session: SMTPServerSession,
    answer: Answer,
  ): Promise<void> {
    const arrivedAt = performance.now();
    try {
      await failAsAsked(faults.take(operation, subject), operation);
      record(operation, subject, '250', arrivedAt);
      answer();
    } catch (failure) {
      if (failure instanceof Cut) hangUp(session);
      else answer(failure as Error);
      record(operation, subject, failure instanceof Refusal ? String(failure.responseCode) : 'dropped', arrivedAt);
    }
  }

  async function take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const arrivedAt = performance.now();
    const raw = await bytesOf(stream);
    const to = session.envelope.rcptTo.map(({ address }) => address);
    const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
    const fault = faults.take('DATA', to.join(' '));
    try {
      if (fault?.kind !== 'drop-after') await failAsAsked(fault, 'DATA');
      if (stream.sizeExceeded) throw new Refusal(552, 'message exceeds the maximum size');
      if ((options.latencyMs ?? 0) > 0) await sleep(options.latencyMs);
      const { messageId } = await inbox.receive(raw, from, to, new Date());
      record('DATA', messageId, fault?.kind === 'drop-after' ? 'dropped' : '250', arrivedAt, true);
    } catch (failure) {
      record('DATA', to.join(' '), failure instanceof Refusal ? String(failure.responseCode) : 'dropped', arrivedAt);
      throw failure;
    }
    if (fault?.kind === 'drop-after') throw new Cut();
  }

  const server = new SMTPServer({
    name: 'mail.sandbox.test',
    banner: 'Keelson sandbox',
    disableReverseLookup: true,
    closeTimeout: 50,
    size: maximumBytes,
    allowInsecureAuth: true,
    disabledCommands: [...(login === undefined ? ['AUTH'] : []), ...(tls === undefined ? ['STARTTLS'] : [])],
    ...(tls === undefined ? {} : { key: tls.key, cert: tls.cert, secure: tls.implicit === true }),
    onConnect: (session, done) => void serve('CONNECT', session.remoteAddress, session, done),
    onAuth: (auth, session, done) => {
      const known = auth.username === login?.username && auth.password === login?.password;
      void serve('AUTH', auth.username ?? '', session, (error) =>
        error || !known
          ? done(error ?? new Refusal(535, 'authentication failed'))
          : done(null, { user: auth.username }),
      );
    },
    onMailFrom: ({ address }, session, done) => void serve('MAIL FROM', address, session, done),
    onRcptTo: ({ address }, session, done) => void serve('RCPT TO', address, session, done),
    onData: (stream, session, done) => {
      take(stream, session).then(
        () => done(null, `2.0.0 queued as ${session.id}`),
        (failure: unknown) => (failure instanceof Cut ? hangUp(session) : done(failure as Error)),
      );
    },
  });
  // Clients that hang up in the middle are a part of the play.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.once('close', () => sockets.delete(port));
  });
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function bytesOf(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function failAsAsked(fault: Fault | undefined, operation: Operation): Promise<void> {
  switch (fault?.kind) {
    case 'latency':
      await sleep(fault.value ?? 1000);
      return;
    case 'unavailable':
    case 'rate-limit':
    case 'rate-limit-silent':
      throw new Refusal(later[operation], 'try again later');
    case 'exhausted':
      throw new Refusal(452, 'insufficient system storage');
    case 'server-error':
      throw new Refusal(never[operation], 'refused');
    case 'drop-before':
    case 'drop-after':
      throw new Cut();
    default:
  }
}
