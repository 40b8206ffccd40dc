import { Keyring } from '@keelson/core';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** Where a key counts: a caller and a route. */
export interface KeyPlace {
  scope: string;
  key: string;
}

export type KeyClaim =
  | { kind: 'claimed' }
  | { kind: 'under-way' }
  | { kind: 'other-request' }
  | { kind: 'answered'; status: number; body: unknown };

interface KeyRow {
  request_hash: string;
  status: number | null;
  response: { sealed: string } | null;
}

const cleanEveryMs = 3_600_000;

/** Remembers which requests were answered, and how. Answers are encrypted: some show a secret once. */
@Injectable()
export class IdempotencyKeys implements OnModuleInit, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.clean().catch(() => undefined), cleanEveryMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Takes the key for a request. Of several at once, one is `claimed`. A claim whose process died counts for two minutes.
   * @param hash over the request; another one under the same key is `other-request`
   */
  async claim({ scope, key }: KeyPlace, hash: string): Promise<KeyClaim> {
    const taken = await this.dataSource.query<unknown[]>(
      `INSERT INTO idempotency_keys AS known (scope, key, request_hash) VALUES ($1, $2, $3)
       ON CONFLICT (scope, key) DO UPDATE SET created_at = now()
         WHERE known.status IS NULL AND known.request_hash = $3 AND known.created_at < now() - interval '2 minutes'
       RETURNING key`,
      [scope, key, hash],
    );
    if (taken.length > 0) return { kind: 'claimed' };
    const [row] = await this.dataSource.query<KeyRow[]>(
      'SELECT request_hash, status, response FROM idempotency_keys WHERE scope = $1 AND key = $2',
      [scope, key],
    );
    if (row === undefined || (row.status === null && row.request_hash === hash)) return { kind: 'under-way' };
    if (row.request_hash !== hash) return { kind: 'other-request' };
    const text = this.keyring.decrypt(row.response?.sealed ?? '', placeOf({ scope, key }));
    return { kind: 'answered', status: row.status ?? 200, body: JSON.parse(text) as unknown };
  }

  /** Keeps the answer of a claimed key. */
  async answer(place: KeyPlace, status: number, body: unknown): Promise<void> {
    const sealed = this.keyring.encrypt(JSON.stringify(body ?? null), placeOf(place));
    await this.dataSource.query(
      'UPDATE idempotency_keys SET status = $3, response = $4 WHERE scope = $1 AND key = $2',
      [place.scope, place.key, status, { sealed }],
    );
  }

  /** Gives a claimed key free. */
  async release({ scope, key }: KeyPlace): Promise<void> {
    await this.dataSource.query('DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND status IS NULL', [
      scope,
      key,
    ]);
  }

  private async clean(): Promise<void> {
    await this.dataSource.query(`DELETE FROM idempotency_keys WHERE created_at < now() - interval '48 hours'`);
  }
}

function placeOf({ scope, key }: KeyPlace) {
  return { table: 'idempotency_keys', column: 'response', id: `${scope} ${key}` };
}
