import {
  mailboxPort,
  PortError,
  type CapabilityMethods,
  type CapabilityOf,
  type Mailbox,
  type MailboxPort,
  type MailboxSpec,
} from '@keelson/core';
import { MemoryCalls, type MemoryCall } from './memory-calls.js';

type Capability = CapabilityOf<typeof mailboxPort>;

/** All of them. */
export const memoryMailboxCapabilities = Object.keys(mailboxPort.capabilities) as Capability[];

export interface MemoryMailbox extends Mailbox {
  password: string;
}

/** A mail server in memory. Any number of adapters may talk to it. */
export class MemoryMailboxServer {
  /** By address. */
  readonly mailboxes = new Map<string, MemoryMailbox>();
  /** Address → targets. */
  readonly forwards = new Map<string, string[]>();
  readonly calls = new MemoryCalls();

  /** @param domains domains that the server holds; absent: every one */
  constructor(readonly domains?: Set<string>) {}
}

/** The reference adapter of the mailbox port: what the contract says, over a server in memory, with every capability. */
export class MemoryMailboxAdapter implements MailboxPort, CapabilityMethods<typeof mailboxPort, Capability> {
  /** @param credentials `refused`: the server accepts no call of this adapter */
  constructor(
    readonly server = new MemoryMailboxServer(),
    private readonly credentials: 'accepted' | 'refused' = 'accepted',
  ) {}

  async testConnection(): Promise<void> {
    await this.call('testConnection', undefined, () => undefined);
  }

  async ensureMailbox({ address, password, quotaMb }: MailboxSpec): Promise<Mailbox> {
    return this.call('ensureMailbox', address, (call) => {
      this.requireDomain(domainOf(address));
      const existing = this.server.mailboxes.get(address);
      if (existing !== undefined) return publicPart(existing);
      requireStrong(password);
      const mailbox = { address, password, quotaMb, usedMb: 0, suspended: false };
      this.server.mailboxes.set(address, mailbox);
      call.changed = true;
      return publicPart(mailbox);
    });
  }

  async findMailbox(address: string): Promise<Mailbox | undefined> {
    return this.call('findMailbox', address, () => {
      const mailbox = this.server.mailboxes.get(address);
      return mailbox === undefined ? undefined : publicPart(mailbox);
    });
  }

  async listMailboxes(domain: string): Promise<Mailbox[]> {
    return this.call('listMailboxes', domain, () => {
      this.requireDomain(domain);
      const all = [...this.server.mailboxes.values()];
      return all.filter(({ address }) => domainOf(address) === domain).map(publicPart);
    });
  }

  async setPassword(address: string, password: string): Promise<void> {
    await this.change('setPassword', address, (mailbox) => {
      requireStrong(password);
      mailbox.password = password;
    });
  }

  async removeMailbox(address: string): Promise<void> {
    await this.call('removeMailbox', address, (call) => {
      call.changed = this.server.mailboxes.delete(address);
    });
  }

  async ensureDomain(domain: string): Promise<void> {
    await this.call('ensureDomain', domain, (call) => {
      if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain)) throw new PortError('invalid-input', 'This is no domain name.');
      call.changed = this.server.domains?.has(domain) === false;
      this.server.domains?.add(domain);
    });
  }

  async removeDomain(domain: string): Promise<void> {
    await this.call('removeDomain', domain, (call) => {
      call.changed = this.server.domains?.delete(domain) ?? false;
      for (const held of [this.server.mailboxes, this.server.forwards]) {
        for (const address of held.keys()) if (domainOf(address) === domain) held.delete(address);
      }
    });
  }

  async putForwards(address: string, targets: string[]): Promise<void> {
    await this.call('putForwards', address, (call) => {
      this.requireDomain(domainOf(address));
      if (targets.length === 0) this.server.forwards.delete(address);
      else this.server.forwards.set(address, [...new Set(targets)]);
      call.changed = true;
    });
  }

  async listForwards(domain: string): Promise<{ address: string; targets: string[] }[]> {
    return this.call('listForwards', domain, () => {
      this.requireDomain(domain);
      const all = [...this.server.forwards].map(([address, targets]) => ({ address, targets: [...targets] }));
      return all.filter(({ address }) => domainOf(address) === domain);
    });
  }

  async setQuota(address: string, quotaMb: number): Promise<void> {
    await this.change('setQuota', address, (mailbox) => {
      mailbox.quotaMb = quotaMb === 0 ? undefined : quotaMb;
    });
  }

  async suspendMailbox(address: string): Promise<void> {
    await this.change('suspendMailbox', address, (mailbox) => {
      mailbox.suspended = true;
    });
  }

  async unsuspendMailbox(address: string): Promise<void> {
    await this.change('unsuspendMailbox', address, (mailbox) => {
      mailbox.suspended = false;
    });
  }

  private call<T>(method: string, subject: string | undefined, act: (call: MemoryCall) => T): Promise<T> {
    return this.server.calls.run(method, subject, (call) => {
      if (this.credentials === 'refused') {
        throw new PortError('invalid-config', 'The mail server refuses our credentials.');
      }
      return act(call);
    });
  }

  private change(method: string, address: string, edit: (mailbox: MemoryMailbox) => void): Promise<void> {
    return this.call(method, address, (call) => {
      const mailbox = this.server.mailboxes.get(address);
      if (mailbox === undefined) throw new PortError('not-found', 'There is no such mailbox.');
      edit(mailbox);
      call.changed = true;
    });
  }

  private requireDomain(domain: string): void {
    if (this.server.domains?.has(domain) === false) {
      throw new PortError('not-found', 'The mail server does not hold this domain.');
    }
  }
}

/** Throws `invalid-input` for what is no address. */
function domainOf(address: string): string {
  const [, domain] = /^[^\s@]+@([^\s@]+)$/.exec(address) ?? [];
  if (domain === undefined) throw new PortError('invalid-input', 'This is no address of a mailbox.');
  return domain;
}

function publicPart({ password: _password, ...shown }: MemoryMailbox): Mailbox {
  return { ...shown };
}

function requireStrong(password: string): void {
  if (password.length < 8) throw new PortError('invalid-input', 'The mail server asks for a stronger password.');
}
