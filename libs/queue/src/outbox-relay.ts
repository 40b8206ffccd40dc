import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { jobId, jobOptions } from './jobs.js';
import type { QueueName } from './queue-names.js';

/** A claimed row. */
export interface OutboxRow {
  readonly id: string;
  readonly queue: QueueName;
  readonly kind: string;
  readonly subject_id: string;
  /** Milliseconds from now; Postgres gives a text. */
  readonly delay_ms: string | number;
  readonly priority: number | null;
}

const batch = 200;
const pollMs = 1_000;
const errorPauseMs = 2_000;

/**
 * Moves rows of the table `outbox` to BullMQ on Redis: claims some for 30 s, adds their jobs, deletes them. Those that this process writes are
 * written as claimed and moved as soon as they are committed. A crash in between repeats an addition under the same job id, so any number of
 * relays may run. While Redis is away rows wait.
 */
export class OutboxRelay implements BeforeApplicationShutdown {
  private readonly logger = new Logger('OutboxRelay');
  private readonly stopping = new AbortController();
  private polling: Promise<void> | undefined;
  private readonly passing = new Set<Promise<void>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly queues: ReadonlyMap<QueueName, Queue>,
  ) {}

  /** Looks every second for rows that nobody has moved. Repeating it does nothing. */
  start(): void {
    this.polling ??= this.poll();
  }

  /** Moves rows that the caller has written, claimed by him, without being waited for. What cannot be moved is left to whoever polls. */
  pass(rows: readonly OutboxRow[]): void {
    const passed = this.moveAll(rows)
      .catch(() => undefined)
      .finally(() => this.passing.delete(passed));
    this.passing.add(passed);
  }

  /** Moves all rows there are. Rejects when Redis or the database fails; rows stay until they were moved. */
  async drain(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const rows = await this.claim();
      if (!rows.length) return;
      await this.moveAll(rows);
    }
  }

  private async moveAll(rows: readonly OutboxRow[]): Promise<void> {
    try {
      for (const queue of this.queues.values()) await this.move(queue, rows);
    } catch (error) {
      await this.dataSource.query('UPDATE outbox SET claimed_until = NULL WHERE id = ANY($1)', [
        rows.map(({ id }) => id),
      ]);
      throw error;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.polling, ...this.passing]);
  }

  private async claim(): Promise<OutboxRow[]> {
    const [rows] = await this.dataSource.query<[OutboxRow[], number]>(
      `UPDATE outbox SET claimed_until = now() + interval '30 seconds'
        WHERE id IN (SELECT id FROM outbox WHERE claimed_until IS NULL OR claimed_until < now()
                      ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id, queue, kind, subject_id, priority,
                  ceil(greatest(extract(epoch FROM due_at - clock_timestamp()) * 1000, 0)) AS delay_ms`,
      [batch],
    );
    return rows;
  }

  private async move(queue: Queue, claimed: readonly OutboxRow[]): Promise<void> {
    const rows = claimed.filter((row) => row.queue === queue.name);
    if (!rows.length) return;
    await queue.addBulk(
      rows.map((row) => ({
        name: row.kind,
        data: { id: row.subject_id },
        opts: {
          ...jobOptions,
          jobId: jobId(row.kind, row.subject_id, row.id),
          delay: Number(row.delay_ms),
          ...(row.priority && { priority: row.priority }),
        },
      })),
    );
    await this.dataSource.query('DELETE FROM outbox WHERE id = ANY($1)', [rows.map(({ id }) => id)]);
  }

  private async poll(): Promise<void> {
    let lastError: string | undefined;
    while (!this.stopping.signal.aborted) {
      let wait = pollMs;
      try {
        await this.drain();
        if (lastError) this.logger.log('Wake-ups flow to Redis again.');
        lastError = undefined;
      } catch (error) {
        const { message } = error as Error;
        if (message !== lastError) this.logger.error(`Wake-ups wait in the outbox: ${message}`);
        lastError = message;
        wait = errorPauseMs;
      }
      await pause(wait, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}
