import {
  arrayFrom,
  lookOrCreate,
  objectFrom,
  orNotFound,
  plainUsernameRules,
  PortError,
  requireAccountOf,
  requireAccountSpec,
  textsFrom,
  unlessAbsent,
  type Account,
  type AccountKey,
  type AccountSpec,
  type AccountUsage,
  type CertificateInstallSpec,
  type Database,
  type DatabaseSpec,
  type Package,
  type Page,
  type ProvisionerPort,
  type SignOnLink,
  type UsernameRules,
} from '@keelson/core';
import type { DirectAdminClient } from './directadmin.client.js';
import { accountFrom, rowsFrom, type UserRow } from './directadmin.mapper.js';

/** The default of `max_username_length` on a server. */
const rules = plainUsernameRules({ minLength: 4, maxLength: 10 });

/**
 * Hosting accounts of one reseller or administrator on one server, which keeps no id of ours. What it says to commands about
 * something absent is not documented: accounts are looked for before anything is done to them.
 */
export class DirectAdminAdapter implements ProvisionerPort {
  constructor(private readonly client: DirectAdminClient) {}

  async testConnection(): Promise<void> {
    await this.listPackages();
  }

  async listPackages(): Promise<Package[]> {
    return arrayFrom(await this.client.read('CMD_API_PACKAGES_USER')).map((name) => ({ name: String(name) }));
  }

  async usernameRules(): Promise<UsernameRules> {
    return rules;
  }

  async ensureAccount(spec: AccountSpec): Promise<Account> {
    requireAccountSpec(spec, rules);
    const { username, domain, email, password } = spec;
    const create = async () => {
      await this.requirePackage(spec.package);
      const login = { username, email, passwd: password, passwd2: password, notify: 'no' };
      const hosting = { domain, package: spec.package, ip: this.client.settings.ip };
      await this.client.act('CMD_API_ACCOUNT_USER', { action: 'create', add: 'Submit', ...login, ...hosting });
      return this.get(username);
    };
    return requireAccountOf(await lookOrCreate(() => this.find(username), create), spec);
  }

  async findAccount(key: AccountKey): Promise<Account | undefined> {
    if ('externalId' in key) return undefined;
    if ('username' in key) return this.find(key.username);
    const holder = (await this.rows()).find(({ domains }) => domains.includes(key.domain));
    const account = holder === undefined ? undefined : await this.find(holder.usage.username);
    return account?.domain === key.domain ? account : undefined;
  }

  /** All on one page. */
  async listAccounts(): Promise<Page<Account>> {
    const found = await Promise.all((await this.rows()).map(({ usage }) => this.find(usage.username)));
    return { items: found.filter((account) => account !== undefined) };
  }

  /** The reason is not kept: the server has only its own to choose from. Older ones toggle, so nothing is sent twice. */
  async suspendAccount(username: string): Promise<void> {
    if ((await this.get(username)).state === 'suspended') return;
    await this.client.act('CMD_API_SELECT_USERS', { select0: username, suspend: 'Suspend' });
  }

  async unsuspendAccount(username: string): Promise<void> {
    if ((await this.get(username)).state === 'active') return;
    await this.client.act('CMD_API_SELECT_USERS', { select0: username, suspend: 'Unsuspend' });
  }

  async removeAccount(username: string): Promise<void> {
    if ((await this.find(username)) === undefined) return;
    await this.client.act('CMD_API_SELECT_USERS', { select0: username, confirmed: 'Confirm', delete: 'yes' });
  }

  async changePackage(username: string, packageName: string): Promise<void> {
    const account = await this.get(username);
    await this.requirePackage(packageName);
    if (account.package === packageName) return;
    await this.client.act('CMD_API_MODIFY_USER', { action: 'package', user: username, package: packageName });
  }

  async setAccountPassword(username: string, password: string): Promise<void> {
    await this.get(username);
    await this.client.act('CMD_API_USER_PASSWD', { username, passwd: password, passwd2: password });
  }

  async changeDomain(username: string, domain: string): Promise<void> {
    const { domain: old } = await this.get(username);
    if (old === domain) return;
    await this.client.act('CMD_API_CHANGE_DOMAIN', { old_domain: old, new_domain: domain }, username);
  }

  async createSignOnLink(username: string): Promise<SignOnLink> {
    await this.get(username);
    const answer = await this.client.as(username, 'POST', 'login-keys/urls', { allowNetworks: [] });
    const { url, expires } = textsFrom(answer, ['url', 'expires'], true);
    return { url, expiresAt: new Date(expires) };
  }

  async getUsage(username: string): Promise<AccountUsage> {
    const usage = (await this.listUsage()).find((one) => one.username === username);
    return orNotFound(usage, 'The server knows no such account.');
  }

  async listUsage(): Promise<AccountUsage[]> {
    return (await this.rows()).map(({ usage }) => usage);
  }

  async ensureDatabase({ username, name, databaseUser, password }: DatabaseSpec): Promise<Database> {
    await this.get(username);
    const [database, dbuser] = [`${username}_${name}`, `${username}_${databaseUser}`];
    const present = await this.findDatabase(username, name);
    if (present === undefined) {
      await this.client.as(username, 'POST', 'db-manage/create-db-with-user', { database, dbuser, password });
    } else {
      await this.client.as(username, 'POST', `db-manage/users/${dbuser}/change-password`, { newPassword: password });
    }
    return { name: database, databaseUser: dbuser, host: 'localhost' };
  }

  async findDatabase(username: string, name: string): Promise<Database | undefined> {
    if ((await this.find(username)) === undefined) return undefined;
    const database = `${username}_${name}`;
    const users = await unlessAbsent(this.client.as(username, 'GET', `db-show/databases/${database}/users`));
    const [user] = arrayFrom(users ?? []).map((one) => textsFrom(one, ['dbuser']).dbuser);
    return user === undefined ? undefined : { name: database, databaseUser: user, host: 'localhost' };
  }

  /** With it goes its user, unless that may use other databases too. */
  async removeDatabase(username: string, name: string): Promise<void> {
    if ((await this.find(username)) === undefined) return;
    const route = `db-manage/databases/${username}_${name}?drop-orphan-users=true`;
    await unlessAbsent(this.client.as(username, 'DELETE', route));
  }

  async putCertificate({ username, domain, ...pem }: CertificateInstallSpec): Promise<void> {
    await this.get(username);
    const certificate = [pem.privateKeyPem, pem.certificatePem, pem.chainPem].join('\n');
    await this.client.act('CMD_API_SSL', { action: 'save', type: 'paste', domain, certificate }, username);
  }

  async setForceHttps(username: string, domain: string, on: boolean): Promise<void> {
    await this.get(username);
    const form = { action: 'private_html', val: 'symlink', domain, force_ssl: on ? 'yes' : 'no' };
    await this.client.act('CMD_API_DOMAIN', form, username);
  }

  private async requirePackage(wanted: string): Promise<void> {
    if ((await this.listPackages()).some(({ name }) => name === wanted)) return;
    throw new PortError('invalid-input', 'There is no such package on the server.');
  }

  private async rows(): Promise<UserRow[]> {
    return rowsFrom(await this.client.read('CMD_USER_SHOW', { ipp: 100_000 }));
  }

  private async find(user: string): Promise<Account | undefined> {
    const { exists } = objectFrom(await this.client.read('CMD_API_USER_EXISTS', { user }));
    if (Number(exists) === 0) return undefined;
    return accountFrom(await this.client.read('CMD_API_SHOW_USER_CONFIG', { user }), this.client.settings.url);
  }

  private async get(username: string): Promise<Account> {
    return orNotFound(await this.find(username), 'The server knows no such account.');
  }
}
