import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const patienceMs = 20_000;

/** A session with an IMAP server (RFC 9051), as much of it as reading an inbox needs. */
export class ImapSession {
  private received = '';
  private count = 0;

  private constructor(private readonly socket: Socket) {
    // One character for one octet, so that lengths of literals fit.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (this.received += text));
    socket.on('error', () => undefined);
  }

  /** Connects without TLS and waits for the greeting. */
  static async open(port: number): Promise<ImapSession> {
    const session = new ImapSession(connect(port, '127.0.0.1'));
    await session.until(/^\* OK .*\r\n/);
    return session;
  }

  /** Whether the server takes these credentials. */
  async login(user: string, password: string): Promise<boolean> {
    const literal = (text: string) => `{${Buffer.byteLength(text)}+}\r\n${text}`;
    const answer = await this.command(`LOGIN ${literal(user)} ${literal(password)}`);
    if (!/(OK|NO) .*\r\n$/.test(answer)) throw new Error(`the IMAP server answered ${answer}`);
    return /OK .*\r\n$/.test(answer);
  }

  /** Raw messages of the inbox, oldest first. */
  async inbox(): Promise<string[]> {
    await this.command('SELECT INBOX');
    let answer = await this.command('FETCH 1:* BODY.PEEK[]');
    const messages: string[] = [];
    for (;;) {
      const [start, length] = /^\* \d+ FETCH [^\r]*\{(\d+)\}\r\n/m.exec(answer) ?? [];
      if (start === undefined) return messages;
      const from = answer.indexOf(start) + start.length;
      messages.push(Buffer.from(answer.slice(from, from + Number(length)), 'latin1').toString('utf8'));
      answer = answer.slice(from + Number(length));
    }
  }

  close(): void {
    this.socket.destroy();
  }

  /** Everything up to and with the tagged line that ends the answer. */
  private async command(text: string): Promise<string> {
    this.count += 1;
    this.received = '';
    this.socket.write(`t${this.count} ${text}\r\n`, 'utf8');
    return this.until(new RegExp(`^t${this.count} .*\\r\\n`, 'm'));
  }

  private async until(end: RegExp): Promise<string> {
    const signal = AbortSignal.timeout(patienceMs);
    while (!end.test(this.received)) await once(this.socket, 'data', { signal });
    return this.received;
  }
}
