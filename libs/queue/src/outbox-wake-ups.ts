import { newId, onCommit, queryPrepared } from '@keelson/database';
import type { EntityManager } from 'typeorm';
import type { OutboxRelay } from './outbox-relay.js';
import type { WakeUpWorkers } from './wake-up-workers.js';
import { WakeUps, type WakeUp } from './wake-ups.js';

/** Writes wake-ups to the table `outbox` in the caller's transaction and has the relay called when it has committed. */
export class OutboxWakeUps extends WakeUps {
  constructor(
    workers: Pick<WakeUpWorkers, 'workHere'>,
    private readonly relay: OutboxRelay,
  ) {
    super(workers);
  }

  protected async store(manager: EntityManager, wakeUps: readonly WakeUp[]): Promise<void> {
    const rows = wakeUps.map((wakeUp) => ({ ...wakeUp, wakeUpId: newId() }));
    await queryPrepared(
      manager,
      `INSERT INTO outbox (id, queue, kind, subject_id, due_at, priority)
       SELECT "wakeUpId", queue, kind, id, clock_timestamp() + coalesce("delayMs", 0) * interval '1 millisecond', priority
         FROM jsonb_to_recordset($1::jsonb)
           AS ("wakeUpId" uuid, queue text, kind text, id uuid, "delayMs" double precision, priority integer)`,
      [JSON.stringify(rows)],
    );
    onCommit(manager, () => this.relay.wake());
  }
}
