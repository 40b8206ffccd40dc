import { isPortError, type PaymentEvent, PortError } from '@keelson/core';
import { inTransaction, newId } from '@keelson/database';
import { WakeUps } from '@keelson/queue';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { InboxEvent } from './inbox-event.entity.js';
import { type PaymentAccount, PaymentAccounts } from './payment-accounts.js';
import { SettlementService } from './settlement.service.js';
import type { Subject } from './vendor-state.types.js';

/** No enabled connection belongs to a provider of this name. */
export class UnknownProviderError extends Error {
  override readonly name = 'UnknownProviderError';
  constructor() {
    super('There is no payment connection of this kind.');
  }
}

/** Attempts before a person looks: with the widening schedule about three days, as long as providers repeat themselves. */
const maximumAttempts = 20;
const batch = 100;

/** Messages of payment providers: verified, kept once, answered at once, worked later. */
@Injectable()
export class InboxService {
  private readonly logger = new Logger('inbox');

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: PaymentAccounts,
    private readonly settlement: SettlementService,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * Verifies a message over its exact bytes and stores it together with its wake-up; when this resolves it is on disk. A
   * message that is stored already changes nothing. No vendor is called.
   * @param headers names in lower case
   * @throws UnknownProviderError
   * @throws PortError `invalid-input` when no connection of the provider accepts the signature; nothing is stored then
   */
  async receive(provider: string, rawBody: Uint8Array, headers: Record<string, string>): Promise<void> {
    const { account, event } = await this.verify(provider, rawBody, headers);
    await inTransaction(this.dataSource, async (manager) => {
      const id = newId();
      const inserted = await manager.query<unknown[]>(
        `INSERT INTO inbox_events (id, provider, connection_id, event_id, type, subject_kind, subject_id, payload, state,
                                   next_attempt_at, occurred_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $9 = 'received' THEN now() + interval '1 minute' END, $10)
         ON CONFLICT (provider, event_id) DO NOTHING RETURNING id`,
        [
          id,
          account.provider,
          account.connectionId,
          event.id,
          event.type,
          event.subject?.kind ?? null,
          event.subject?.id ?? null,
          Buffer.from(rawBody).toString('utf8'),
          event.subject === undefined ? 'ignored' : 'received',
          event.createdAt,
        ],
      );
      if (inserted.length > 0 && event.subject !== undefined) {
        await this.wakeUps.add(manager, { queue: 'inbox', kind: 'event', id });
      }
    });
  }

  /**
   * Works a stored message: settles the order that it is about. Safe to call again, at the same time too. A failure is kept
   * with the message, which is tried again on a widening schedule; after three days it is `failed` and logged.
   */
  async process(id: string): Promise<void> {
    const event = await this.dataSource.manager.findOneBy(InboxEvent, { id });
    if (event === null || event.state !== 'received') return;
    const { subjectKind, subjectId, connectionId } = event;
    if (subjectKind === null || subjectId === null || connectionId === null) return this.close(event, 'ignored');
    try {
      const account = await this.accounts.get(connectionId);
      const ours = await this.settlement.settleSubject(account, {
        kind: subjectKind as Subject['kind'],
        id: subjectId,
      });
      await this.close(event, ours ? 'processed' : 'ignored');
    } catch (thrown) {
      await this.postpone(event, thrown);
    }
  }

  /** Wakes every message that is due; for messages whose wake-up was lost. Returns how many. */
  async sweepDue(): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const [due] = await manager.query<[{ id: string }[], number]>(
        `UPDATE inbox_events SET next_attempt_at = now() + interval '1 minute'
          WHERE id IN (SELECT id FROM inbox_events WHERE state = 'received' AND next_attempt_at <= now()
                        ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id`,
        [batch],
      );
      await this.wakeUps.add(
        manager,
        due.map(({ id }) => ({ queue: 'inbox', kind: 'event', id })),
      );
      return due.length;
    });
  }

  private async verify(
    provider: string,
    rawBody: Uint8Array,
    headers: Record<string, string>,
  ): Promise<{ account: PaymentAccount; event: PaymentEvent }> {
    const accounts = await this.accounts.ofProvider(provider);
    if (accounts.length === 0) throw new UnknownProviderError();
    let refusal: PortError | undefined;
    for (const account of accounts) {
      try {
        return { account, event: await account.adapter.parseWebhook(rawBody, headers) };
      } catch (thrown) {
        if (!isPortError(thrown) || thrown.code !== 'invalid-input') throw thrown;
        refusal = thrown;
      }
    }
    this.logger.warn({ message: 'a webhook was refused: its signature is not valid', provider });
    throw refusal ?? new PortError('invalid-input', 'The webhook is not valid.');
  }

  private async close(event: InboxEvent, state: 'processed' | 'ignored'): Promise<void> {
    await this.dataSource.manager.update(
      InboxEvent,
      { id: event.id, state: 'received' },
      { state, error: null, nextAttemptAt: null, processedAt: () => 'now()' },
    );
  }

  private async postpone(event: InboxEvent, thrown: unknown): Promise<void> {
    const attempts = event.attempts + 1;
    const error = describe(thrown);
    const line = { message: 'a webhook could not be worked', event: event.id, type: event.type, attempts, error };
    const givenUp = attempts >= maximumAttempts;
    if (givenUp)
      this.logger.error({ ...line, message: `${line.message}: look at it and set its state to received to repeat it` });
    else this.logger.warn(line);
    const delayMs = retryDelayMs(attempts, isPortError(thrown) ? thrown.retryAfterMs : undefined);
    await inTransaction(this.dataSource, (manager) =>
      this.store(manager, event.id, { attempts, error, givenUp, delayMs }),
    );
  }

  private async store(
    manager: EntityManager,
    id: string,
    { attempts, error, givenUp, delayMs }: { attempts: number; error: string; givenUp: boolean; delayMs: number },
  ): Promise<void> {
    const [changed] = await manager.query<[unknown[], number]>(
      `UPDATE inbox_events SET attempts = $2, error = $3, state = CASE WHEN $4 THEN 'failed' ELSE state END,
              next_attempt_at = CASE WHEN $4 THEN NULL ELSE now() + $5 * interval '1 millisecond' END
        WHERE id = $1 AND state = 'received' RETURNING id`,
      [id, attempts, error, givenUp, delayMs],
    );
    if (changed.length > 0 && !givenUp) await this.wakeUps.add(manager, { queue: 'inbox', kind: 'event', id, delayMs });
  }
}

/** 5 s, doubled each time, at most 6 h; with a little chance, so that a burst does not come back as one. */
export function retryDelayMs(attempt: number, askedMs = 0, random = Math.random()): number {
  const planned = Math.min(5_000 * 2 ** (attempt - 1), 6 * 3_600_000);
  return Math.round(Math.max(planned, askedMs) * (1 + random / 5));
}

function describe(thrown: unknown): string {
  if (isPortError(thrown)) return `${thrown.code}: ${thrown.message}`;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}`.slice(0, 500) : 'unknown failure';
}
