import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { ProvisioningTask } from './provisioning-task.entity.js';
import { Journal } from './journal.service.js';
import type { StepRow } from './journal.types.js';
import { Calls } from './calls.js';
import { Drive } from './drive.js';
import { Leases } from './leases.service.js';
import { Openings } from './openings.js';
import { OrderPorts } from './order-ports.js';
import type { Recipe, RecipeStep } from './recipe.js';
import { RecipeRegistry } from './recipe-registry.js';
import { StepRunner } from './step-runner.service.js';
import { isFinished, isUsable, nextDueMs, nextToUndo, readySteps, stateOfTask } from './task-state.js';

/** Milliseconds until a task whose recipe this worker does not know is tried again, perhaps by another worker. */
const unknownRecipeMs = 60_000;

/** Milliseconds until a task is looked at again of which nobody knows what it waits for. */
const idleMs = 60_000;

/** Drives a task as far as it goes now: every step that is due, independent ones at the same time. */
@Injectable()
export class TaskRunner {
  private readonly logger = new Logger(TaskRunner.name);
  private readonly openings = new Openings();
  /** Tasks that this process is at. */
  private readonly driven = new Map<string, Calls>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly journal: Journal,
    private readonly leases: Leases,
    private readonly registry: RecipeRegistry,
    private readonly ports: OrderPorts,
    private readonly steps: StepRunner,
  ) {}

  /**
   * Works the task until nothing is due. Safe at any time, any number of times, on any number of workers: each step is done by
   * whoever claims it. A finished task is left alone. Returns at once when this process is at the task already: it looks again then.
   * @param signal no new step begins once it fires
   */
  async drive(taskId: string, signal?: AbortSignal): Promise<void> {
    const driven = this.driven.get(taskId);
    if (driven !== undefined) return driven.call();
    const calls = new Calls();
    this.driven.set(taskId, calls);
    try {
      do {
        calls.answer();
        await this.driveOnce(taskId, calls, signal);
      } while (calls.pending && signal?.aborted !== true);
    } finally {
      this.driven.delete(taskId);
    }
    // Whoever called relies on being heard, if not by this process.
    if (calls.pending) await this.journal.wakeAlone([taskId]);
  }

  private async driveOnce(taskId: string, calls: Calls, signal?: AbortSignal): Promise<void> {
    const [task, rows] = await Promise.all([this.journal.begin(taskId), this.journal.steps(taskId)]);
    if (task === undefined) return;
    const recipe = this.registry.find(task.recipe, task.recipeVersion);
    if (recipe === undefined) return this.putOff(task);
    const { manager } = this.dataSource;
    const drive = new Drive(task, recipe, manager, this.ports, () => this.journal.steps(taskId));
    await this.leases.whileRunning(taskId, async () => {
      if (task.direction === 'forward') {
        const opened = task.was === 'queued' ? await this.openings.enter() : undefined;
        try {
          // Whoever else is at it may have written since they were read.
          await drive.read(task.was === 'running' ? undefined : rows);
          // What waits was told before.
          if (task.was !== 'waiting') await recipe.hooks.started?.(manager, (await drive.frame()).order);
          await this.forward(drive, calls, signal, opened);
          if (await this.rests(drive)) return;
        } finally {
          opened?.();
        }
        if (!(await this.settle(drive))) return;
      }
      await this.backward(drive, signal);
      await this.settle(drive);
    });
  }

  private async putOff(task: ProvisioningTask): Promise<void> {
    this.logger.error(
      `task ${task.id} needs the recipe ${task.recipe} version ${task.recipeVersion}, which this worker does not know: run a worker that does`,
    );
    await this.journal.decide(task.id, async (manager, { status }) => {
      if (status !== 'running') return;
      await this.journal.change(manager, task.id, {
        status: 'waiting',
        wakeInMs: unknownRecipeMs,
        error: `No worker knows the recipe ${task.recipe} version ${task.recipeVersion}.`,
        errorCode: 'invalid-config',
      });
    });
  }

  /**
   * Runs what is ready until nothing is. When the database fails a step, those under way are waited for, and no more begin.
   * @param opened called when the first step goes to its vendor
   */
  private async forward(drive: Drive, calls: Calls, signal?: AbortSignal, opened?: () => void): Promise<void> {
    const { recipe } = drive;
    const running = new Map<string, Promise<void>>();
    const failures: unknown[] = [];
    const follow = (name: string, work: Promise<void>) => {
      const followed = work.catch((thrown: unknown) => void failures.push(thrown)).finally(() => running.delete(name));
      running.set(name, followed);
    };
    let announced = false;
    let known = true;
    try {
      while (failures.length === 0) {
        if (!known || calls.pending) {
          const called = calls.pending;
          calls.answer();
          known = true;
          // Taken up anew, so that nobody else who is at the task lets it rest, whatever he knows.
          const [again] = await Promise.all([called ? this.journal.begin(drive.task.id) : undefined, drive.read()]);
          if (again !== undefined) drive.takenUp(again);
        }
        const begun = new Set<string>(running.keys());
        let ready = this.ready(drive, begun, signal);
        while (ready.length > 0) {
          const frame = await drive.frame();
          const passed = await Promise.all(
            ready.map(async ({ step, row }) => {
              const access = await this.steps.access(step, frame);
              if ('skip' in access && row.state === 'pending') return this.pass(row, access.skip);
              begun.add(step.name);
              if ('bound' in access && access.bound !== undefined) opened?.();
              const before = calls.count;
              const work = this.steps.run(step, row, frame, access).then((end) => {
                // A call that came meanwhile may have been for this step, which is held no longer then.
                if (!drive.note(step, end) || calls.count > before) known = false;
              });
              follow(step.name, work);
              return false;
            }),
          );
          ready = passed.includes(true) ? this.ready(drive, begun, signal) : [];
        }
        const { rows } = drive;
        if (!announced && isUsable(recipe, rows) && !rows.every((row) => isFinished(row))) {
          announced = true;
          // Beside the optional steps: they must not keep the customer waiting, nor wait themselves.
          follow('completed', this.announce(drive));
        }
        if (running.size > 0) await Promise.race([...running.values(), calls.next()]);
        else if (begun.size === 0 && known && !calls.pending) return;
      }
    } finally {
      await Promise.all(running.values());
    }
    throw failures[0];
  }

  private ready(
    { recipe, rows }: Drive,
    begun: ReadonlySet<string>,
    signal?: AbortSignal,
  ): { step: RecipeStep; row: StepRow }[] {
    if (signal?.aborted === true) return [];
    return readySteps(recipe, rows).filter(({ step }) => !begun.has(step.name));
  }

  /** Passes over a step that is not needed, in the table and in the rows at hand. */
  private async pass(row: StepRow, reason: string): Promise<boolean> {
    if (await this.journal.skip(row.id, reason)) row.state = 'skipped';
    return row.state === 'skipped';
  }

  /** The service can be used from now on; what is optional must not keep the customer waiting. */
  private async announce(drive: Drive): Promise<void> {
    const { recipe } = drive;
    if (await this.isAnnounced(drive)) return;
    await this.journal.undecided(drive.task.id, async (manager, task) => {
      const state = stateOfTask(recipe, await this.journal.steps(task.id, manager), task);
      if (state.kind !== 'waiting' || state.degraded === undefined) return;
      await recipe.hooks.completed?.(manager, await recipe.hooks.load(manager, task.input), state.degraded);
    });
  }

  /** Whether nothing has to be said that the order does not show already. */
  private async isAnnounced(drive: Drive): Promise<boolean> {
    const { task, recipe, rows } = drive;
    const state = stateOfTask(recipe, rows, task);
    if (state.kind !== 'waiting' || state.degraded === undefined) return true;
    return recipe.hooks.isAnnounced?.((await drive.frame()).order, state.degraded) === true;
  }

  /** Takes effects back, last first, one at a time. Stops at the first that has to wait. */
  private async backward(drive: Drive, signal?: AbortSignal): Promise<void> {
    const { task, recipe } = drive;
    for (;;) {
      await drive.read();
      const next = nextToUndo(drive.rows);
      if (next === undefined || signal?.aborted === true) return;
      const step = recipe.steps.find((known) => known.name === next.name);
      if (step === undefined) return;
      await this.steps.undo(step, next, await drive.frame());
      drive.changed();
      const after = (await this.journal.steps(task.id)).find((row) => row.id === next.id);
      if (after?.state !== 'compensated') return;
    }
  }

  /**
   * Whether the task merely waits, as most runs end: then it takes one statement to say so. Whoever changes a step decides after that,
   * so what is known here is new enough; anything but waiting is decided under the task's lock.
   */
  private async rests(drive: Drive): Promise<boolean> {
    const { task, recipe, rows } = drive;
    const state = stateOfTask(recipe, rows, task);
    if (state.kind !== 'waiting') return false;
    // What was announced meanwhile shows when the order is read again.
    if (state.degraded !== undefined) drive.changed();
    if (!(await this.isAnnounced(drive))) return false;
    const dueMs = nextDueMs(recipe, rows, 'forward');
    return this.journal.rest(task, dueMs === undefined ? idleMs : dueMs - drive.ageMs);
  }

  /** Decides what the task is now. True when it has just turned round and its effects are to be taken back. */
  private async settle(drive: Drive): Promise<boolean> {
    const {
      recipe,
      task: { id: taskId },
    } = drive;
    return this.journal.decide(taskId, async (manager, task) => {
      if (!['queued', 'running', 'waiting'].includes(task.status)) return false;
      const rows = await this.journal.steps(taskId, manager);
      const state = stateOfTask(recipe, rows, task);
      switch (state.kind) {
        case 'turn-round':
          await this.journal.change(manager, taskId, {
            direction: 'undo',
            error: state.error,
            errorCode: state.errorCode,
            event: { type: 'task.undoing', data: { error: state.error } },
          });
          return true;
        case 'completed':
          await this.finish(manager, task, recipe, 'completed', state.degraded);
          return false;
        case 'undone':
          await this.finish(manager, task, recipe, task.cancelRequestedAt === null ? 'failed' : 'cancelled', []);
          return false;
        case 'needs-attention':
          await this.journal.change(manager, taskId, {
            status: 'needs_attention',
            wakeInMs: null,
            ...(task.error === null ? { error: state.error, errorCode: state.errorCode } : {}),
            event: { type: 'task.needs_attention', data: { step: state.step, error: state.error } },
          });
          return false;
        case 'waiting':
          if (state.degraded !== undefined) {
            await recipe.hooks.completed?.(manager, await recipe.hooks.load(manager, task.input), state.degraded);
          }
          await this.journal.change(manager, taskId, {
            status: 'waiting',
            wakeInMs: nextDueMs(recipe, rows, task.direction) ?? idleMs,
          });
          return false;
      }
    });
  }

  private async finish(
    manager: EntityManager,
    task: ProvisioningTask,
    recipe: Recipe,
    status: 'completed' | 'failed' | 'cancelled',
    degraded: string[],
  ): Promise<void> {
    const order = await recipe.hooks.load(manager, task.input);
    if (status === 'completed') await recipe.hooks.completed?.(manager, order, degraded);
    else await recipe.hooks.undone?.(manager, order, status);
    await this.journal.change(manager, task.id, {
      status,
      wakeInMs: null,
      completed: true,
      ...(status === 'completed' ? { error: null, errorCode: null } : {}),
      event: { type: `task.${status}`, data: degraded.length > 0 ? { degraded } : {} },
    });
  }
}
