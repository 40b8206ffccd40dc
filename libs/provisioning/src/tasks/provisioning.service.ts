import { inTransaction } from '@keelson/database';
import { Service } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, MoreThan } from 'typeorm';
import { Journal } from '../engine/journal.service.js';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import { provisionRecipeOf } from '../recipes/recipe-names.js';
import { ProvisioningEvent } from './provisioning-event.entity.js';
import { ProvisioningStep } from './provisioning-step.entity.js';
import { ProvisioningTask, type TaskStatus, taskStatuses } from './provisioning-task.entity.js';
import { TaskConflictError, TaskNotFoundError } from './task.errors.js';
import { type EventView, eventViewOf, type TaskView, viewOf } from './task-view.js';

export interface TaskFilter {
  status?: TaskStatus;
  customerId?: string;
  serviceId?: string;
  limit: number;
  offset: number;
}

const open: TaskStatus[] = ['queued', 'running', 'waiting', 'needs_attention'];

/** Starts, shows and steers provisioning tasks. The work itself is done by `TaskRunner` in the workers. */
@Injectable()
export class ProvisioningService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly journal: Journal,
    private readonly registry: RecipeRegistry,
  ) {}

  /**
   * Starts provisioning of a pending (or failed) service: task, steps and wake-up are written in the caller's transaction.
   * @throws TaskConflictError when a task is open for the service or it is provisioned already
   */
  async start(manager: EntityManager, order: { serviceId: string; priority?: number }): Promise<{ taskId: string }> {
    const service = await manager.findOneOrFail(Service, {
      where: { id: order.serviceId },
      lock: { mode: 'pessimistic_write' },
    });
    const last = await manager.findOne(ProvisioningTask, {
      where: { serviceId: service.id },
      order: { createdAt: 'DESC' },
    });
    if (last !== null && open.includes(last.status))
      throw new TaskConflictError('Provisioning of this service is under way.', last.id);
    if (!['pending', 'failed'].includes(service.status)) {
      throw new TaskConflictError(`The service is ${service.status}: it is provisioned already.`, last?.id);
    }
    const recipe = this.registry.newest(provisionRecipeOf(service.type));
    const taskId = await this.journal.create(manager, recipe, {
      serviceId: service.id,
      customerId: service.customerId,
      input: { serviceId: service.id },
      ...(order.priority === undefined ? {} : { priority: order.priority }),
    });
    return { taskId };
  }

  /** @throws TaskNotFoundError when absent, or when `customerId` is given and it is another customer's */
  async view(taskId: string, customerId?: string): Promise<TaskView> {
    const task = await this.dataSource.manager.findOneBy(ProvisioningTask, {
      id: taskId,
      ...(customerId && { customerId }),
    });
    if (task === null) throw new TaskNotFoundError();
    return viewOf(task, await this.stepsOf([task.id]));
  }

  /** Tasks, newest first, with the total number. */
  async list({
    status,
    customerId,
    serviceId,
    limit,
    offset,
  }: TaskFilter): Promise<{ items: TaskView[]; total: number }> {
    const [tasks, total] = await this.dataSource.manager.findAndCount(ProvisioningTask, {
      where: { ...(status && { status }), ...(customerId && { customerId }), ...(serviceId && { serviceId }) },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit,
      skip: offset,
    });
    const steps = await this.stepsOf(tasks.map((task) => task.id));
    return {
      items: tasks.map((task) =>
        viewOf(
          task,
          steps.filter((step) => step.taskId === task.id),
        ),
      ),
      total,
    };
  }

  /** Number of tasks by status. */
  async stats(): Promise<Record<TaskStatus, number>> {
    const rows = await this.dataSource.query<{ status: TaskStatus; count: number }[]>(
      'SELECT status, count(*)::int AS count FROM provisioning_tasks GROUP BY status',
    );
    const none = Object.fromEntries(taskStatuses.map((status) => [status, 0])) as Record<TaskStatus, number>;
    return { ...none, ...Object.fromEntries(rows.map(({ status, count }) => [status, count])) };
  }

  /** Events of a task after the one given, oldest first, at most 500. */
  async events(taskId: string, afterId = '0'): Promise<EventView[]> {
    const events = await this.dataSource.manager.find(ProvisioningEvent, {
      where: { taskId, id: MoreThan(afterId) },
      order: { id: 'ASC' },
      take: 500,
    });
    return events.map((event) => eventViewOf(event));
  }

  /**
   * Runs a task again that failed, waits or needs a person: what failed, waits or is unknown is due at once, what was taken
   * back starts anew, what is completed stays. @throws TaskNotFoundError, TaskConflictError when it is running or done
   */
  async retry(taskId: string): Promise<void> {
    await this.steer(taskId, async (manager, task) => {
      if (['completed', 'queued', 'running'].includes(task.status)) {
        throw new TaskConflictError(`The job is ${task.status}: there is nothing to retry.`, task.id);
      }
      const other = await manager.findOneBy(ProvisioningTask, { serviceId: task.serviceId, status: In(open) });
      if (other !== null && other.id !== task.id)
        throw new TaskConflictError('A newer job for this service is open.', other.id);
      const unwinding = task.direction === 'undo' && task.status !== 'failed' && task.status !== 'cancelled';
      await manager.query(
        unwinding
          ? `UPDATE provisioning_steps SET next_attempt_at = clock_timestamp(), undo_attempt = 0 WHERE task_id = $1 AND state = 'undoing'`
          : `UPDATE provisioning_steps
                SET state = CASE WHEN state = 'unknown' THEN 'unknown' WHEN state IN ('waiting', 'failed') AND attempt > 0 THEN 'waiting'
                                 ELSE 'pending' END,
                    next_attempt_at = clock_timestamp(), attempt = 0, looks = 0, absences = 0, crashes = 0, undo_attempt = 0,
                    finished_at = NULL
              WHERE task_id = $1 AND state IN ('waiting', 'unknown', 'failed', 'compensated', 'skipped')`,
        [task.id],
      );
      if (!unwinding) {
        await manager.update(ProvisioningTask, { id: task.id }, { cancelRequestedAt: null, completedAt: null });
        await manager.update(
          Service,
          { id: task.serviceId, status: In(['failed', 'cancelled']) },
          { status: 'provisioning' },
        );
      }
      await this.journal.change(manager, task.id, {
        status: 'queued',
        ...(unwinding ? {} : { direction: 'forward', error: null, errorCode: null }),
        wakeInMs: 0,
        event: { type: 'task.retried' },
      });
    });
  }

  /**
   * Asks a task to stop: no further step begins, and what was done is taken back. Repeating it changes nothing.
   * @throws TaskNotFoundError, TaskConflictError when it is over, or when money was spent that does not come back
   */
  async cancel(taskId: string): Promise<void> {
    await this.steer(taskId, async (manager, task) => {
      if (!open.includes(task.status))
        throw new TaskConflictError(`The job is ${task.status}: it cannot be cancelled.`, task.id);
      if (task.cancelRequestedAt !== null) return;
      const recipe = this.registry.find(task.recipe, task.recipeVersion);
      const pivots = recipe?.steps.filter((step) => step.phase === 'pivot').map((step) => step.name) ?? [];
      const spent = await manager.findOneBy(ProvisioningStep, {
        taskId: task.id,
        name: In(pivots),
        state: In(['intent', 'waiting', 'unknown', 'completed']),
      });
      if (spent !== null) {
        throw new TaskConflictError(
          `The step ${spent.name} cannot be taken back: terminate the service instead.`,
          task.id,
        );
      }
      await manager.update(ProvisioningTask, { id: task.id }, { cancelRequestedAt: new Date() });
      await this.journal.change(manager, task.id, {
        ...(task.status === 'needs_attention' ? { status: 'waiting' as const } : {}),
        wakeInMs: 0,
        event: { type: 'task.cancel_requested' },
      });
    });
  }

  /** Tasks that failed or need a person. */
  failed(page: { limit: number; offset: number }): Promise<{ items: TaskView[]; total: number }> {
    return this.listStopped(page);
  }

  /** Forgets failed tasks (not those that need a person). Their services stay. Returns how many. */
  async clearFailed(): Promise<number> {
    const { affected } = await this.dataSource.manager.delete(ProvisioningTask, { status: 'failed' });
    return affected ?? 0;
  }

  private async listStopped({
    limit,
    offset,
  }: {
    limit: number;
    offset: number;
  }): Promise<{ items: TaskView[]; total: number }> {
    const [tasks, total] = await this.dataSource.manager.findAndCount(ProvisioningTask, {
      where: { status: In(['failed', 'needs_attention']) },
      order: { updatedAt: 'DESC', id: 'DESC' },
      take: limit,
      skip: offset,
    });
    const steps = await this.stepsOf(tasks.map((task) => task.id));
    return {
      items: tasks.map((task) =>
        viewOf(
          task,
          steps.filter((step) => step.taskId === task.id),
        ),
      ),
      total,
    };
  }

  private async steer(
    taskId: string,
    work: (manager: EntityManager, task: ProvisioningTask) => Promise<void>,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const task = await manager.findOne(ProvisioningTask, {
        where: { id: taskId },
        lock: { mode: 'pessimistic_write' },
      });
      if (task === null) throw new TaskNotFoundError();
      await work(manager, task);
    });
  }

  private stepsOf(taskIds: string[]): Promise<ProvisioningStep[]> {
    if (taskIds.length === 0) return Promise.resolve([]);
    return this.dataSource.manager.find(ProvisioningStep, {
      where: { taskId: In(taskIds) },
      order: { position: 'ASC' },
    });
  }
}
