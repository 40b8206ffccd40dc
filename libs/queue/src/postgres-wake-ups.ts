import { newId, queryPrepared } from '@keelson/database';
import type { DataSource, EntityManager } from 'typeorm';
import { jobId, jobOptions } from './jobs.js';
import type { WakeUp } from './wake-up.js';
import { WakeUps } from './wake-ups.js';

/**
 * Adds the BullMQ job in the caller's transaction, by the SQL function BullMQ's own queue calls
 * (`add_job` of its Postgres schema; https://docs.bullmq.io/guide/postgresql). Workers are notified on commit.
 */
export class PostgresWakeUps extends WakeUps {
  /** One statement: it needs no transaction around it. */
  protected override storeAlone({ manager }: DataSource, wakeUps: readonly WakeUp[]): Promise<void> {
    return this.store(manager, wakeUps);
  }

  protected async store(manager: EntityManager, wakeUps: readonly WakeUp[]): Promise<void> {
    const jobs = wakeUps.map(({ queue, kind, id, delayMs = 0, priority = 0 }) => {
      const wanted = jobId(kind, id, newId());
      const options = {
        ...jobOptions,
        jobId: wanted,
        ...(delayMs && { delay: delayMs }),
        ...(priority && { priority }),
      };
      return { queue, job_id: wanted, kind, data: { id }, options, priority, delay: Math.ceil(delayMs) };
    });
    await queryPrepared(
      manager,
      `SELECT bullmq.add_job(queue, job_id, kind, data, options, priority, delay,
                             (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $2,
                             NULL, NULL, NULL, NULL, NULL, false)
         FROM jsonb_to_recordset($1::jsonb)
           AS (queue text, job_id text, kind text, data jsonb, options jsonb, priority integer, delay bigint)`,
      [JSON.stringify(jobs), jobOptions.attempts],
    );
  }
}
