import {
  isPortError,
  orNotFound,
  PortError,
  requireAccountSpec,
  unlessAbsent,
  type Account,
  type AccountKey,
  type AccountSpec,
  type AccountUsage,
  type AdapterContext,
  type CapabilityMethods,
  type Clock,
  type Package,
  type Page,
  type PortErrorCode,
  type ProvisionerPort,
  type provisionerPort,
  type UsernameRules,
} from '@keelson/core';
import { AccountRecords } from './account-records.js';
import { NextPanelClient, type PanelAccount } from './nextpanel.client.js';
import type { NextPanelConfig } from './nextpanel.config.js';
import {
  accountFrom,
  creationOf,
  isOurs,
  packageIdOf,
  packageIdsOf,
  usageOf,
  type PackageIds,
} from './nextpanel.mapper.js';

export const capabilities = ['usage'] as const;

type Extras = CapabilityMethods<typeof provisionerPort, (typeof capabilities)[number]>;

/** The panel documents no rules. These names every Linux system takes (useradd(8)). */
const rules: UsernameRules = {
  minLength: 1,
  maxLength: 32,
  pattern: /^[a-z][a-z0-9_-]{0,31}$/,
  reserved: ['root', 'admin', 'administrator', 'nobody', 'daemon', 'www-data', 'mail', 'postgres', 'mysql'],
  forbiddenPrefixes: [],
};

/** What a panel may answer when an account is in the wanted state already. */
const refusals: readonly PortErrorCode[] = ['already-exists', 'invalid-input', 'wrong-state', 'internal'];

/**
 * Hosting and reseller accounts on one NextPanel server.
 *
 * The panel finds nothing by name: every lookup reads its list of accounts. What it does not keep (domain, package, our id) is kept
 * with the connection when an account is made; an account made elsewhere has the domain '' until `ensureAccount` adopts it.
 */
export class NextPanelAdapter implements ProvisionerPort, Extras {
  private readonly panel: NextPanelClient;
  private readonly records: AccountRecords;
  private readonly clock: Clock;
  private readonly packageIds: PackageIds;
  private readonly ip?: string;

  constructor(config: NextPanelConfig, { state, clock }: Pick<AdapterContext, 'state' | 'clock'>) {
    this.panel = new NextPanelClient(config);
    this.records = new AccountRecords(state);
    this.clock = clock;
    this.packageIds = packageIdsOf(config.packages);
    this.ip = config.ip;
  }

  async testConnection(): Promise<void> {
    await this.panel.probe();
  }

  /** Those of the connection's settings: the panel lists none. */
  async listPackages(): Promise<Package[]> {
    return [...this.packageIds.keys()].map((name) => ({ name }));
  }

  async usernameRules(): Promise<UsernameRules> {
    return rules;
  }

  async ensureAccount(spec: AccountSpec): Promise<Account> {
    requireAccountSpec(spec, rules, ['standard', 'reseller', 'master-reseller']);
    const packageId = this.requirePackage(spec.package);
    const present = await this.panel.listAccounts();
    const existing = present.find(({ username }) => username === spec.username);
    if (existing !== undefined) return this.adopt(spec, existing);
    await this.refuseForeignDomain(spec, present);
    // Before the creation, whose answer may be lost.
    await this.records.put(spec);
    try {
      return await this.accountOf(await this.panel.createAccount(creationOf(spec, packageId, this.clock.now())));
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.code !== 'already-exists') throw thrown;
      return this.adoptAfter(thrown, spec);
    }
  }

  async findAccount(key: AccountKey): Promise<Account | undefined> {
    const username = 'username' in key ? key.username : await this.records.usernameOf(key);
    const present = await this.panel.listAccounts();
    const item =
      present.find((account) => account.username === username) ??
      ('externalId' in key ? present.find((account) => account.billing_id === key.externalId) : undefined);
    if (item === undefined) return undefined;
    const account = await this.accountOf(item);
    const [[field, value] = ['', '']] = Object.entries<string>(key);
    return account[field as 'username' | 'domain' | 'externalId'] === value ? account : undefined;
  }

  /** All on one page. */
  async listAccounts(): Promise<Page<Account>> {
    const present = await this.panel.listAccounts();
    return { items: await Promise.all(present.map((item) => this.accountOf(item))) };
  }

  async suspendAccount(username: string, reason: string): Promise<void> {
    const { id } = await this.require(username);
    await this.changeState(id, 'suspended', () => this.panel.suspendAccount(id, reason));
  }

  async unsuspendAccount(username: string): Promise<void> {
    const { id } = await this.require(username);
    await this.changeState(id, 'active', () => this.panel.unsuspendAccount(id));
  }

  async removeAccount(username: string): Promise<void> {
    const item = await this.find(username);
    if (item === undefined) return;
    await unlessAbsent(this.panel.deleteAccount(item.id));
  }

  async getUsage(username: string): Promise<AccountUsage> {
    const { id } = await this.require(username);
    return usageOf(await this.panel.getStats(id), username);
  }

  /** The account of the wanted name when it is ours. */
  private async adopt(spec: AccountSpec, item: PanelAccount): Promise<Account> {
    if (!isOurs(await this.accountOf(item), spec)) {
      throw new PortError('already-exists', 'The server has another account of this name.');
    }
    await this.records.putIfAbsent(spec);
    return this.accountOf(item);
  }

  /** Somebody was faster, or the e-mail address, which is unique on the panel, belongs to an account of another name. */
  private async adoptAfter(refusal: PortError, spec: AccountSpec): Promise<Account> {
    const item = await this.find(spec.username);
    const account = item === undefined ? undefined : accountFrom(item, { packageIds: this.packageIds });
    if (item !== undefined && account !== undefined && isOurs(account, spec)) return this.adopt(spec, item);
    await this.records.forget(spec);
    throw refusal;
  }

  private async refuseForeignDomain({ domain }: AccountSpec, present: PanelAccount[]): Promise<void> {
    const holder = await this.records.usernameOf({ domain });
    if (holder === undefined || !present.some(({ username }) => username === holder)) return;
    if ((await this.records.find(holder))?.domain !== domain) return;
    throw new PortError('already-exists', 'The server has another account of this domain.');
  }

  private async find(name: string): Promise<PanelAccount | undefined> {
    return (await this.panel.listAccounts()).find(({ username }) => username === name);
  }

  private async require(username: string): Promise<PanelAccount> {
    return orNotFound(await this.find(username), 'The server knows no such account.');
  }

  /** What the panel says to a repeated suspension is not documented: the state decides. */
  private async changeState(id: PanelAccount['id'], state: Account['state'], act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      if (!isPortError(thrown) || !refusals.includes(thrown.code)) throw thrown;
      if (accountFrom(await this.panel.getAccount(id), { packageIds: this.packageIds }).state !== state) throw thrown;
    }
  }

  private requirePackage(name: string): string | number | null {
    const id = packageIdOf(name, this.packageIds);
    if (id !== undefined) return id;
    const message = 'no such package: name it in the setting "packages" of the connection, or give its id on the panel';
    throw new PortError('invalid-input', 'There is no such package on the server.', {
      details: { vendor: { message } },
    });
  }

  private async accountOf(item: PanelAccount): Promise<Account> {
    const record = await this.records.find(item.username);
    return accountFrom(item, { record, packageIds: this.packageIds, ip: this.ip });
  }
}
