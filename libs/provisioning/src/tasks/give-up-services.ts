import { Service } from '@keelson/hosting';
import { type EntityManager, In, IsNull } from 'typeorm';
import { cancelService } from '../recipes/service-hooks.js';
import { openStatuses } from '../engine/provisioning-task.entity.js';

/**
 * What a subscription was to have is not made any more, in the caller's transaction: from its commit on no job begins, and none is retried,
 * for those of its services that are not in use yet. One without an open job is cancelled with that, and its domain free; an open job is the
 * caller's to cancel. Repeating it changes nothing.
 * @param why one line, safe to show the customer
 */
export async function giveUpServices(manager: EntityManager, subscriptionId: string, why: string): Promise<void> {
  await manager.update(
    Service,
    { subscriptionId, status: In(['pending', 'provisioning', 'failed']), terminationReason: IsNull() },
    { terminationReason: why },
  );
  // Read after the services are held, so that a job which began before is seen.
  const idle = await manager.query<{ id: string }[]>(
    `SELECT s.id FROM services s
      WHERE s.subscription_id = $1 AND s.status IN ('pending', 'failed') AND s.termination_reason IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM provisioning_tasks t WHERE t.service_id = s.id AND t.status = ANY ($2))`,
    [subscriptionId, openStatuses],
  );
  for (const { id } of idle) await cancelService(manager, id);
}
