import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { jobId, jobOptions } from './jobs.js';
import type { QueueName } from './queue-names.js';

interface OutboxRow {
  readonly id: string;
  readonly queue: QueueName;
  readonly kind: string;
  readonly subject_id: string;
  readonly delay_ms: string;
  readonly priority: number | null;
}

const batch = 200;
const pollMs = 1_000;
const errorPauseMs = 2_000;

/**
 * Moves rows of the table `outbox` to BullMQ on Redis: claims some for 30 s, adds their jobs, deletes them. A crash in
 * between repeats an addition under the same job id, so any number of relays may run. While Redis is away rows wait.
 */
export class OutboxRelay implements BeforeApplicationShutdown {
  private readonly logger = new Logger('OutboxRelay');
  private readonly stopping = new AbortController();
  private draining: Promise<void> | undefined;
  private again = false;
  private polling: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queues: ReadonlyMap<QueueName, Queue>,
  ) {}

  /** Looks every second for rows that nobody's `wake` has moved. Repeating it does nothing. */
  start(): void {
    this.polling ??= this.poll();
  }

  /** Moves what is there soon, without being waited for. */
  wake(): void {
    if (this.stopping.signal.aborted) return;
    this.again = true;
    this.draining ??= this.drainAgain().finally(() => (this.draining = undefined));
  }

  /** Moves all rows there are. Rejects when Redis or the database fails; rows stay until they were moved. */
  async drain(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const rows = await this.claim();
      if (!rows.length) return;
      try {
        for (const queue of this.queues.values()) await this.move(queue, rows);
      } catch (error) {
        await this.dataSource.query('UPDATE outbox SET claimed_until = NULL WHERE id = ANY($1)', [
          rows.map(({ id }) => id),
        ]);
        throw error;
      }
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.polling, this.draining]);
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

  private async move(queue: Queue, claimed: OutboxRow[]): Promise<void> {
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

  private async drainAgain(): Promise<void> {
    while (this.again) {
      this.again = false;
      // The rows stay; whoever polls moves them and says what is wrong.
      await this.drain().catch(() => undefined);
    }
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
