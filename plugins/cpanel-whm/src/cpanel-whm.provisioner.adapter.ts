import {
  isAccountOf,
  isPortError,
  orNotFound,
  PortError,
  requireAccountSpec,
  unlessAbsent,
  type Account,
  type AccountKey,
  type AccountSpec,
  type AccountUsage,
  type CapabilityMethods,
  type CertificateInstallSpec,
  type Database,
  type DatabaseSpec,
  type Package,
  type Page,
  type ProvisionerPort,
  type SignOnLink,
  type UsernameRules,
  type provisionerPort,
} from '@keelson/core';
import { CpanelWhmClient, type WhmArguments, type WhmFields } from './cpanel-whm.client.js';
import { CpanelWhmDatabaseAdapter } from './cpanel-whm.database.adapter.js';
import type { CpanelWhmConfig } from './cpanel-whm.config.js';
import { malformedReply } from './cpanel-whm.errors.js';
import {
  accountOf,
  addressOf,
  listOf,
  nameserversOf,
  panelUrlOf,
  packageOf,
  soleNumber,
  textOf,
  usageOf,
} from './cpanel-whm.mapper.js';

export const provisionerCapabilities = [
  'change-package',
  'change-password',
  'change-domain',
  'single-sign-on',
  'usage',
  'bulk-usage',
  'reseller',
  'database',
  'certificate-install',
] as const;

type Extras = CapabilityMethods<typeof provisionerPort, (typeof provisionerCapabilities)[number]>;

const pageSize = 200;
const noAccount = 'The server does not know this account.';

/**
 * Names of new accounts.
 * @see https://docs.cpanel.net/whm/account-functions/create-a-new-account/ (username rules)
 */
const rules: UsernameRules = {
  minLength: 1,
  maxLength: 16,
  pattern: /^(?!test)(?!.*assword$)[a-z][a-z0-9]{0,15}$/,
  reserved: (
    'root admin adm bin daemon ftp mail mysql named nobody postmaster abuse security sshd system apache webmaster info ' +
    'support sales marketing news virtfs cpanel'
  ).split(' '),
  forbiddenPrefixes: ['test'],
  uniquePrefixLength: 8,
};

/**
 * Hosting accounts on one WHM server.
 *
 * WHM has no place for an id of ours, so accounts are known by their user name, main domain and contact address, and
 * `findAccount({ externalId })` finds none.
 */
export class CpanelWhmProvisionerAdapter implements ProvisionerPort, Extras {
  private readonly whm: CpanelWhmClient;
  private readonly databases: CpanelWhmDatabaseAdapter;
  private readonly owner: string;
  private readonly defaultIp?: string;
  private readonly panelUrl: string;

  constructor(config: CpanelWhmConfig) {
    this.whm = new CpanelWhmClient(config);
    this.databases = new CpanelWhmDatabaseAdapter(this.whm);
    this.owner = config.username;
    this.defaultIp = config.defaultIp;
    this.panelUrl = panelUrlOf(config.url);
  }

  async testConnection(): Promise<void> {
    await this.whm.read('listpkgs', { want: 'creatable' });
  }

  async listPackages(): Promise<Package[]> {
    const { pkg } = await this.whm.read('listpkgs', { want: 'creatable' });
    return listOf(pkg, 'data.pkg').flatMap((item) => packageOf(item) ?? []);
  }

  async usernameRules(): Promise<UsernameRules> {
    return rules;
  }

  async ensureAccount(spec: AccountSpec): Promise<Account> {
    // WHM makes up what is missing (a temporary domain, a password) and changes what it dislikes: nothing of that is wanted.
    requireAccountSpec(spec, rules, ['standard', 'reseller']);
    const plan = await this.resolvePackage(spec.package);
    try {
      const data = await this.whm.act('createacct', {
        username: spec.username,
        domain: spec.domain,
        plan,
        password: spec.password,
        contactemail: spec.email,
        reseller: spec.accountType === 'reseller' ? 1 : 0,
        showpass: 'n',
      });
      return {
        remoteId: spec.username,
        username: spec.username,
        domain: spec.domain,
        package: textOf(data.package) ?? plan,
        email: spec.email,
        state: 'active',
        ip: addressOf(data.ip, this.defaultIp),
        nameservers: nameserversOf(data),
        panelUrl: this.panelUrl,
      };
    } catch (thrown) {
      return this.adopt(spec, thrown);
    }
  }

  async findAccount(key: AccountKey): Promise<Account | undefined> {
    if ('externalId' in key) return undefined;
    if ('domain' in key) {
      const account = await this.summaryOf({ domain: key.domain });
      // WHM also answers with the owner of an addon domain, which is another account's main domain.
      return account?.domain === key.domain ? this.withNameservers(account) : undefined;
    }
    const account = await this.summaryOf({ user: key.username });
    if (account === undefined) return undefined;
    if (account.username !== key.username) throw malformedReply('the account that was asked for');
    return this.withNameservers(account);
  }

  async listAccounts(cursor?: string): Promise<Page<Account>> {
    const start = Number(cursor ?? 1);
    if (!Number.isSafeInteger(start) || start < 1)
      throw new PortError('invalid-input', 'The cursor is not one of ours.');
    const data = await this.whm.read('listaccts', {
      'api.sort.enable': 1,
      'api.sort.a.field': 'user',
      'api.chunk.enable': 1,
      'api.chunk.size': pageSize,
      'api.chunk.start': start,
    });
    const items = listOf(data.acct, 'data.acct').map((item) => this.accountIn(item));
    return items.length === pageSize ? { items, cursor: String(start + pageSize) } : { items };
  }

  async suspendAccount(username: string, reason: string): Promise<void> {
    await this.changeState('suspended', () => this.whm.act('suspendacct', { user: named(username), reason }), username);
  }

  async unsuspendAccount(username: string): Promise<void> {
    await this.changeState('active', () => this.whm.act('unsuspendacct', { user: named(username) }), username);
  }

  async removeAccount(username: string): Promise<void> {
    // `user` is what servers before the rename of the argument read.
    const args = { username: named(username), user: username, keepdns: 0 };
    await unlessAbsent(this.whm.act('removeacct', args));
  }

  async changePackage(username: string, packageName: string): Promise<void> {
    const pkg = await this.resolvePackage(packageName);
    await this.whm.act('changepackage', { user: named(username), pkg });
  }

  async setAccountPassword(username: string, password: string): Promise<void> {
    await this.whm.act('passwd', { user: named(username), password });
  }

  async changeDomain(username: string, domain: string): Promise<void> {
    const account = orNotFound(await this.summaryOf({ user: named(username) }), noAccount);
    if (account.domain !== domain) await this.whm.act('modifyacct', { user: username, DNS: domain });
  }

  async createSignOnLink(username: string): Promise<SignOnLink> {
    const data = await this.whm.act('create_user_session', { user: named(username), service: 'cpaneld' });
    const url = textOf(data.url);
    if (url === undefined || !/^https?:$/.test(protocolOf(url))) throw malformedReply('data.url');
    const expires = Number(data.expires);
    return expires > 0 ? { url, expiresAt: new Date(expires * 1000) } : { url };
  }

  async getUsage(username: string): Promise<AccountUsage> {
    const [summary, bandwidth] = await Promise.all([
      this.whm.read('accountsummary', { user: named(username) }),
      this.bandwidth({ search: `^${username}$`, searchtype: 'user' }),
    ]);
    const [account] = listOf(summary.acct, 'data.acct');
    return usageOf(orNotFound(account, noAccount), bandwidth.get(username));
  }

  async listUsage(): Promise<AccountUsage[]> {
    const [accounts, bandwidth] = await Promise.all([
      this.whm.read('listaccts', { want: 'user,diskused,disklimit' }),
      this.bandwidth({}),
    ]);
    return listOf(accounts.acct, 'data.acct').map((item) => usageOf(item, bandwidth.get(String(item.user))));
  }

  async grantReseller(username: string): Promise<void> {
    const [account, resellers] = await Promise.all([this.summaryOf({ user: named(username) }), this.resellers()]);
    orNotFound(account, noAccount);
    if (!resellers.includes(username)) await this.whm.act('setupreseller', { user: username, makeowner: 0 });
  }

  async revokeReseller(username: string): Promise<void> {
    if ((await this.resellers()).includes(username)) await this.whm.act('unsetupreseller', { user: username });
  }

  ensureDatabase(spec: DatabaseSpec): Promise<Database> {
    return this.databases.ensureDatabase(spec);
  }

  findDatabase(username: string, name: string): Promise<Database | undefined> {
    return this.databases.findDatabase(username, name);
  }

  removeDatabase(username: string, name: string, databaseUser: string): Promise<void> {
    return this.databases.removeDatabase(username, name, databaseUser);
  }

  async putCertificate(spec: CertificateInstallSpec): Promise<void> {
    const { username, domain, certificatePem, privateKeyPem, chainPem } = spec;
    await this.whm.actUapi({
      user: named(username),
      module: 'SSL',
      function: 'install_ssl',
      arguments: { domain, cert: certificatePem, key: privateKeyPem, cabundle: chainPem },
    });
  }

  async setForceHttps(username: string, domain: string, on: boolean): Promise<void> {
    await this.whm.actUapi({
      user: named(username),
      module: 'SSL',
      function: 'toggle_ssl_redirect_for_domains',
      arguments: { domains: domain, state: on ? 1 : 0 },
    });
  }

  /** Global packages have their plain name, those of a reseller the owner's name before it. */
  private async resolvePackage(name: string): Promise<string> {
    const names = new Set((await this.listPackages()).map((item) => item.name));
    const found = [name, `${this.owner}_${name}`].find((candidate) => names.has(candidate));
    if (found === undefined) {
      const details = { vendor: { message: `no package “${name}” or “${this.owner}_${name}”: create it in WHM` } };
      throw new PortError('invalid-input', 'There is no such package on the server.', { details });
    }
    return found;
  }

  /** After a refused creation: the account of that name when it is ours, else the refusal. */
  private async adopt(spec: AccountSpec, refusal: unknown): Promise<Account> {
    if (!isPortError(refusal)) throw refusal;
    if (refusal.code === 'internal' && (await this.isFull())) {
      throw new PortError('invalid-config', 'The server holds as many accounts as its licence allows.', {
        details: refusal.details,
      });
    }
    if (refusal.code !== 'already-exists') throw refusal;
    const account = await this.findAccount({ username: spec.username });
    if (account === undefined || !isAccountOf(account, spec)) throw refusal;
    return account;
  }

  /**
   * WHM's words for a full server are not documented, its counters are: the licence's (0 = unlimited) and the reseller's.
   * A counter that cannot be read says nothing.
   */
  private async isFull(): Promise<boolean> {
    const counter = (name: string) => this.whm.read(name).catch((): WhmFields => ({}));
    const [maximum, current, counts] = await Promise.all([
      counter('get_maximum_users'),
      counter('get_current_users_count'),
      counter('acctcounts'),
    ]);
    const licensed = soleNumber(maximum) ?? 0;
    const { active, suspended, limit } = (counts.reseller ?? {}) as WhmFields;
    const held = Number(active ?? 0) + Number(suspended ?? 0);
    return (
      (licensed > 0 && (soleNumber(current) ?? 0) >= licensed) || (Number(limit ?? 0) > 0 && held >= Number(limit))
    );
  }

  private accountIn(item: WhmFields): Account {
    return { ...accountOf(item, this.defaultIp), panelUrl: this.panelUrl };
  }

  private async summaryOf(by: WhmArguments): Promise<Account | undefined> {
    const data = await unlessAbsent(this.whm.read('accountsummary', by));
    const [item] = data === undefined ? [] : listOf(data.acct, 'data.acct');
    return item === undefined ? undefined : this.accountIn(item);
  }

  /**
   * `accountsummary` does not name the server's name servers, which domains of accounts are delegated to. A token may lack the
   * right to ask for them: the account is there all the same.
   */
  private async withNameservers(account: Account): Promise<Account> {
    const config = await this.whm.read('get_nameserver_config').catch((thrown: unknown): WhmFields => {
      if (isPortError(thrown) && ['invalid-config', 'internal'].includes(thrown.code)) return {};
      throw thrown;
    });
    const names = Array.isArray(config.nameservers)
      ? config.nameservers.filter((name) => typeof name === 'string')
      : [];
    return names.length === 0 ? account : { ...account, nameservers: names };
  }

  /** What WHM says to a repeated suspension is not documented: the state decides. */
  private async changeState(state: Account['state'], act: () => Promise<unknown>, username: string): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.code !== 'internal') throw thrown;
      if ((await this.summaryOf({ user: username }))?.state !== state) throw thrown;
    }
  }

  private async resellers(): Promise<unknown[]> {
    const { reseller } = await this.whm.read('listresellers');
    if (!Array.isArray(reseller)) throw malformedReply('data.reseller');
    return reseller as unknown[];
  }

  /** Traffic of this month by account. */
  private async bandwidth(search: WhmArguments): Promise<Map<string, WhmFields>> {
    const { acct } = await this.whm.read('showbw', search);
    return new Map(listOf(acct, 'data.acct').map((item) => [String(item.user), item]));
  }
}

/** Accounts made by hand or moved from elsewhere have freer names than new ones, but never none. */
function named(username: string): string {
  if (!/^[\w.-]{1,64}$/.test(username)) throw new PortError('invalid-input', 'This is no name of an account.');
  return username;
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
