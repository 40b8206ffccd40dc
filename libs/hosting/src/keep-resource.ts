import { newId, queryPrepared } from '@keelson/database';
import type { EntityManager } from 'typeorm';

/** Something that a step made at a vendor. */
export interface KeptResource {
  serviceId: string;
  connectionId: string;
  /** Such as `account`, `zone`, `mailbox`. */
  kind: string;
  /** Its name at the vendor. */
  remoteId: string;
}

/**
 * Remembers what exists at a vendor because of a service, together with a change that follows from it, in one statement. What was another
 * service's is this one's from now on.
 * @param change a statement that returns rows; $1 to $5 are taken, its own values begin at $6
 * @returns the rows of the change
 */
export function keepResource<Row extends object>(
  manager: EntityManager,
  { serviceId, connectionId, kind, remoteId }: KeptResource,
  change: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return queryPrepared<Row>(
    manager,
    `WITH kept AS (
       INSERT INTO remote_resources (id, service_id, connection_id, kind, remote_id) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (connection_id, kind, remote_id) DO UPDATE SET service_id = excluded.service_id, updated_at = now()
     ) ${change}`,
    [newId(), serviceId, connectionId, kind, remoteId, ...values],
  );
}
