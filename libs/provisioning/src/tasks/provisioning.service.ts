import { findPage, inTransaction } from '@keelson/database';
import { Service } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, Not, Raw } from 'typeorm';
import { Journal } from '../engine/journal.service.js';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import { isUsable, spentPivot } from '../engine/task-state.js';
import { provisionRecipeOf } from '../recipes/provision-recipes.js';
import { ProvisioningEvent } from '../engine/provisioning-event.entity.js';
import { ProvisioningStep, type StepState } from '../engine/provisioning-step.entity.js';
import {
  openStatuses as open,
  ProvisioningTask,
  type TaskStatus,
  taskStatuses,
} from '../engine/provisioning-task.entity.js';
import { givenUp, TaskConflictError, TaskNotFoundError } from './task.errors.js';
import { type EventView, eventViewOf, type TaskView, viewOf } from './task-view.js';

export interface TaskFilter {
  status?: TaskStatus;
  customerId?: string;
  serviceId?: string;
  limit: number;
  offset: number;
}

const finishedStates: StepState[] = ['completed', 'skipped'];

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
   * @param order.recipe default: that of the service's type
   * @throws TaskConflictError when a task is open for the service, it is provisioned already, or was given up (its order was refunded)
   */
  async start(
    manager: EntityManager,
    order: { serviceId: string; priority?: number; recipe?: string },
  ): Promise<{ taskId: string }> {
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
    if (service.terminationReason !== null) throw givenUp(service.terminationReason, last?.id);
    if (!['pending', 'failed'].includes(service.status)) {
      throw new TaskConflictError(`The service is ${service.status}: it is provisioned already.`, last?.id);
    }
    const recipe = this.registry.newest(order.recipe ?? provisionRecipeOf(service.type));
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

  /** Tasks, newest first, with the total number as `findPage` counts it. */
  async list({
    status,
    customerId,
    serviceId,
    limit,
    offset,
  }: TaskFilter): Promise<{ items: TaskView[]; total: number }> {
    const [tasks, total] = await findPage(this.dataSource.manager, ProvisioningTask, {
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

  /**
   * Events of a task after the one given, oldest first, at most 500. None is ever missed by asking again after the last: an event is
   * held back while an older transaction is open, which might still commit an earlier one.
   * @param over the task is over: everything that is there
   */
  async events(taskId: string, afterId = '0', { over = false } = {}): Promise<EventView[]> {
    const events = await this.dataSource
      .createQueryBuilder(ProvisioningEvent, 'event')
      .where('event.task_id = :taskId AND event.id > :afterId', { taskId, afterId })
      .andWhere(over ? 'true' : 'event.xact < pg_snapshot_xmin(pg_current_snapshot())')
      .orderBy('event.id')
      .limit(500)
      .getMany();
    return events.map((event) => eventViewOf(event));
  }

  /**
   * Runs a task again that failed, waits or needs a person, or that completed without an optional step: what failed, waits or
   * is unknown is due at once, what was taken back starts anew, what is completed stays. A task that is being taken back
   * goes on with that.
   * @throws TaskNotFoundError, TaskConflictError when it is running, done or cancelled, when a newer one took its place, or when it would make
   *   a service that was given up; one that cannot be taken back any more goes on, so that the service can be terminated
   */
  async retry(taskId: string): Promise<void> {
    await this.steer(taskId, async (manager, task) => {
      const done = task.status === 'completed';
      const left = done && (await manager.existsBy(ProvisioningStep, { taskId, state: Not(In(finishedStates)) }));
      if (['queued', 'running', 'cancelled'].includes(task.status) || (done && !left)) {
        throw new TaskConflictError(`The job is ${task.status}: there is nothing to retry.`, task.id);
      }
      const newest = await manager.findOneOrFail(ProvisioningTask, {
        where: { serviceId: task.serviceId },
        order: { createdAt: 'DESC', id: 'DESC' },
      });
      if (newest.id !== task.id) throw new TaskConflictError('A newer job for this service took its place.', newest.id);
      const unwinding = task.direction === 'undo' && task.status !== 'failed';
      if (task.operation === 'provision' && !unwinding) await this.refuseGivenUp(manager, task);
      await manager.query(
        unwinding
          ? `UPDATE provisioning_steps SET next_attempt_at = clock_timestamp(), undo_attempt = 0
              WHERE task_id = $1 AND state = 'undoing' AND lease_until IS NULL`
          : `UPDATE provisioning_steps
                SET state = CASE state WHEN 'unknown' THEN 'unknown' WHEN 'waiting' THEN 'waiting' WHEN 'failed' THEN 'waiting'
                                       ELSE 'pending' END,
                    next_attempt_at = clock_timestamp(), attempt = 0, looks = 0, absences = 0, crashes = 0, undo_attempt = 0,
                    finished_at = NULL
              WHERE task_id = $1 AND state IN ('waiting', 'unknown', 'failed', 'compensated'${done ? '' : `, 'skipped'`})`,
        [task.id],
      );
      if (!unwinding) {
        await manager.update(ProvisioningTask, { id: task.id }, { completedAt: null });
        if (task.operation === 'provision')
          await manager.update(Service, { id: task.serviceId, status: 'failed' }, { status: 'provisioning' });
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
   * @throws TaskNotFoundError, TaskConflictError when it is over, when money was spent that does not come back, or when only
   *   optional steps are left and the service is in use
   */
  async cancel(taskId: string): Promise<void> {
    await this.steer(taskId, async (manager, task) => {
      if (!open.includes(task.status))
        throw new TaskConflictError(`The job is ${task.status}: it cannot be cancelled.`, task.id);
      if (task.cancelRequestedAt !== null) return;
      if (task.direction === 'forward') await this.refuseSpent(manager, task);
      await manager.update(ProvisioningTask, { id: task.id }, { cancelRequestedAt: new Date() });
      await this.journal.change(manager, task.id, {
        ...(task.status === 'needs_attention' ? { status: 'waiting' as const } : {}),
        wakeInMs: 0,
        event: { type: 'task.cancel_requested' },
      });
    });
  }

  /** Holds the service, so that nobody gives it up before the retry is committed. */
  private async refuseGivenUp(manager: EntityManager, task: ProvisioningTask): Promise<void> {
    const { terminationReason } = await manager.findOneOrFail(Service, {
      where: { id: task.serviceId },
      lock: { mode: 'pessimistic_write' },
    });
    if (terminationReason === null) return;
    const recipe = this.registry.find(task.recipe, task.recipeVersion);
    const steps = await manager.findBy(ProvisioningStep, { taskId: task.id });
    if (recipe === undefined || spentPivot(recipe, steps) === undefined) throw givenUp(terminationReason, task.id);
  }

  /** @throws TaskConflictError when the task went too far to be taken back */
  private async refuseSpent(manager: EntityManager, task: ProvisioningTask): Promise<void> {
    const recipe = this.registry.find(task.recipe, task.recipeVersion);
    if (recipe === undefined) {
      throw new TaskConflictError(
        `Nothing here knows the recipe ${task.recipe} version ${task.recipeVersion}: cancel it with a version that does.`,
        task.id,
      );
    }
    const steps = await manager.findBy(ProvisioningStep, { taskId: task.id });
    const spent = spentPivot(recipe, steps);
    if (spent !== undefined) {
      const instead = task.operation === 'provision' ? ': terminate the service instead' : '';
      throw new TaskConflictError(`The step ${spent.name} cannot be taken back${instead}.`, task.id);
    }
    if (isUsable(recipe, steps) || (await this.isInUse(manager, task))) {
      const reason =
        task.operation === 'provision'
          ? 'The service is in use already: terminate it instead.'
          : 'Everything that matters is done: only optional steps are left.';
      throw new TaskConflictError(reason, task.id);
    }
  }

  /** Whether the customer uses already what the task makes: a step that was under way may have failed since. */
  private isInUse(manager: EntityManager, { operation, serviceId }: ProvisioningTask): Promise<boolean> {
    if (operation !== 'provision') return Promise.resolve(false);
    return manager.existsBy(Service, { id: serviceId, status: In(['active', 'suspended']) });
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
    const [tasks, total] = await findPage(this.dataSource.manager, ProvisioningTask, {
      // Written out, so that the index of just these is found also when the statement is prepared.
      where: { status: Raw((status) => `${status} IN ('failed', 'needs_attention')`) },
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
        lock: { mode: 'for_no_key_update' },
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
