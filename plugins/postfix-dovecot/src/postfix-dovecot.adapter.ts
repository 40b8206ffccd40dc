import {
  PortError,
  type CapabilityMethods,
  type Mailbox,
  type MailboxPort,
  type mailboxPort,
  type MailboxSpec,
} from '@keelson/core';
import { hashPassword } from './password-hash.js';
import { PostfixDovecotClient } from './postfix-dovecot.client.js';
import type { PostfixDovecotConfig } from './postfix-dovecot.config.js';
import { addressFrom, domainFrom, forwardOf, mailboxOf, quotaFrom, targetsFrom } from './postfix-dovecot.mapper.js';

export const capabilities = ['domains', 'forwards', 'quota', 'suspend'] as const;

type Extras = CapabilityMethods<typeof mailboxPort, (typeof capabilities)[number]>;

const columns = `address, quota_mb, suspended,
  (SELECT bytes FROM mail_usage WHERE mail_usage.address = mail_boxes.address) AS used_bytes`;

/**
 * Virtual domains, mailboxes and aliases in the tables of `schema.sql`, which Postfix and Dovecot read: what is written is in force
 * for the next message and the next log-in.
 *
 * An alias of an address that also has a mailbox takes all its mail, unless the address is one of its own targets.
 */
export class PostfixDovecotAdapter implements MailboxPort, Extras {
  private readonly database: PostfixDovecotClient;
  private readonly defaultQuotaMb?: number;

  constructor(config: PostfixDovecotConfig) {
    this.database = new PostfixDovecotClient(config);
    this.defaultQuotaMb = config.defaultQuotaMb;
  }

  async testConnection(): Promise<void> {
    const [row] = await this.database.read(
      `SELECT bool_and(has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')
         AND has_table_privilege(name, 'UPDATE') AND has_table_privilege(name, 'DELETE')) AS writable
       FROM unnest(ARRAY['mail_domains', 'mail_boxes', 'mail_aliases', 'mail_usage', 'mail_removed_boxes']) AS name`,
    );
    if (row?.writable === true) return;
    throw new PortError('invalid-config', 'The mail server refuses our credentials.', {
      details: {
        vendor: { message: 'the role may not select, insert, update and delete in all the mail_ tables: grant it' },
      },
    });
  }

  async ensureDomain(domain: string): Promise<void> {
    await this.database.act('INSERT INTO mail_domains (name) VALUES ($1) ON CONFLICT DO NOTHING', [domainFrom(domain)]);
  }

  async removeDomain(domain: string): Promise<void> {
    await this.database.act('DELETE FROM mail_domains WHERE name = $1', [domain]);
  }

  async ensureMailbox(spec: MailboxSpec): Promise<Mailbox> {
    const { address, domain } = addressFrom(spec.address);
    const quotaMb = quotaFrom(spec.quotaMb ?? this.defaultQuotaMb ?? 0);
    const [row] = await this.database.act(
      // The update changes nothing; it makes an existing row come back.
      `INSERT INTO mail_boxes (address, domain, password, quota_mb)
       SELECT $1, name, $3, nullif($4::integer, 0) FROM mail_domains WHERE name = $2
       ON CONFLICT (address) DO UPDATE SET address = excluded.address
       RETURNING ${columns}`,
      [address, domain, await hashPassword(spec.password), quotaMb],
    );
    if (row === undefined) throw unknownDomain();
    return mailboxOf(row);
  }

  async findMailbox(address: string): Promise<Mailbox | undefined> {
    const [row] = await this.database.read(`SELECT ${columns} FROM mail_boxes WHERE address = $1`, [address]);
    return row === undefined ? undefined : mailboxOf(row);
  }

  async listMailboxes(domain: string): Promise<Mailbox[]> {
    const rows = await this.database.read(
      `SELECT ${columns} FROM mail_domains LEFT JOIN mail_boxes ON domain = name WHERE name = $1 ORDER BY address`,
      [domain],
    );
    if (rows.length === 0) throw unknownDomain();
    return rows.filter(({ address }) => address !== null).map(mailboxOf);
  }

  async setPassword(address: string, password: string): Promise<void> {
    await this.change(address, 'password = $2', await hashPassword(password));
  }

  async removeMailbox(address: string): Promise<void> {
    await this.database.act('DELETE FROM mail_boxes WHERE address = $1', [address]);
  }

  async putForwards(address: string, targets: string[]): Promise<void> {
    const { domain } = addressFrom(address);
    const known = await this.database.act(
      `WITH known AS (SELECT name FROM mail_domains WHERE name = $2),
         gone AS (DELETE FROM mail_aliases WHERE address = $1 AND target <> ALL ($3::text[])),
         added AS (
           INSERT INTO mail_aliases (address, domain, target) SELECT $1, name, unnest($3::text[]) FROM known
           ON CONFLICT DO NOTHING)
       SELECT name FROM known`,
      [address, domain, targetsFrom(targets)],
    );
    if (known.length === 0) throw unknownDomain();
  }

  async listForwards(domain: string): Promise<{ address: string; targets: string[] }[]> {
    const rows = await this.database.read(
      `SELECT address, array_agg(target ORDER BY target) AS targets
       FROM mail_domains LEFT JOIN mail_aliases ON domain = name WHERE name = $1 GROUP BY address ORDER BY address`,
      [domain],
    );
    if (rows.length === 0) throw unknownDomain();
    return rows.filter(({ address }) => address !== null).map(forwardOf);
  }

  async setQuota(address: string, quotaMb: number): Promise<void> {
    await this.change(address, 'quota_mb = nullif($2::integer, 0)', quotaFrom(quotaMb));
  }

  async suspendMailbox(address: string): Promise<void> {
    await this.change(address, 'suspended = $2', true);
  }

  async unsuspendMailbox(address: string): Promise<void> {
    await this.change(address, 'suspended = $2', false);
  }

  private async change(address: string, assignment: string, value: string | number | boolean): Promise<void> {
    const changed = await this.database.act(
      `UPDATE mail_boxes SET ${assignment} WHERE address = $1 RETURNING address`,
      [address, value],
    );
    if (changed.length === 0) throw new PortError('not-found', 'There is no such mailbox.');
  }
}

function unknownDomain(): PortError {
  return new PortError('not-found', 'The mail server does not hold this domain.');
}
