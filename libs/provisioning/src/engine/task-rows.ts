import { queryPrepared } from '@keelson/database';
import type { EntityManager } from 'typeorm';
import type { ProvisioningTask } from './provisioning-task.entity.js';

/** Of a task, under the names of its entity. */
export const taskColumns = `t.id, t.recipe, t.recipe_version AS "recipeVersion", t.operation, t.requested_by AS "requestedBy", t.service_id AS "serviceId",
  t.customer_id AS "customerId", t.input, t.status, t.direction, t.cancel_requested_at AS "cancelRequestedAt", t.wake_count AS "wakeCount",
  t.next_wake_at AS "nextWakeAt", t.priority, t.error, t.error_code AS "errorCode", t.started_at AS "startedAt",
  t.completed_at AS "completedAt", t.created_at AS "createdAt", t.updated_at AS "updatedAt"`;

/**
 * Holds the task's row until the transaction of the manager ends.
 * @param strength `NO KEY UPDATE`, as strong as claims need, and no hindrance to the events that steps write meanwhile; `SHARE` lets claims through
 * @throws when there is no such task
 */
export async function lockTask(
  manager: EntityManager,
  taskId: string,
  strength: 'NO KEY UPDATE' | 'SHARE' = 'NO KEY UPDATE',
): Promise<ProvisioningTask> {
  const text = `SELECT ${taskColumns} FROM provisioning_tasks t WHERE t.id = $1 FOR ${strength}`;
  const [task] = await queryPrepared<ProvisioningTask>(manager, text, [taskId]);
  if (task === undefined) throw new Error(`there is no task ${taskId}`);
  return task;
}
