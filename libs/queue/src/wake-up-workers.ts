import { redact } from '@keelson/core';
import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Worker, type IQueueBackend, type BackendFactory, type Job } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import type { WakeUpJob } from './jobs.js';
import type { OutboxRelay } from './outbox-relay.js';
import type { QueueConnection } from './queue-connection.js';
import type { QueueName } from './queue-names.js';
import type { WakeUpHandlers } from './wake-up-handlers.js';
import type { WakeUp } from './wake-up.js';

/** How many wake-ups of a queue one process works at a time, unless told otherwise. */
const defaultConcurrency = 8;

/** So long handlers may go on after shutdown was asked for, and they were told: under the usual 10 s to a kill. */
const patienceMs = 8_000;

/**
 * The working side of the queues: one BullMQ worker for each queue that has handlers. Only a process that called `start`
 * works; the others add wake-ups.
 */
export class WakeUpWorkers implements BeforeApplicationShutdown {
  private readonly logger = new Logger('WakeUpWorkers');
  private readonly workers = new Map<QueueName, Worker<WakeUpJob>>();
  /** What is worked here past the store, by queue. */
  private readonly here = new Map<QueueName, Set<Promise<void>>>();
  private readonly ending = new AbortController();

  constructor(
    private readonly connection: QueueConnection,
    private readonly backend: BackendFactory<IQueueBackend> | undefined,
    private readonly handlers: WakeUpHandlers,
    private readonly relay: OutboxRelay | undefined,
  ) {}

  /** Starts working. Call once, when all handlers are registered. Resolves when every worker listens. */
  async start(concurrency: Partial<Record<QueueName, number>> = {}): Promise<void> {
    this.relay?.start();
    for (const queue of this.handlers.queues()) {
      this.workers.set(queue, this.work(queue, concurrency[queue] ?? defaultConcurrency));
    }
    await Promise.all([...this.workers.values()].map((worker) => worker.waitUntilReady()));
  }

  /**
   * Works a wake-up in this process, at once and past the store, as many of a queue at a time as it takes from there. False when this
   * process does not work the queue, is at too many already, or is about to end: then it has to be added. When the process dies, or the
   * handler fails, nobody repeats it: only for rows with a due time of their own.
   */
  workHere({ queue, kind, id }: Pick<WakeUp, 'queue' | 'kind' | 'id'>): boolean {
    const worker = this.workers.get(queue);
    const here = this.here.get(queue) ?? new Set();
    if (worker === undefined || this.ending.signal.aborted || here.size >= worker.concurrency) return false;
    const work = this.handlers
      .get(queue, kind)(id, this.ending.signal)
      .catch((error: unknown) => this.logger.error(`${kind} ${id} failed: ${redact(String(error))}`))
      .finally(() => here.delete(work));
    this.here.set(queue, here.add(work));
    return true;
  }

  /** Takes no more work and waits for what runs, but not for ever: what does not end is left to the rows' due times. */
  async beforeApplicationShutdown(): Promise<void> {
    this.ending.abort();
    const workers = [...this.workers.values()];
    const here = [...this.here.values()].flatMap((works) => [...works]);
    const inTime = await within(Promise.all([...here, ...workers.map((worker) => worker.pause())]), patienceMs);
    if (!inTime)
      this.logger.warn('Some handlers did not end in time. Their rows are taken up again when they are due.');
    await Promise.all(workers.map((worker) => worker.close(!inTime)));
  }

  private work(queue: QueueName, concurrency: number): Worker<WakeUpJob> {
    const process = (job: Job<WakeUpJob>) => this.handlers.get(queue, job.name)(job.data.id, this.ending.signal);
    const worker = new Worker<WakeUpJob>(
      queue,
      process,
      {
        connection: this.connection.consumer,
        concurrency,
        // Store away: look again soon (BullMQ's default is 15 s).
        runRetryDelay: 1_000,
        // A worker that was killed loses its jobs to another one within 20 s.
        lockDuration: 15_000,
        stalledInterval: 5_000,
        maxStalledCount: 3,
      },
      this.backend as never,
    );
    worker.on('failed', (job, error) => {
      this.logger.error(`Wake-up ${job?.id} failed (attempt ${job?.attemptsMade}): ${redact(error.message)}`);
    });
    let lastError: string | undefined;
    worker.on('error', ({ message }) => {
      if (message !== lastError) this.logger.error(`Queue "${queue}": ${redact(message)}`);
      lastError = message;
    });
    return worker;
  }
}

async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  const timeout = pause(ms, false, { signal: late.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    late.abort();
  }
}
