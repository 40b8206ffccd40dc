import { type Clock, clockToken } from '@keelson/core';
import { AuditService } from '@keelson/customers';
import { toPublicId } from '@keelson/database';
import { Service, ServiceNotFoundError } from '@keelson/hosting';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { Journal } from '../engine/journal.service.js';
import type { Recipe } from '../engine/recipe.js';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import { leavesOptional } from '../engine/task-state.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { ProvisioningStep } from '../engine/provisioning-step.entity.js';
import { openStatuses, ProvisioningTask } from '../engine/provisioning-task.entity.js';
import { givenUp, TaskConflictError } from '../tasks/task.errors.js';
import { checkInput } from './check-input.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import type { Operation, RequestContext } from './operation.js';
import { OperationPlanner, type PlannedStep } from './operation-planner.service.js';
import { findOperation, type InputOf, type OperationName } from './operations.js';
import type { Requester } from './requester.types.js';

export const recipeToolsToken = Symbol('RecipeTools');

/** Who asks for what, and why; see the table `operations`. */
export interface OperationRequest<Name extends OperationName = OperationName> {
  serviceId: string;
  operation: Name;
  /** Checked by the operation's input class, whoever asks. */
  input?: Partial<InputOf<Name>>;
  requestedBy: Requester;
  /** 1 (first) and up; without one it goes before all that have one. */
  priority?: number;
}

/** What an operation would do now. */
export interface OperationPlan {
  serviceId: string;
  operation: OperationName;
  recipe: string;
  steps: PlannedStep[];
}

/**
 * Everything that is done to a service after it was ordered. An operation is asked for here and worked as a task, like provisioning.
 *
 * One task at a time per service, by constraint. Whoever comes second gets `TaskConflictError` with the task that is open, and may cancel
 * that one or wait. One exception: a task of which only optional steps are left (a certificate that waits for the world's DNS, a mail)
 * gives way, unless one of them is being worked at this very moment. It ends as completed, what was optional stays in `services.degraded`,
 * and `reprovision` makes it later.
 */
@Injectable()
export class LifecycleService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly journal: Journal,
    private readonly registry: RecipeRegistry,
    private readonly planner: OperationPlanner,
    private readonly audit: AuditService,
    @Inject(recipeToolsToken) private readonly tools: RecipeTools,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /**
   * Writes the task, its steps, its wake-up and an audit entry in the caller's transaction. Nothing at a vendor is touched before the commit.
   * Asking twice is a conflict while the first is open.
   * @throws ServiceNotFoundError when it is absent, or another customer's
   * @throws OperationRefusedError when the input, the caller or the state of the service does not allow it
   * @throws TaskConflictError when another task for the service is open, or when a service is to be made that was given up
   */
  async request<Name extends OperationName>(
    manager: EntityManager,
    request: OperationRequest<Name>,
  ): Promise<{ taskId: string }> {
    const { serviceId, operation: name, requestedBy } = request;
    // The order in which workers lock: the task, then the service.
    const open = await manager.findOne(ProvisioningTask, {
      where: { serviceId, status: In(openStatuses) },
      lock: { mode: 'for_no_key_update' },
    });
    const { context, operation, recipe } = await this.prepare(manager, request, true);
    const frozen = (await operation.freeze?.(context)) ?? {};
    await this.makeRoom(manager, serviceId, open, name);
    await operation.prepare?.(context, frozen);
    const taskId = await this.journal.create(manager, recipe, {
      serviceId,
      customerId: context.service.customerId,
      input: { ...frozen, serviceId },
      ...(request.priority === undefined ? {} : { priority: request.priority }),
    });
    await manager.update(ProvisioningTask, { id: taskId }, { operation: name, requestedBy: requestedBy.actor });
    await this.audit.record(manager, {
      actor: requestedBy.actor,
      action: `service.${name}_requested`,
      subjectType: 'service',
      subjectId: toPublicId('srv', serviceId),
      detail: { ...frozen, jobId: toPublicId('job', taskId) },
    });
    return { taskId };
  }

  /**
   * What `request` would do now: every step with the vendor calls it would make and what they cost. Asks vendors what is there, so it is not
   * for transactions; writes and changes nothing.
   * @throws as `request` does
   */
  async plan<Name extends OperationName>(request: OperationRequest<Name>): Promise<OperationPlan> {
    const { manager } = this.dataSource;
    const { serviceId, operation: name } = request;
    const open = await manager.findOneBy(ProvisioningTask, { serviceId, status: In(openStatuses) });
    const { context, operation, recipe } = await this.prepare(manager, request, false);
    const frozen = (await operation.freeze?.(context)) ?? {};
    if (open !== null) await this.refuseUnlessYielding(manager, open);
    const order = await recipe.hooks.load(manager, { ...frozen, serviceId });
    return { serviceId, operation: name, recipe: recipe.name, steps: await this.planner.plan(recipe, order) };
  }

  private async prepare(
    manager: EntityManager,
    { serviceId, operation: name, input, requestedBy }: OperationRequest,
    lock: boolean,
  ): Promise<{ context: RequestContext<object>; operation: Operation; recipe: Recipe }> {
    const operation = findOperation(name);
    if (operation === undefined) {
      throw new OperationRefusedError('bad-input', 'unknown-operation', `There is no operation called ${name}.`);
    }
    const service = await manager.findOne(Service, {
      where: { id: serviceId, ...(requestedBy.customerId && { customerId: requestedBy.customerId }) },
      ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}),
    });
    if (service === null) throw new ServiceNotFoundError();
    if (requestedBy.role !== 'automation' && !operation.roles.includes(requestedBy.role)) {
      throw new OperationRefusedError('forbidden', 'forbidden', `A ${requestedBy.role} may not ask for ${name}.`);
    }
    const checked = await checkInput(operation.input, input ?? {});
    if (!operation.from.includes(service.status)) {
      throw new OperationRefusedError(
        'conflict',
        'wrong-state',
        `The service is ${service.status}: ${name} needs one that is ${operation.from.join(' or ')}.`,
      );
    }
    if (name === 'provision' && service.terminationReason !== null) throw givenUp(service.terminationReason);
    const recipe = typeof operation.recipe === 'string' ? operation.recipe : operation.recipe[service.type];
    if (recipe === undefined) {
      throw new OperationRefusedError('conflict', 'not-for-type', `Services of type ${service.type} know no ${name}.`);
    }
    return {
      context: { manager, service, input: checked, requestedBy, now: this.clock.now(), tools: this.tools },
      operation,
      recipe: this.registry.newest(recipe),
    };
  }

  /** Puts aside the task that is open, where it gives way; see the class. */
  private async makeRoom(
    manager: EntityManager,
    serviceId: string,
    open: ProvisioningTask | null,
    operation: string,
  ): Promise<void> {
    if (open !== null) {
      await this.refuseUnlessYielding(manager, open);
      await manager.query(
        `UPDATE provisioning_steps SET state = 'skipped', reason = $2, next_attempt_at = NULL, finished_at = clock_timestamp()
          WHERE task_id = $1 AND state NOT IN ('completed', 'skipped', 'failed')`,
        [open.id, `put aside: ${operation} was asked for; reprovision makes it later`],
      );
      await this.journal.change(manager, open.id, {
        status: 'completed',
        wakeInMs: null,
        completed: true,
        event: { type: 'task.put_aside', data: { operation } },
      });
    }
    // Two requests at once: the second was waiting for the service's row while the first wrote its task.
    const other = await manager.findOneBy(ProvisioningTask, { serviceId, status: In(openStatuses) });
    if (other !== null) throw conflict(other);
  }

  private async refuseUnlessYielding(manager: EntityManager, open: ProvisioningTask): Promise<void> {
    const recipe = this.registry.find(open.recipe, open.recipeVersion);
    const steps = await manager.findBy(ProvisioningStep, { taskId: open.id });
    const yields =
      recipe !== undefined &&
      open.direction === 'forward' &&
      leavesOptional(recipe, steps) &&
      steps.every(({ state }) => state !== 'intent');
    if (!yields) throw conflict(open);
  }
}

function conflict({ id, operation, status }: ProvisioningTask): TaskConflictError {
  return new TaskConflictError(
    `Another operation (${operation}) on this service is ${status}: wait until it is done, or cancel it.`,
    id,
  );
}
