import type { AccountSpec, AdapterState } from '@keelson/core';

/** What an account was made with and the panel does not keep. */
export interface AccountRecord {
  domain: string;
  package: string;
  externalId: string;
}

/**
 * What the panel does not know about its accounts, kept with the connection: it has no main domain, and its answers are only
 * documented to hold an account's id, name and address.
 *
 * A record never proves that an account exists, only the panel does. Records of removed accounts stay and mean nothing.
 */
export class AccountRecords {
  constructor(private readonly state: AdapterState) {}

  /** The record of an account, or undefined. */
  async find(username: string): Promise<AccountRecord | undefined> {
    const text = await this.state.get(`account:${username}`);
    return text === undefined || text === '' ? undefined : (JSON.parse(text) as AccountRecord);
  }

  /** Name of the account that was made for the domain or for the service of ours, or undefined. */
  async usernameOf(key: { domain: string } | { externalId: string }): Promise<string | undefined> {
    return this.state.get('domain' in key ? `domain:${key.domain}` : `service:${key.externalId}`);
  }

  /** Keeps what a new account is made with, in place of the record of an earlier account of the name. */
  async put({ username, domain, package: name, externalId }: AccountSpec): Promise<void> {
    const record: AccountRecord = { domain, package: name, externalId };
    await this.state.put(`account:${username}`, JSON.stringify(record));
    await this.state.put(`domain:${domain}`, username);
    await this.state.put(`service:${externalId}`, username);
  }

  /** Keeps the record of an account that is there already, unless it has one. */
  async putIfAbsent(spec: AccountSpec): Promise<void> {
    if ((await this.find(spec.username)) === undefined) await this.put(spec);
  }

  /** Takes the record back: the account of this name is another's. */
  async forget({ username }: AccountSpec): Promise<void> {
    await this.state.put(`account:${username}`, '');
  }
}
