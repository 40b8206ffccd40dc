import type { EntityManager } from 'typeorm';
import type { ServiceStatus } from './service.types.js';

/** Which states a service may go to from which. The only place that says so. */
export const serviceTransitions: Readonly<Record<ServiceStatus, readonly ServiceStatus[]>> = {
  pending: ['provisioning', 'active', 'failed', 'cancelled'],
  provisioning: ['active', 'failed', 'cancelled'],
  failed: ['provisioning', 'active', 'cancelled', 'terminating'],
  active: ['suspended', 'quarantined', 'terminating'],
  suspended: ['active', 'quarantined', 'terminating'],
  quarantined: ['active', 'suspended', 'terminating'],
  terminating: ['terminated'],
  terminated: [],
  cancelled: [],
};

export const serviceStatuses = Object.keys(serviceTransitions) as ServiceStatus[];

/** What comes with a state. */
export interface StateFacts {
  /** Why it is suspended: one line, safe to show the customer. */
  reason?: string;
  /** Only an administrator may unsuspend it. */
  hold?: boolean;
  /** Only from these states, of those that the table allows. */
  from?: readonly ServiceStatus[];
}

/**
 * Moves the service to the state, or confirms that it is there, with one conditional UPDATE in the caller's transaction. False
 * when the table does not lead there from where it is; then nothing is changed.
 *
 * `active` ends a suspension with its reason and hold. Suspending what is suspended keeps the first date; a hold stays until
 * the service is active again, and its reason with it unless the new suspension holds too.
 */
export async function moveService(
  manager: EntityManager,
  serviceId: string,
  to: ServiceStatus,
  { reason, hold = false, from = serviceStatuses }: StateFacts = {},
): Promise<boolean> {
  const sources = from.filter((status) => status === to || serviceTransitions[status].includes(to));
  const [, moved] = await manager.query<[unknown[], number]>(
    `UPDATE services
        SET status = $2, updated_at = now(),
            suspended_at = CASE $2 WHEN 'suspended' THEN coalesce(suspended_at, now()) WHEN 'active' THEN NULL ELSE suspended_at END,
            suspend_reason = CASE WHEN $2 = 'active' THEN NULL
                                  WHEN $2 = 'suspended' AND ($5 OR NOT suspend_hold) THEN coalesce($4, suspend_reason)
                                  ELSE suspend_reason END,
            suspend_hold = $2 <> 'active' AND (suspend_hold OR ($2 = 'suspended' AND $5))
      WHERE id = $1 AND status = ANY ($3)`,
    [serviceId, to, sources, reason ?? null, hold],
  );
  return moved > 0;
}
