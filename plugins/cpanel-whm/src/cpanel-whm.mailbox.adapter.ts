import {
  isPortError,
  orNotFound,
  PortError,
  unlessAbsent,
  type CapabilityMethods,
  type Mailbox,
  type MailboxPort,
  type MailboxSpec,
  type mailboxPort,
} from '@keelson/core';
import { CpanelWhmClient, type WhmArguments } from './cpanel-whm.client.js';
import type { CpanelWhmConfig } from './cpanel-whm.config.js';
import { listOf, mailboxOf, textOf } from './cpanel-whm.mapper.js';

export const mailboxCapabilities = ['forwards', 'quota', 'suspend'] as const;

type Extras = CapabilityMethods<typeof mailboxPort, (typeof mailboxCapabilities)[number]>;

interface Place {
  /** Account that holds the domain. */
  user: string;
  domain: string;
}

interface Address extends Place {
  /** What stands before the `@`. */
  email: string;
}

/** Mailboxes of the accounts on one WHM server, through UAPI as the account that holds the domain. */
export class CpanelWhmMailboxAdapter implements MailboxPort, Extras {
  private readonly whm: CpanelWhmClient;

  constructor(config: CpanelWhmConfig) {
    this.whm = new CpanelWhmClient(config);
  }

  async testConnection(): Promise<void> {
    await this.whm.read('version');
  }

  async ensureMailbox(spec: MailboxSpec): Promise<Mailbox> {
    const { email, domain } = split(spec.address);
    const user = spec.account ?? (await this.requireOwner(domain));
    const { password, quotaMb } = spec;
    try {
      const args = { email, domain, password, quota: quotaMb, send_welcome_email: 0 };
      await this.act(user, 'add_pop', args);
      return { address: spec.address, quotaMb: quotaMb || undefined, suspended: false };
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.code !== 'already-exists') throw thrown;
      const existing = await this.lookUp({ user, domain }, spec.address);
      if (existing === undefined) throw thrown;
      return existing;
    }
  }

  async findMailbox(address: string): Promise<Mailbox | undefined> {
    const { domain } = split(address);
    const user = await this.findOwner(domain);
    return user === undefined ? undefined : this.lookUp({ user, domain }, address);
  }

  async listMailboxes(domain: string): Promise<Mailbox[]> {
    return this.mailboxes({ user: await this.requireOwner(domain), domain });
  }

  async setPassword(address: string, password: string): Promise<void> {
    const { user, email, domain } = await this.requireMailbox(address);
    await this.act(user, 'passwd_pop', { email, domain, password });
  }

  async removeMailbox(address: string): Promise<void> {
    const { email, domain } = split(address);
    const user = await this.findOwner(domain);
    if (user === undefined || (await this.lookUp({ user, domain }, address)) === undefined) return;
    await this.act(user, 'delete_pop', { email, domain });
  }

  async putForwards(address: string, targets: string[]): Promise<void> {
    const { email, domain } = split(address);
    const user = await this.requireOwner(domain);
    const present = (await this.forwards({ user, domain })).get(address) ?? new Set<string>();
    for (const target of new Set(targets)) {
      if (present.delete(target)) continue;
      await this.act(user, 'add_forwarder', { domain, email, fwdopt: 'fwd', fwdemail: target });
    }
    for (const forwarder of present) await this.act(user, 'delete_forwarder', { address, forwarder });
  }

  async listForwards(domain: string): Promise<{ address: string; targets: string[] }[]> {
    const forwards = await this.forwards({ user: await this.requireOwner(domain), domain });
    return [...forwards].map(([address, targets]) => ({ address, targets: [...targets] }));
  }

  async setQuota(address: string, quotaMb: number): Promise<void> {
    const { user, email, domain } = await this.requireMailbox(address);
    await this.act(user, 'edit_pop_quota', { email, domain, quota: quotaMb });
  }

  async suspendMailbox(address: string): Promise<void> {
    const { user } = await this.requireMailbox(address);
    await this.act(user, 'suspend_login', { email: address });
  }

  async unsuspendMailbox(address: string): Promise<void> {
    const { user } = await this.requireMailbox(address);
    await this.act(user, 'unsuspend_login', { email: address });
  }

  /** The account that holds the domain, as main, addon or parked domain. */
  private async findOwner(domain: string): Promise<string | undefined> {
    const data = await unlessAbsent(this.whm.read('accountsummary', { domain }));
    return data === undefined ? undefined : textOf(listOf(data.acct, 'data.acct')[0]?.user);
  }

  private async requireOwner(domain: string): Promise<string> {
    return orNotFound(await this.findOwner(domain), 'No account on the server holds this domain.');
  }

  private async requireMailbox(address: string): Promise<Address> {
    const { email, domain } = split(address);
    const user = await this.requireOwner(domain);
    if ((await this.lookUp({ user, domain }, address)) === undefined) {
      throw new PortError('not-found', 'There is no such mailbox.');
    }
    return { user, domain, email };
  }

  private async lookUp(place: Place, address: string): Promise<Mailbox | undefined> {
    return (await this.mailboxes(place)).find((mailbox) => mailbox.address === address);
  }

  private async mailboxes({ user, domain }: Place): Promise<Mailbox[]> {
    const data = await this.read(user, 'list_pops_with_disk', { domain });
    const mailboxes = listOf(data, 'list of mailboxes').flatMap((item) => mailboxOf(item) ?? []);
    return mailboxes.filter((mailbox) => mailbox.address.endsWith(`@${domain}`));
  }

  /** Targets by address. What is no address (`:fail:`, a pipe, a file) is somebody's own rule and left alone. */
  private async forwards({ user, domain }: Place): Promise<Map<string, Set<string>>> {
    const found = new Map<string, Set<string>>();
    for (const item of listOf(await this.read(user, 'list_forwarders', { domain }), 'list of forwarders')) {
      const address = textOf(item.dest);
      const target = textOf(item.forward);
      if (address === undefined || target === undefined || !isAddress(target)) continue;
      found.set(address, (found.get(address) ?? new Set()).add(target));
    }
    return found;
  }

  private read(user: string, name: string, args: WhmArguments): Promise<unknown> {
    return this.whm.readUapi({ user, module: 'Email', function: name, arguments: args });
  }

  private act(user: string, name: string, args: WhmArguments): Promise<unknown> {
    return this.whm.actUapi({ user, module: 'Email', function: name, arguments: args });
  }
}

function isAddress(text: string): boolean {
  return /^[^\s@|:/"]+@[^\s@]+$/.test(text);
}

function split(address: string): { email: string; domain: string } {
  if (!isAddress(address)) throw new PortError('invalid-input', 'This is no address of a mailbox.');
  const at = address.lastIndexOf('@');
  return { email: address.slice(0, at), domain: address.slice(at + 1) };
}
