import { StateFile } from '@keelson/testing/simulator';
import PostalMime, { decodeWords } from 'postal-mime';

/** A message that the server took. */
export interface ReceivedMessage {
  /** Number in order of arrival, as text. */
  id: string;
  /** Without angle brackets; empty when the message has none. */
  messageId: string;
  /** Sender of the envelope. */
  from: string;
  /** The recipients that were accepted. */
  to: string[];
  subject: string;
  text: string;
  html?: string;
  /** ISO 8601. */
  at: string;
  /** Decoded values by lower-case name; those of a repeated header stand on lines of their own. */
  headers: Record<string, string>;
}

const keptMessages = 500;

/** The messages received so far; the oldest ones go beyond 500. */
export class Inbox {
  private readonly file: StateFile<{ last: number; messages: ReceivedMessage[] }>;

  /** @param home folder in which the messages survive a restart; absent: in memory */
  constructor(home?: string) {
    this.file = new StateFile(home, 'smtp', { last: 0, messages: [] });
  }

  /** Parses a raw message and keeps it; it survives a kill once this has resolved. */
  async receive(raw: Uint8Array, from: string, to: string[], at: Date): Promise<ReceivedMessage> {
    const parsed = await PostalMime.parse(raw);
    const headers: Record<string, string> = {};
    for (const { key, value } of parsed.headers) {
      const known = Object.hasOwn(headers, key) ? `${headers[key]}\n` : '';
      headers[key] = known + decodeWords(value);
    }
    const state = this.file.data;
    state.last += 1;
    const message: ReceivedMessage = {
      id: String(state.last),
      messageId: (parsed.messageId ?? '').replace(/^<|>$/g, ''),
      from,
      to,
      subject: parsed.subject ?? '',
      text: parsed.text ?? '',
      ...(parsed.html === undefined ? {} : { html: parsed.html }),
      at: at.toISOString(),
      headers,
    };
    state.messages.push(message);
    if (state.messages.length > keptMessages) state.messages.shift();
    this.file.save();
    return message;
  }

  /** Messages, oldest first, to one address or to all. */
  list(to?: string): ReceivedMessage[] {
    const wanted = to?.toLowerCase();
    return this.file.data.messages.filter(
      (message) => wanted === undefined || message.to.some((address) => address.toLowerCase() === wanted),
    );
  }

  find(id: string): ReceivedMessage | undefined {
    return this.file.data.messages.find((message) => message.id === id);
  }

  clear(): void {
    this.file.data.messages = [];
    this.file.save();
  }
}
