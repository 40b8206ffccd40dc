import { inTransaction } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Journal } from '../engine/journal.service.js';
import type { RecipeStep } from '../engine/recipe.js';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import { ProvisioningStep } from '../engine/provisioning-step.entity.js';
import { ProvisioningTask } from '../engine/provisioning-task.entity.js';
import { TaskConflictError, TaskNotFoundError } from './task.errors.js';

/** Who decides, and why: kept with the step and in the task's events. */
export interface Decision {
  /** Such as the e-mail address of the operator. */
  by: string;
  reason: string;
}

/** What a person may decide about a step that does not get on by itself. Each decision is one event of the task. */
@Injectable()
export class OperatorDesk {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly journal: Journal,
    private readonly registry: RecipeRegistry,
  ) {}

  /**
   * Passes over a step: the task goes on as if it were not needed. What the step may have left at its vendor is the operator's to
   * clear away. Repeating it is a conflict.
   * @throws TaskNotFoundError when the task or the step does not exist
   * @throws TaskConflictError when the task is over, a worker is at the step, or the step is done
   */
  async skip(taskId: string, stepName: string, { by, reason }: Decision): Promise<void> {
    await this.decide(taskId, stepName, async (manager, task, step) => {
      if (task.direction === 'undo') throw conflict(task, 'The task is being taken back: mark the step done instead.');
      await manager.query(
        `UPDATE provisioning_steps SET state = 'skipped', reason = $2, error = NULL, error_code = NULL, next_attempt_at = NULL,
                started_at = coalesce(started_at, clock_timestamp()), finished_at = clock_timestamp(), fence = fence + 1
          WHERE id = $1`,
        [step.id, `passed over by ${by}: ${reason}`],
      );
      await this.resume(manager, task, { type: 'step.passed_over', step: stepName, data: { by, reason } });
    });
  }

  /**
   * Marks a step done that a person did by hand. The engine then checks and records what is given as if the step had returned it.
   * A step that is being taken back is marked as taken back.
   * @param evidence how he knows
   * @param output what later steps need to know; each step says what it accepts
   * @throws TaskNotFoundError, TaskConflictError as `skip`, and when the step can only find its effect itself: retry it instead
   * @throws PortError `invalid-input` when the output does not fit the step
   */
  async markDone(
    taskId: string,
    stepName: string,
    done: { by: string; evidence: string; output?: Record<string, unknown> },
  ): Promise<void> {
    const { by, evidence, output = null } = done;
    await this.decide(taskId, stepName, async (manager, task, step, declared) => {
      if (task.direction === 'undo') {
        await manager.query(
          `UPDATE provisioning_steps SET state = 'compensated', reason = $2, error = NULL, error_code = NULL, evidence = NULL,
                  next_attempt_at = NULL, finished_at = clock_timestamp(), fence = fence + 1
            WHERE id = $1`,
          [step.id, `taken back by ${by}: ${evidence}`],
        );
        if (declared.unrecord !== undefined) {
          const recipe = this.registry.find(task.recipe, task.recipeVersion);
          await declared.unrecord({ order: await recipe?.hooks.load(manager, task.input) }, manager);
        }
      } else {
        if (declared.accept === undefined && (declared.record !== undefined || output !== null)) {
          throw conflict(task, `The step ${stepName} finds out by itself what was done: retry the job instead.`);
        }
        declared.accept?.(output ?? {});
        await manager.query(
          `UPDATE provisioning_steps SET state = 'waiting', given = $2, next_attempt_at = clock_timestamp(), reason = NULL,
                  error = NULL, error_code = NULL, fence = fence + 1
            WHERE id = $1`,
          [step.id, JSON.stringify({ output, evidence, by })],
        );
      }
      await this.resume(manager, task, { type: 'step.done_by_hand', step: stepName, data: { by, evidence } });
    });
  }

  private async decide(
    taskId: string,
    stepName: string,
    work: (
      manager: EntityManager,
      task: ProvisioningTask,
      step: ProvisioningStep,
      declared: RecipeStep,
    ) => Promise<void>,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const task = await manager.findOne(ProvisioningTask, {
        where: { id: taskId },
        lock: { mode: 'for_no_key_update' },
      });
      if (task === null) throw new TaskNotFoundError();
      const step = await manager.findOne(ProvisioningStep, {
        where: { taskId, name: stepName },
        lock: { mode: 'pessimistic_write' },
      });
      const recipe = this.registry.find(task.recipe, task.recipeVersion);
      const declared = recipe?.steps.find(({ name }) => name === stepName);
      if (step === null || declared === undefined) throw new TaskNotFoundError('The job has no such step.');
      if (['completed', 'failed', 'cancelled'].includes(task.status)) {
        throw conflict(task, `The job is ${task.status}: nothing is left to decide.`);
      }
      if (['completed', 'skipped', 'compensated'].includes(step.state)) {
        throw conflict(task, `The step ${stepName} is ${step.state} already.`);
      }
      if (step.leaseUntil !== null) {
        throw conflict(task, `A worker is at the step ${stepName}: wait until it rests, or cancel the job.`);
      }
      await work(manager, task, step, declared);
    });
  }

  private async resume(
    manager: EntityManager,
    task: ProvisioningTask,
    event: { type: string; step: string; data: Record<string, unknown> },
  ): Promise<void> {
    await this.journal.change(manager, task.id, {
      ...(task.status === 'needs_attention' ? { status: 'queued' as const, error: null, errorCode: null } : {}),
      wakeInMs: 0,
      event,
    });
  }
}

function conflict(task: ProvisioningTask, message: string): TaskConflictError {
  return new TaskConflictError(message, task.id);
}
