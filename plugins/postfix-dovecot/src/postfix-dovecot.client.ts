import { Socket } from 'node:net';
import { currentCall } from '@keelson/core';
import { Client, type ClientConfig } from 'pg';
import type { PostfixDovecotConfig } from './postfix-dovecot.config.js';
import { databaseError } from './postfix-dovecot.errors.js';

/** A row of a result, unchecked. */
export type Row = Record<string, unknown>;

const connectWithinMs = 10_000;
/** Below the deadline of a call, so that a statement that is stuck ends as known to have done nothing. */
const statementWithinMs = 15_000;

/**
 * Runs statements, each on a connection of its own: a call that is given up takes its connection with it and no other.
 *
 * One statement is one transaction, so that it has happened as a whole or not at all.
 */
export class PostfixDovecotClient {
  private readonly config: ClientConfig;

  constructor({ databaseUrl, caPem }: PostfixDovecotConfig) {
    this.config = {
      connectionString: caPem === undefined ? databaseUrl : withoutSslMode(databaseUrl),
      ...(caPem === undefined ? {} : { ssl: { ca: caPem } }),
      connectionTimeoutMillis: connectWithinMs,
      statement_timeout: statementWithinMs,
      application_name: 'keelson',
    };
  }

  /** Runs a statement that changes nothing. */
  read(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.run(sql, values, false);
  }

  /** Runs a statement that changes something. */
  act(sql: string, values: unknown[]): Promise<Row[]> {
    return this.run(sql, values, true);
  }

  private async run(sql: string, values: unknown[], acts: boolean): Promise<Row[]> {
    const { signal } = currentCall();
    const socket = new Socket();
    const client = new Client({ ...this.config, stream: () => socket });
    // The failure is also thrown where it is waited for.
    client.on('error', () => undefined);
    const giveUp = () => socket.destroy(new Error('given up'));
    let sent = false;
    try {
      signal.throwIfAborted();
      signal.addEventListener('abort', giveUp, { once: true });
      await client.connect();
      sent = true;
      return (await client.query<Row>(sql, values)).rows;
    } catch (thrown) {
      throw databaseError(thrown, { sent, acts });
    } finally {
      signal.removeEventListener('abort', giveUp);
      void client.end().catch(() => undefined);
    }
  }
}

/** The driver lets `sslmode` of the address win over the authority that is configured. */
function withoutSslMode(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.delete('sslmode');
  return url.href;
}
