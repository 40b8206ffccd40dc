import { queryPrepared } from '@keelson/database';
import type { EntityManager } from 'typeorm';
import type { StepRow } from './journal.types.js';

/** Read before and after every step: plain SQL, prepared once, where a query builder would cost more than the database. */
const text = `
  SELECT step.id, step.task_id AS "taskId", step.name, step.position, step.state, step.attempt, step.looks, step.absences, step.crashes,
         step.undo_attempt AS "undoAttempt", step.fence, step.lease_until AS "leaseUntil", step.next_attempt_at AS "nextAttemptAt",
         step.worker, step.connection, step.output, step.evidence, step.note, step.given, step.reason, step.error,
         step.error_code AS "errorCode", step.started_at AS "startedAt", step.finished_at AS "finishedAt",
         coalesce(step.state IN ('waiting', 'unknown', 'undoing') AND step.next_attempt_at <= clock_timestamp(), false) AS due,
         coalesce(step.state IN ('intent', 'undoing') AND step.lease_until < clock_timestamp(), false) AS lapsed,
         task.cancel_requested_at IS NOT NULL OR task.direction = 'undo' AS stopped,
         (extract(epoch FROM coalesce(step.next_attempt_at, step.lease_until) - clock_timestamp()) * 1000)::float8 AS "dueInMs",
         (SELECT extract(epoch FROM coalesce(line.lease_until, line.retry_at) - clock_timestamp()) * 1000 FROM connection_line line
           WHERE line.step_id = step.id AND (step.lease_until IS NULL OR step.lease_until < clock_timestamp())
             AND (line.ticket IS NOT NULL OR line.lease_until IS NULL))::float8 AS "heldInMs"
    FROM provisioning_steps step JOIN provisioning_tasks task ON task.id = step.task_id
   WHERE step.task_id = $1
   ORDER BY step.position`;

/** The steps of a task in order, judged by the database's clock. */
export function readSteps(manager: EntityManager, taskId: string): Promise<StepRow[]> {
  return queryPrepared<StepRow>(manager, text, [taskId]);
}
