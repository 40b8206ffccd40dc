const encryptionRequest = 80_877_103;

/**
 * Cuts a stream of one direction of the PostgreSQL protocol (version 3) into whole messages.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class ProtocolMessages {
  private rest: Buffer = Buffer.alloc(0);

  /** @param startsBare the first message has no type, as that of a client */
  constructor(private startsBare: boolean) {}

  /** The messages that are whole now, in order. */
  push(chunk: Buffer): ProtocolMessage[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const messages: ProtocolMessage[] = [];
    for (;;) {
      const start = this.startsBare ? 0 : 1;
      if (this.rest.length < start + 4) return messages;
      const end = start + this.rest.readInt32BE(start);
      if (this.rest.length < end) return messages;
      const bytes = this.rest.subarray(0, end);
      const asksForEncryption = this.startsBare && end === 8 && bytes.readInt32BE(4) === encryptionRequest;
      const type = this.startsBare ? '' : String.fromCharCode(bytes[0] ?? 0);
      messages.push({ type: asksForEncryption ? 'SSLRequest' : type, bytes });
      this.startsBare &&= asksForEncryption;
      this.rest = this.rest.subarray(end);
    }
  }
}

export interface ProtocolMessage {
  /** One letter; empty for the message that opens a connection, `SSLRequest` for the question before it. */
  type: string;
  /** With type and length. */
  bytes: Buffer;
}

/** The text of the statement in a Parse message (`P`) or a simple Query (`Q`); undefined for any other message. */
export function statementOf({ type, bytes }: ProtocolMessage): string | undefined {
  const [first, second] = bytes.subarray(5).toString('utf8').split('\0');
  return type === 'P' ? second : type === 'Q' ? first : undefined;
}

/** The tag of a CommandComplete message (`C`), such as `INSERT 0 1`. */
export function tagOf({ bytes }: ProtocolMessage): string {
  return bytes.subarray(5, -1).toString('utf8');
}

/** The SQLSTATE of an ErrorResponse (`E`). */
export function sqlStateOf({ bytes }: ProtocolMessage): string {
  const field = bytes
    .subarray(5)
    .toString('utf8')
    .split('\0')
    .find((text) => text.startsWith('C'));
  return field?.slice(1) ?? '';
}

/** An ErrorResponse with which a server ends a session. */
export function fatalError(sqlState: string, text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0M${text}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
