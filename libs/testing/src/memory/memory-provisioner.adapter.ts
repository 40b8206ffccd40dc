import {
  PortError,
  provisionerPort,
  type Account,
  type AccountKey,
  type AccountSpec,
  type AccountUsage,
  type CapabilityMethods,
  type CapabilityOf,
  type CertificateInstallSpec,
  type Database,
  type DatabaseSpec,
  type Package,
  type Page,
  type ProvisionerPort,
  type SignOnLink,
  type UsernameRules,
} from '@keelson/core';
import { MemoryHostingServer, type MemoryAccount } from './memory-hosting-server.js';
import type { MemoryCall } from './memory-calls.js';

type Capability = CapabilityOf<typeof provisionerPort>;

/** All of them. */
export const memoryProvisionerCapabilities = Object.keys(provisionerPort.capabilities) as Capability[];

const pageSize = 3;

const rules: UsernameRules = {
  minLength: 1,
  maxLength: 16,
  pattern: /^(?!test)[a-z][a-z0-9]{0,15}$/,
  reserved: ['root', 'admin'],
  forbiddenPrefixes: ['test'],
};

/** The reference adapter of the provisioner port: what the contract says, over a server in memory, with every capability. */
export class MemoryProvisionerAdapter
  implements ProvisionerPort, CapabilityMethods<typeof provisionerPort, Capability>
{
  /** @param credentials `refused`: the server accepts no call of this adapter */
  constructor(
    readonly server = new MemoryHostingServer(),
    private readonly credentials: 'accepted' | 'refused' = 'accepted',
  ) {}

  async testConnection(): Promise<void> {
    await this.call('testConnection', undefined, () => undefined);
  }

  async listPackages(): Promise<Package[]> {
    return this.call('listPackages', undefined, () => structuredClone(this.server.packages));
  }

  async usernameRules(): Promise<UsernameRules> {
    return this.call('usernameRules', undefined, () => rules);
  }

  async ensureAccount(spec: AccountSpec): Promise<Account> {
    return this.call('ensureAccount', spec.username, (call) => {
      this.refuseBroken(spec);
      const existing = this.server.accounts.get(spec.username);
      if (existing !== undefined && isOurs(existing, spec)) return publicPart(existing);
      if (existing !== undefined || this.holderOf(spec.domain) !== undefined) throw taken();
      if (this.server.accounts.size >= this.server.capacity) {
        throw new PortError('invalid-config', 'The server holds as many accounts as it may.');
      }
      const account = this.accountFrom(spec);
      this.server.accounts.set(spec.username, account);
      call.changed = true;
      return publicPart(account);
    });
  }

  async findAccount(key: AccountKey): Promise<Account | undefined> {
    const [[field, value] = ['', '']] = Object.entries<string>(key);
    return this.call('findAccount', value, () => {
      const all = [...this.server.accounts.values()];
      const found = all.find((account) => account[field as 'username' | 'domain' | 'externalId'] === value);
      return found === undefined ? undefined : publicPart(found);
    });
  }

  async listAccounts(cursor = '0'): Promise<Page<Account>> {
    return this.call('listAccounts', undefined, () => {
      const start = Number(cursor);
      const all = [...this.server.accounts.values()].map(publicPart);
      const items = all.slice(start, start + pageSize);
      return start + pageSize < all.length ? { items, cursor: String(start + pageSize) } : { items };
    });
  }

  async suspendAccount(username: string, reason: string): Promise<void> {
    await this.change('suspendAccount', username, (account) => {
      Object.assign(account, { state: 'suspended', suspendReason: reason });
    });
  }

  async unsuspendAccount(username: string): Promise<void> {
    await this.change('unsuspendAccount', username, (account) => {
      Object.assign(account, { state: 'active', suspendReason: undefined });
    });
  }

  async removeAccount(username: string): Promise<void> {
    await this.call('removeAccount', username, (call) => {
      call.changed = this.server.accounts.delete(username);
    });
  }

  async changePackage(username: string, packageName: string): Promise<void> {
    await this.change('changePackage', username, (account) => {
      this.requirePackage(packageName);
      account.package = packageName;
    });
  }

  async setAccountPassword(username: string, password: string): Promise<void> {
    await this.change('setAccountPassword', username, (account) => {
      requireStrong(password);
      account.password = password;
    });
  }

  async changeDomain(username: string, domain: string): Promise<void> {
    await this.change('changeDomain', username, (account) => {
      if ((this.holderOf(domain) ?? account) !== account) throw taken();
      account.domain = domain;
    });
  }

  async createSignOnLink(username: string): Promise<SignOnLink> {
    return this.call('createSignOnLink', username, () => {
      this.require(username);
      this.server.links += 1;
      const url = `https://panel.memory.example/login?session=${username}-${this.server.links}`;
      return { url, expiresAt: new Date(Date.now() + 900_000) };
    });
  }

  async getUsage(username: string): Promise<AccountUsage> {
    return this.call('getUsage', username, () => this.usageOf(this.require(username)));
  }

  async listUsage(): Promise<AccountUsage[]> {
    return this.call('listUsage', undefined, () => [...this.server.accounts.values()].map((one) => this.usageOf(one)));
  }

  async grantReseller(username: string): Promise<void> {
    await this.change('grantReseller', username, (account) => {
      account.reseller = true;
    });
  }

  async revokeReseller(username: string): Promise<void> {
    await this.change('revokeReseller', username, (account) => {
      account.reseller = false;
    });
  }

  async ensureDatabase({ username, name, databaseUser, password }: DatabaseSpec): Promise<Database> {
    return this.call('ensureDatabase', username, (call) => {
      requireStrong(password);
      this.require(username).databases.set(name, { databaseUser, password });
      call.changed = true;
      return databaseOf(username, name, databaseUser);
    });
  }

  async findDatabase(username: string, name: string): Promise<Database | undefined> {
    return this.call('findDatabase', username, () => {
      const found = this.server.accounts.get(username)?.databases.get(name);
      return found === undefined ? undefined : databaseOf(username, name, found.databaseUser);
    });
  }

  async removeDatabase(username: string, name: string): Promise<void> {
    await this.call('removeDatabase', username, (call) => {
      call.changed = this.server.accounts.get(username)?.databases.delete(name) ?? false;
    });
  }

  async putCertificate(spec: CertificateInstallSpec): Promise<void> {
    await this.call('putCertificate', spec.username, (call) => {
      const account = this.require(spec.username);
      const readable = spec.certificatePem.includes('BEGIN CERTIFICATE') && spec.privateKeyPem.includes('PRIVATE KEY');
      if (!readable) throw new PortError('invalid-input', 'The server does not accept this certificate.');
      account.certificates.set(spec.domain, spec.certificatePem);
      call.changed = true;
    });
  }

  async setForceHttps(username: string, domain: string, on: boolean): Promise<void> {
    await this.call('setForceHttps', username, (call) => {
      const { forcedHttps } = this.require(username);
      if (on) forcedHttps.add(domain);
      else forcedHttps.delete(domain);
      call.changed = true;
    });
  }

  private call<T>(method: string, subject: string | undefined, act: (call: MemoryCall) => T): Promise<T> {
    return this.server.calls.run(method, subject, (call) => {
      if (this.credentials === 'refused') {
        throw new PortError('invalid-config', 'The server refuses our credentials.');
      }
      return act(call);
    });
  }

  private change(method: string, username: string, edit: (account: MemoryAccount) => void): Promise<void> {
    return this.call(method, username, (call) => {
      edit(this.require(username));
      call.changed = true;
    });
  }

  private require(username: string): MemoryAccount {
    const account = this.server.accounts.get(username);
    if (account === undefined) throw new PortError('not-found', 'There is no such account.');
    return account;
  }

  private holderOf(domain: string): MemoryAccount | undefined {
    return [...this.server.accounts.values()].find((account) => account.domain === domain);
  }

  private requirePackage(name: string): void {
    if (!this.server.packages.some((item) => item.name === name)) {
      throw new PortError('invalid-input', 'There is no such package on the server.');
    }
  }

  private refuseBroken(spec: AccountSpec): void {
    if (!rules.pattern.test(spec.username) || rules.reserved.includes(spec.username) || spec.domain === '') {
      throw new PortError('invalid-input', 'The server does not accept this account.');
    }
    this.requirePackage(spec.package);
    requireStrong(spec.password);
  }

  private accountFrom(spec: AccountSpec): MemoryAccount {
    return {
      remoteId: spec.username,
      username: spec.username,
      domain: spec.domain,
      package: spec.package,
      email: spec.email,
      externalId: spec.externalId,
      state: 'active',
      ip: this.server.ip,
      nameservers: [...this.server.nameservers],
      password: spec.password,
      reseller: (spec.accountType ?? 'standard') !== 'standard',
      databases: new Map(),
      certificates: new Map(),
      forcedHttps: new Set(),
    };
  }

  private usageOf(account: MemoryAccount): AccountUsage {
    const limits = this.server.packages.find((item) => item.name === account.package);
    const limit = { diskLimitMb: limits?.diskMb, bandwidthLimitMb: limits?.bandwidthMb };
    return { username: account.username, diskMb: 12, bandwidthMb: 34, ...limit };
  }
}

function isOurs(account: MemoryAccount, spec: AccountSpec): boolean {
  return account.domain === spec.domain && (account.externalId === spec.externalId || account.email === spec.email);
}

function publicPart(account: MemoryAccount): Account {
  const {
    password: _password,
    reseller: _reseller,
    databases: _d,
    certificates: _c,
    forcedHttps: _f,
    ...shown
  } = account;
  return structuredClone(shown);
}

function databaseOf(username: string, name: string, databaseUser: string): Database {
  return { name: `${username}_${name}`, databaseUser: `${username}_${databaseUser}`, host: 'localhost' };
}

function taken(): PortError {
  return new PortError('already-exists', 'Another account has this name or domain.');
}

function requireStrong(password: string): void {
  if (password.length < 8) throw new PortError('invalid-input', 'The server asks for a stronger password.');
}
