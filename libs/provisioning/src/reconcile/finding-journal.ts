import { isDeepStrictEqual } from 'node:util';
import type { DriftKind } from '@keelson/core';
import { newId } from '@keelson/database';
import type { EntityManager } from 'typeorm';
import type { ObservationTarget } from './observation-schedule.service.js';
import type { Difference, Facts } from './reconcile.types.js';

export type DriftEventType =
  'found' | 'changed' | 'confirmed' | 'ignored' | 'reopened' | 'planned' | 'repaired' | 'resolved';

interface Known {
  id: string;
  kind: DriftKind;
  key: string;
  serviceId: string | null;
  expected: Facts | null;
  actual: Facts | null;
  status: 'open' | 'ignored' | 'planned';
  timesSeen: number;
  /** The gap has passed since it was counted last. */
  countable: boolean;
  /** Its repair is over, whatever came of it. */
  repaired: boolean;
}

/** What an observation changed. */
export interface RecordedFindings {
  /** Seen for the second time just now, as `kind key`. */
  confirmed: string[];
  /** Something is to be looked at again after the gap. */
  unsettled: boolean;
}

/**
 * Brings the findings of one area of a connection in step with what was seen, in the caller's transaction. What is seen again
 * unchanged only counts; what is no longer seen is resolved; what belongs to a service in `busy` is left as it is.
 */
export async function recordFindings(
  manager: EntityManager,
  { connectionId, area }: ObservationTarget,
  differences: readonly Difference[],
  { busy, gapMinutes }: { busy: ReadonlySet<string>; gapMinutes: number },
): Promise<RecordedFindings> {
  const known = await manager.query<Known[]>(
    `SELECT f.id, f.kind, f.key, f.service_id AS "serviceId", f.expected, f.actual, f.status, f.times_seen AS "timesSeen",
            f.counted_at <= clock_timestamp() - make_interval(mins => $3) AS countable,
            t.id IS NULL OR t.status IN ('completed', 'failed', 'cancelled') AS repaired
       FROM drift_findings f LEFT JOIN provisioning_tasks t ON t.id = f.task_id
      WHERE f.connection_id = $1 AND f.area = $2 AND f.status <> 'resolved' FOR UPDATE OF f`,
    [connectionId, area, gapMinutes],
  );
  const isBusy = (serviceId?: string | null) => serviceId != null && busy.has(serviceId);
  const seen = new Map(differences.filter(({ serviceId }) => !isBusy(serviceId)).map((one) => [placeOf(one), one]));
  const events = new EventList();
  const [same, counted, fallenBack]: [string[], string[], string[]] = [[], [], []];
  const [changed, resolved]: [{ id: string; difference: Difference }[], Known[]] = [[], []];
  for (const finding of known) {
    const difference = seen.get(placeOf(finding));
    if (difference === undefined) {
      if (!isBusy(finding.serviceId)) resolved.push(finding);
      continue;
    }
    seen.delete(placeOf(finding));
    const { id, status, timesSeen, countable, repaired } = finding;
    if (!isSame(finding, difference)) {
      changed.push({ id, difference });
      events.add(id, 'changed', { expected: difference.expected, actual: difference.actual });
    } else if (status === 'planned' && repaired && countable) {
      fallenBack.push(id);
      events.add(id, 'reopened', { why: 'it is still there after its repair' });
    } else if (status !== 'planned' && countable) {
      counted.push(id);
      if (status === 'open' && timesSeen === 1) events.add(id, 'confirmed');
    } else same.push(id);
  }
  const added = [...seen.values()].map((difference) => ({ id: newId(), ...difference }));
  for (const { id, expected, actual } of added) events.add(id, 'found', { expected, actual });
  for (const { id } of resolved) events.add(id, 'resolved');

  await insert(manager, { connectionId, area }, added);
  await manager.query('UPDATE drift_findings SET last_seen = clock_timestamp() WHERE id = ANY ($1)', [same]);
  await manager.query(
    `UPDATE drift_findings SET last_seen = clock_timestamp(), counted_at = clock_timestamp(), times_seen = times_seen + 1
      WHERE id = ANY ($1)`,
    [counted],
  );
  await reopen(manager, fallenBack);
  await change(manager, changed);
  await manager.query(
    `UPDATE drift_findings SET status = 'resolved', resolved_at = clock_timestamp() WHERE id = ANY ($1)`,
    [resolved.map(({ id }) => id)],
  );
  await events.write(manager);
  const confirmed = known
    .filter(({ id, status, timesSeen }) => status === 'open' && timesSeen === 1 && counted.includes(id))
    .map(placeOf);
  const waiting = known.some(
    ({ id, status, timesSeen }) =>
      same.includes(id) && (status === 'planned' || (status === 'open' && timesSeen === 1)),
  );
  return { confirmed, unsettled: waiting || added.length + changed.length + fallenBack.length > 0 };
}

/** Writes one event of a finding's history. */
export async function addDriftEvent(
  manager: EntityManager,
  findingId: string,
  type: DriftEventType,
  data: Record<string, unknown> = {},
): Promise<void> {
  const events = new EventList();
  events.add(findingId, type, data);
  await events.write(manager);
}

class EventList {
  private readonly rows: { id: string; type: DriftEventType; data: object }[] = [];

  add(id: string, type: DriftEventType, data: object = {}): void {
    this.rows.push({ id, type, data });
  }

  async write(manager: EntityManager): Promise<void> {
    await manager.query(
      `INSERT INTO drift_events (finding_id, type, data) SELECT id, type, data
         FROM jsonb_to_recordset($1::jsonb) AS event (id uuid, type text, data jsonb)`,
      [JSON.stringify(this.rows)],
    );
  }
}

/** JSON leaves out what is undefined; the type of the facts has no such thing. */
function isSame(finding: Known, { expected, actual }: Difference): boolean {
  return isDeepStrictEqual([finding.expected, finding.actual], [expected, actual]);
}

function placeOf({ kind, key }: { kind: string; key: string }): string {
  return `${kind} ${key}`;
}

async function insert(
  manager: EntityManager,
  { connectionId, area }: ObservationTarget,
  added: readonly (Difference & { id: string })[],
): Promise<void> {
  await manager.query(
    `INSERT INTO drift_findings (id, connection_id, area, kind, key, service_id, expected, actual, suggestion)
     SELECT id, $1, $2, kind, key, "serviceId", nullif(expected, 'null'), nullif(actual, 'null'), suggestion
       FROM jsonb_to_recordset($3::jsonb)
         AS one (id uuid, kind text, key text, "serviceId" uuid, expected jsonb, actual jsonb, suggestion text)`,
    [connectionId, area, JSON.stringify(added)],
  );
}

/** Another difference under the same key: whatever was decided about the one before says nothing about it. */
async function change(
  manager: EntityManager,
  changed: readonly { id: string; difference: Difference }[],
): Promise<void> {
  const rows = changed.map(({ id, difference: { expected, actual, suggestion, serviceId } }) => ({
    ...{ id, expected, actual, suggestion, serviceId },
  }));
  await manager.query(
    `UPDATE drift_findings f
        SET expected = nullif(one.expected, 'null'), actual = nullif(one.actual, 'null'), suggestion = one.suggestion,
            service_id = one."serviceId", status = 'open', reason = NULL, task_id = NULL,
            last_seen = clock_timestamp(), counted_at = clock_timestamp(), times_seen = 1
       FROM jsonb_to_recordset($1::jsonb)
         AS one (id uuid, expected jsonb, actual jsonb, suggestion text, "serviceId" uuid)
      WHERE f.id = one.id`,
    [JSON.stringify(rows)],
  );
}

/** The repair is over and the difference is still there: it begins anew. */
async function reopen(manager: EntityManager, ids: readonly string[]): Promise<void> {
  await manager.query(
    `UPDATE drift_findings SET status = 'open', task_id = NULL, last_seen = clock_timestamp(), counted_at = clock_timestamp(),
            times_seen = 1
      WHERE id = ANY ($1)`,
    [ids],
  );
}
