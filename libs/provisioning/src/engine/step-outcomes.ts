import { queryPrepared } from '@keelson/database';
import type { EntityManager } from 'typeorm';
import type { Claim, StepOutcome } from './journal.types.js';

/** Writes the outcome of a claim, with its event. False when the fence has moved on, or when it was written already. */
export async function writeOutcome(manager: EntityManager, claim: Claim, outcome: StepOutcome): Promise<boolean> {
  const finished = ['completed', 'skipped', 'failed', 'compensated'].includes(outcome.state);
  const rows = await queryPrepared(
    manager,
    `WITH written AS (
         UPDATE provisioning_steps SET state = $3, output = coalesce($4::jsonb, output),
                evidence = CASE WHEN $3 = 'compensated' THEN NULL ELSE coalesce($5::jsonb, evidence) END,
                given = NULL, note = CASE WHEN $3 IN ('failed', 'compensated') THEN NULL ELSE coalesce($16::jsonb, note) END,
                reason = $6, error = $7, error_code = $8, connection = coalesce($9, connection),
                next_attempt_at = clock_timestamp() + make_interval(secs => $10::float8 / 1000), lease_until = NULL,
                attempt = attempt - CASE WHEN $3 = 'undoing' THEN 0 ELSE $11::int END,
                undo_attempt = undo_attempt - CASE WHEN $3 = 'undoing' THEN $11::int ELSE 0 END, looks = coalesce($12::int, looks), absences = coalesce($15::int, absences),
                finished_at = CASE WHEN $13 THEN clock_timestamp() ELSE NULL END
          WHERE id = $1 AND fence = $2::bigint AND lease_until IS NOT NULL
         RETURNING task_id, name
       ), event AS (
         INSERT INTO provisioning_events (task_id, type, step, data)
         SELECT task_id, 'step.' || $3, name, $14::jsonb FROM written
       )
       SELECT 1 FROM written`,
    [
      claim.stepId,
      claim.fence,
      outcome.state,
      json(outcome.output),
      json(outcome.evidence),
      outcome.reason ?? null,
      outcome.error ?? null,
      outcome.errorCode ?? null,
      outcome.connection ?? null,
      outcome.delayMs ?? null,
      outcome.refundAttempts === true ? claim.attempt : outcome.refundAttempt === true ? 1 : 0,
      outcome.looks ?? null,
      finished,
      json(eventData(outcome)) ?? '{}',
      outcome.absences ?? null,
      json(outcome.note),
    ],
  );
  return rows.length > 0;
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function eventData({ reason, error, errorCode, connection, delayMs, evidence }: StepOutcome): Record<string, unknown> {
  return { reason, error, code: errorCode, connection, delayMs, evidence };
}
