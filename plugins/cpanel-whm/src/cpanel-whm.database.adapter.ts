import type { Database, DatabaseSpec, ProvisionerExtras } from '@keelson/core';
import { PortError, unlessAbsent } from '@keelson/core';
import type { CpanelWhmClient, WhmArguments, WhmFields } from './cpanel-whm.client.js';
import { malformedReply } from './cpanel-whm.errors.js';
import { listOf, textOf } from './cpanel-whm.mapper.js';

/** MySQL databases of an account, through UAPI. Names carry the prefix that the server prescribes, usually `account_`. */
export class CpanelWhmDatabaseAdapter implements DatabaseMethods {
  constructor(private readonly whm: CpanelWhmClient) {}

  async ensureDatabase(spec: DatabaseSpec): Promise<Database> {
    const { username, password } = spec;
    const { prefix, databases, users } = await this.inventory(username);
    const name = prefix + spec.name;
    const user = prefix + spec.databaseUser;
    if (!databases.has(name)) await this.act(username, 'create_database', { name });
    if (users.has(user)) await this.act(username, 'set_password', { user, password });
    else await this.act(username, 'create_user', { name: user, password });
    await this.act(username, 'set_privileges_on_database', { user, database: name, privileges: 'ALL PRIVILEGES' });
    return { name, databaseUser: user, host: 'localhost' };
  }

  /** A database that no user may use yet is half made and counts as absent: `ensureDatabase` completes it. */
  async findDatabase(username: string, name: string): Promise<Database | undefined> {
    const { prefix, databases } = await this.inventoryIfAny(username);
    const users = databases.get(prefix + name)?.users;
    const databaseUser = Array.isArray(users) ? textOf(users[0]) : undefined;
    return databaseUser === undefined ? undefined : { name: prefix + name, databaseUser, host: 'localhost' };
  }

  async removeDatabase(username: string, name: string, databaseUser: string): Promise<void> {
    const { prefix, databases, users } = await this.inventoryIfAny(username);
    if (databases.has(prefix + name)) await this.act(username, 'delete_database', { name: prefix + name });
    if (users.has(prefix + databaseUser)) await this.act(username, 'delete_user', { name: prefix + databaseUser });
  }

  /** An account that is not there holds nothing. */
  private async inventoryIfAny(username: string): Promise<Inventory> {
    const none = { prefix: '', databases: new Map(), users: new Set<string>() };
    return (await unlessAbsent(this.inventory(username))) ?? none;
  }

  private async inventory(username: string): Promise<Inventory> {
    if (username === '') throw new PortError('invalid-input', 'This is no name of an account.');
    const [restrictions, databases, users] = await Promise.all([
      this.read(username, 'get_restrictions'),
      this.read(username, 'list_databases'),
      this.read(username, 'list_users'),
    ]);
    // `null` means that the server prescribes no prefix.
    const prefix = (restrictions as WhmFields | null)?.prefix;
    if (typeof prefix !== 'string' && prefix !== null) throw malformedReply('the prefix of databases');
    return {
      prefix: prefix ?? '',
      databases: new Map(listOf(databases, 'list of databases').map((item) => [String(item.database), item])),
      users: new Set(listOf(users, 'list of database users').map((item) => String(item.user))),
    };
  }

  private read(user: string, name: string): Promise<unknown> {
    return this.whm.readUapi({ user, module: 'Mysql', function: name });
  }

  private act(user: string, name: string, args: WhmArguments): Promise<unknown> {
    return this.whm.actUapi({ user, module: 'Mysql', function: name, arguments: args });
  }
}

type DatabaseMethods = ProvisionerExtras['database'];

interface Inventory {
  prefix: string;
  /** By full name. */
  databases: Map<string, WhmFields>;
  users: Set<string>;
}
