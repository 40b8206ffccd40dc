import { currentCall, PortError, type MailMessage, type MailPort, type MailReceipt } from '@keelson/core';

/** What a `MemoryMailAdapter` does with the next messages; a test sets it. */
export interface MemoryMailFaults {
  /** Refuses these addresses for good. */
  refused: Set<string>;
  /** Asks to come back for these addresses, as many times as it says. */
  deferred: Map<string, number>;
  /** Breaks off once, before or after it took the message. */
  breakOff?: 'before' | 'after';
  /** Milliseconds before it answers. */
  delayMs?: number;
}

/** The reference adapter of the mail port: keeps in memory what a mail server would have delivered. */
export class MemoryMailAdapter implements MailPort {
  readonly delivered: MailMessage[];
  readonly faults: MemoryMailFaults;

  /**
   * @param state `refuses`: what keeps every call from succeeding. `shared`: an adapter whose server this one talks to as well.
   */
  constructor(private readonly state: { refuses?: 'credentials' | 'connection'; shared?: MemoryMailAdapter } = {}) {
    this.delivered = state.shared?.delivered ?? [];
    this.faults = state.shared?.faults ?? { refused: new Set(), deferred: new Map() };
  }

  async testConnection(): Promise<void> {
    if (this.state.refuses === 'credentials')
      throw new PortError('invalid-config', 'The mail server does not accept our credentials.');
    if (this.state.refuses === 'connection') throw new PortError('unavailable', 'The mail server is not available.');
  }

  async sendMail(message: MailMessage): Promise<MailReceipt> {
    refuseBroken(message);
    await this.testConnection();
    await this.wait();
    const { breakOff } = this.faults;
    this.faults.breakOff = undefined;
    if (breakOff === 'before') throw new PortError('unavailable', 'The mail server is not available.');
    const { accepted, rejected } = this.judge(message);
    this.delivered.push({
      ...structuredClone(message),
      to: message.to.filter(({ address }) => accepted.includes(address)),
    });
    if (breakOff === 'after') throw new PortError('outcome-unknown', 'The mail server did not confirm the message.');
    return { messageId: message.messageId, accepted, rejected, response: '250 ok' };
  }

  private judge(message: MailMessage): { accepted: string[]; rejected: string[] } {
    const rejected: string[] = [];
    const accepted: string[] = [];
    for (const { address } of message.to) {
      const deferrals = this.faults.deferred.get(address) ?? 0;
      if (this.faults.refused.has(address)) rejected.push(address);
      else if (deferrals > 0) this.faults.deferred.set(address, deferrals - 1);
      else accepted.push(address);
    }
    if (accepted.length > 0) return { accepted, rejected };
    if (rejected.length === message.to.length)
      throw new PortError('invalid-input', 'The mail server refused the message.');
    throw new PortError('unavailable', 'The mail server is not available.');
  }

  private async wait(): Promise<void> {
    const { signal } = currentCall();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, this.faults.delayMs ?? 0);
      const giveUp = () => {
        clearTimeout(timer);
        reject(new PortError('unavailable', 'The mail server is not available.'));
      };
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}

function refuseBroken(message: MailMessage): void {
  const people = [message.from, ...message.to, ...(message.replyTo === undefined ? [] : [message.replyTo])];
  const headers = [
    message.messageId,
    message.subject,
    ...people.flatMap(({ name, address }) => [name ?? '', address]),
    ...Object.entries(message.headers ?? {}).flat(),
  ];
  const lines = headers.some((value) => /[\r\n]/.test(value));
  const addresses = people.every(({ address }) => /^[^\s@<>]+@[^\s@<>]+$/.test(address));
  if (lines || !addresses || message.to.length === 0)
    throw new PortError('invalid-input', 'The message cannot be sent.');
}
