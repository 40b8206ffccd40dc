import { newId, onCommit, queryPrepared } from '@keelson/database';
import type { EntityManager } from 'typeorm';
import type { OutboxRelay } from './outbox-relay.js';
import type { WakeUpWorkers } from './wake-up-workers.js';
import type { WakeUp } from './wake-up.js';
import { WakeUps } from './wake-ups.js';

/** Seconds that a row is left to the process that wrote it; another relay takes it then. */
const ownSeconds = 5;

/** Writes wake-ups to the table `outbox` in the caller's transaction and has the relay move them when it has committed. */
export class OutboxWakeUps extends WakeUps {
  constructor(
    workers: Pick<WakeUpWorkers, 'workHere'>,
    private readonly relay: OutboxRelay,
  ) {
    super(workers);
  }

  protected async store(manager: EntityManager, wakeUps: readonly WakeUp[]): Promise<void> {
    const rows = wakeUps.map(({ queue, kind, id, delayMs = 0, priority = null }) => {
      return { id: newId(), queue, kind, subject_id: id, delay_ms: Math.ceil(delayMs), priority };
    });
    await queryPrepared(
      manager,
      `INSERT INTO outbox (id, queue, kind, subject_id, due_at, priority, claimed_until)
       SELECT id, queue, kind, subject_id, clock_timestamp() + delay_ms * interval '1 millisecond', priority,
              clock_timestamp() + make_interval(secs => $2)
         FROM jsonb_to_recordset($1::jsonb)
           AS (id uuid, queue text, kind text, subject_id uuid, delay_ms double precision, priority integer)`,
      [JSON.stringify(rows), ownSeconds],
    );
    onCommit(manager, () => this.relay.pass(rows));
  }
}
