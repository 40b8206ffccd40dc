import type { EntityManager } from 'typeorm';

/** A mailbox that we answer for, as we believe it to be. */
export interface KeptMailbox {
  serviceId: string;
  connectionId: string;
  address: string;
  /** `suspended`: we closed it together with its service. */
  status: 'active' | 'suspended';
  serviceStatus: 'active' | 'suspended';
  /** By us. One that a customer made is ours to open again when we closed it, and nothing else. */
  made: boolean;
}

/** What we believe of the mailboxes of a connection or a service, by address. */
export function keptMailboxes(
  manager: EntityManager,
  of: 'connection_id' | 'service_id',
  id: string,
): Promise<KeptMailbox[]> {
  return manager.query<KeptMailbox[]>(
    `SELECT m.service_id AS "serviceId", m.connection_id AS "connectionId", m.address, m.status, s.status AS "serviceStatus",
            r.id IS NOT NULL AS made
       FROM mailboxes m JOIN services s ON s.id = m.service_id
       LEFT JOIN remote_resources r ON r.connection_id = m.connection_id AND r.kind = 'mailbox' AND r.remote_id = m.address
                                   AND r.service_id = m.service_id
      WHERE m.${of} = $1 AND m.status IN ('active', 'suspended') AND s.status IN ('active', 'suspended')
        AND (r.id IS NOT NULL OR m.status = 'suspended')
      ORDER BY m.address`,
    [id],
  );
}

/** Undefined: both are right. A suspended account takes the mailboxes along that it keeps, at some vendors visibly. */
export function wantedState({
  status,
  serviceStatus,
}: Pick<KeptMailbox, 'status' | 'serviceStatus'>): 'active' | 'suspended' | undefined {
  if (serviceStatus === 'active') return 'active';
  return status === 'suspended' ? 'suspended' : undefined;
}
