import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction, isDatabaseAway, newId, queryPrepared } from '@keelson/database';
import { WakeUps } from '@keelson/queue';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { turnSeconds, wakePriority } from '../isolation/wake-priority.js';
import { ProvisioningTask } from './provisioning-task.entity.js';
import { apartSeconds, leaseSeconds } from './lease-seconds.js';
import type { BegunTask, Claim, StepOutcome, StepRow, TaskChange } from './journal.types.js';
import type { Recipe } from './recipe.js';
import { writeOutcome } from './step-outcomes.js';
import { readSteps } from './step-rows.js';
import { lockTask, taskColumns } from './task-rows.js';

interface DueTask {
  id: string;
  priority: number;
  status: string;
  ahead: number;
}

/** Milliseconds below which a task gets a wake-up of its own: the sweeper would be late by a part of it that matters. */
const soonMs = 5_000;

/** So long the outcome of a step is kept for a database that is away. */
const patienceMs = 60_000;

/**
 * The statement does not wait for the disk: for what a worker does again when a crash of the database takes it back. What is flushed after it
 * flushes it too, so nothing is ever remembered without it ("Asynchronous Commit" in the Postgres documentation). Never with an event: somebody
 * may have seen that.
 */
const withoutFlush = `set_config('synchronous_commit', 'off', true)`;

const queue = 'provisioning';
const kind = 'task';

/** Reads and writes tasks and steps. Every rule about leases, fences and due times is in the SQL of this file. */
@Injectable()
export class Journal {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly wakeUps: WakeUps,
  ) {}

  /** Writes a new task with its steps and wakes a worker, in the caller's transaction. Returns the task's id. */
  async create(
    manager: EntityManager,
    recipe: Recipe,
    task: { serviceId: string; customerId: string; input: Record<string, unknown>; priority?: number },
  ): Promise<string> {
    const id = newId();
    const { priority = 0 } = task;
    const [row] = await queryPrepared<{ ahead: number }>(
      manager,
      `WITH task AS (
         INSERT INTO provisioning_tasks (id, recipe, recipe_version, service_id, customer_id, input, priority, next_wake_at, turn)
         VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $11), greatest(clock_timestamp(), (
           SELECT max(turn) + make_interval(secs => $8) FROM provisioning_tasks
            WHERE customer_id = $5 AND priority = $7 AND status IN ('queued', 'running', 'waiting'))))
         RETURNING id, turn
       ), steps AS (
         INSERT INTO provisioning_steps (id, task_id, name, position)
         SELECT step.id, task.id, step.name, step.number - 1
           FROM task, unnest($9::uuid[], $10::text[]) WITH ORDINALITY AS step (id, name, number)
       ), event AS (
         INSERT INTO provisioning_events (task_id, type, data)
         SELECT id, 'task.queued', jsonb_build_object('recipe', $2::text, 'version', $3::int) FROM task
       )
       SELECT extract(epoch FROM turn - clock_timestamp())::float8 / $8 AS ahead FROM task`,
      [
        ...[id, recipe.name, recipe.version, task.serviceId, task.customerId, JSON.stringify(task.input), priority],
        turnSeconds,
        recipe.steps.map(() => newId()),
        recipe.steps.map((step) => step.name),
        leaseSeconds,
      ],
    );
    await this.wake(manager, id, undefined, wakePriority(priority, row?.ahead ?? 0));
    return id;
  }

  /** Wakes a worker for the task after the commit of the caller's transaction. */
  async wake(manager: EntityManager, taskId: string, delayMs?: number, priority?: number): Promise<void> {
    await this.wakeUps.add(manager, {
      queue,
      kind,
      id: taskId,
      ...(delayMs === undefined ? {} : { delayMs }),
      ...(priority === undefined || priority < 1 ? {} : { priority }),
    });
  }

  /** Wakes workers for tasks at once, for no change of the caller's own. */
  async wakeAlone(taskIds: readonly string[]): Promise<void> {
    const wakeUps = taskIds.map((id) => ({ queue, kind, id }) as const);
    await this.wakeUps.addAlone(this.dataSource, wakeUps);
  }

  /** Takes the task up: it is running, and counted as taken up before any work. Undefined when there is nothing to run. */
  async begin(taskId: string): Promise<BegunTask | undefined> {
    const [task] = await queryPrepared<BegunTask>(
      this.dataSource.manager,
      `WITH before AS (
         SELECT id, status, started_at FROM provisioning_tasks
          WHERE id = $1 AND status IN ('queued', 'running', 'waiting') FOR UPDATE
       ), unflushed AS (
         SELECT ${withoutFlush} FROM before WHERE started_at IS NOT NULL
       ), begun AS (
         UPDATE provisioning_tasks t SET status = 'running', started_at = coalesce(t.started_at, clock_timestamp()),
                wake_count = wake_count + 1, next_wake_at = now() + make_interval(secs => $2), updated_at = now()
           FROM before LEFT JOIN unflushed ON true WHERE t.id = before.id RETURNING ${taskColumns}, before.started_at IS NULL AS first, before.status AS was, t.updated_at::text AS version
       ), event AS (
         INSERT INTO provisioning_events (task_id, type) SELECT id, 'task.started' FROM begun WHERE first
       )
       SELECT * FROM begun`,
      [taskId, leaseSeconds],
    );
    return task;
  }

  task(taskId: string): Promise<ProvisioningTask | null> {
    return this.dataSource.manager.findOneBy(ProvisioningTask, { id: taskId });
  }

  /** The steps in order, judged by the database's clock. */
  steps(taskId: string, manager: EntityManager = this.dataSource.manager): Promise<StepRow[]> {
    return readSteps(manager, taskId);
  }

  /**
   * Claims a step: intent before effect. Undefined when it is not due, somebody else holds it, or the task turned round.
   * Commit 1 of 2 of a step.
   * @param seen.fresh only when nobody ever claimed it, so that what was seen before the claim still holds
   * @param seen.absent a look just proved that the effect does not exist: noted with the intent
   */
  async claim(
    stepId: string,
    worker: string,
    seen: { fresh: boolean; absent: boolean } = { fresh: false, absent: false },
  ): Promise<Claim | undefined> {
    return this.claimWhere(
      stepId,
      worker,
      `state = 'intent', attempt = s.attempt + 1, crashes = s.crashes + (old.state = 'intent')::int,
       started_at = coalesce(s.started_at, clock_timestamp())${seen.absent ? `, evidence = '{"absent": true}'` : ''}`,
      `${seen.fresh ? 's.fence = 0 AND ' : ''}(s.state = 'pending'
         OR (s.state IN ('waiting', 'unknown') AND s.next_attempt_at <= clock_timestamp())
         OR (s.state = 'intent' AND s.lease_until < clock_timestamp()))`,
      `t.direction = 'forward' AND t.cancel_requested_at IS NULL`,
      'step.started',
    );
  }

  /** Claims a step for taking its effect back. */
  async claimUndo(stepId: string, worker: string): Promise<Claim | undefined> {
    return this.claimWhere(
      stepId,
      worker,
      `state = 'undoing', undo_attempt = s.undo_attempt + 1`,
      `(s.state IN ('completed', 'waiting', 'unknown', 'failed')
         OR (s.state = 'intent' AND s.lease_until < clock_timestamp())
         OR (s.state = 'undoing' AND (s.lease_until < clock_timestamp() OR s.next_attempt_at <= clock_timestamp())))`,
      `t.direction = 'undo'`,
      'step.undoing',
    );
  }

  /** The task's row is held as well, so that a claim and a decision about the task (cancel, turn round) never both win. */
  private async claimWhere(
    stepId: string,
    worker: string,
    set: string,
    where: string,
    whereTask: string,
    event: string,
  ): Promise<Claim | undefined> {
    const rows = await queryPrepared<Claim>(
      this.dataSource.manager,
      `WITH task AS MATERIALIZED (
         SELECT t.id FROM provisioning_tasks t
          WHERE t.id = (SELECT task_id FROM provisioning_steps WHERE id = $1) AND ${whereTask} FOR SHARE
       ), old AS MATERIALIZED (
         SELECT id, state FROM provisioning_steps WHERE id = $1 AND task_id IN (SELECT id FROM task) FOR UPDATE
       ), claimed AS (
         UPDATE provisioning_steps s
            SET ${set}, fence = s.fence + 1, worker = $2, next_attempt_at = NULL, reason = CASE WHEN s.state <> 'pending' THEN s.reason END,
                lease_until = clock_timestamp() + make_interval(secs => $3 + (s.crashes + (old.state = 'intent')::int) * random() * $4::float8)
           FROM old WHERE s.id = old.id AND ${where}
         RETURNING s.id, s.task_id, s.name, s.fence, s.attempt, s.looks, s.absences, s.crashes, s.undo_attempt, s.output, s.note, s.given, old.state AS was,
                   s.evidence IS NOT NULL AS saw_absent
       ), event AS (
         INSERT INTO provisioning_events (task_id, type, step, data)
         SELECT task_id, '${event}', name, jsonb_build_object('attempt', attempt, 'worker', $2::text) FROM claimed
       )
       SELECT id AS "stepId", task_id AS "taskId", name, fence, attempt, looks, absences, crashes, undo_attempt AS "undoAttempt", output, note, given, was,
              saw_absent AS "sawAbsent"
         FROM claimed`,
      [stepId, worker, leaseSeconds, apartSeconds],
    );
    return rows[0];
  }

  /**
   * Writes, before the step acts for the first time, that its effect does not exist yet. False when the fence has moved on:
   * then the caller must not act.
   */
  async noteAbsent(claim: Claim): Promise<boolean> {
    const rows = await queryPrepared(
      this.dataSource.manager,
      `UPDATE provisioning_steps SET evidence = '{"absent": true}' WHERE id = $1 AND fence = $2::bigint RETURNING id`,
      [claim.stepId, claim.fence],
    );
    return rows.length > 0;
  }

  /**
   * Writes the outcome of a claimed step, with whatever `also` writes, in one transaction. False when the fence has moved on, or when it was
   * written already: then nothing was written and the caller, perhaps a zombie, must touch nothing more. Commit 2 of 2 of a step.
   *
   * What a vendor did must not be forgotten because the database is away for some seconds: meanwhile it is tried again.
   */
  async record(claim: Claim, outcome: StepOutcome, also?: (manager: EntityManager) => Promise<void>): Promise<boolean> {
    for (const end = performance.now() + patienceMs; ; await sleep(patienceMs / 240)) {
      try {
        return await this.recordOnce(claim, outcome, also);
      } catch (thrown) {
        if (!isDatabaseAway(thrown) || performance.now() > end) throw thrown;
      }
    }
  }

  private async recordOnce(
    claim: Claim,
    outcome: StepOutcome,
    also?: (manager: EntityManager) => Promise<void>,
  ): Promise<boolean> {
    if (also === undefined) return writeOutcome(this.dataSource.manager, claim, outcome);
    return inTransaction(this.dataSource, async (manager) => {
      const mine = await writeOutcome(manager, claim, outcome);
      if (mine) await also(manager);
      return mine;
    });
  }

  /** Marks a step that needs no work as skipped. False when somebody claimed it meanwhile. */
  async skip(stepId: string, reason: string): Promise<boolean> {
    const rows = await queryPrepared(
      this.dataSource.manager,
      `WITH skipped AS (
         UPDATE provisioning_steps SET state = 'skipped', reason = $2, started_at = clock_timestamp(), finished_at = clock_timestamp()
          WHERE id = $1 AND state = 'pending' RETURNING task_id, name
       ), event AS (
         INSERT INTO provisioning_events (task_id, type, step, data)
         SELECT task_id, 'step.skipped', name, jsonb_build_object('reason', $2::text) FROM skipped
       )
       SELECT 1 FROM skipped`,
      [stepId, reason],
    );
    return rows.length > 0;
  }

  /** Keeps leases alive, all that this worker holds. Steps and tasks apart, in order: whoever decides about a task holds it before its steps. */
  async renew(
    worker: string,
    claims: readonly Pick<Claim, 'stepId' | 'fence'>[],
    taskIds: readonly string[],
  ): Promise<void> {
    await this.dataSource.query(
      `UPDATE provisioning_steps s SET lease_until = greatest(s.lease_until, clock_timestamp() + make_interval(secs => $4))
         FROM (SELECT id, fence FROM provisioning_steps JOIN unnest($1::uuid[], $2::bigint[]) AS mine (id, fence) USING (id, fence)
                ORDER BY id FOR NO KEY UPDATE OF provisioning_steps) mine
        WHERE s.id = mine.id AND s.fence = mine.fence AND s.worker = $3 AND s.lease_until IS NOT NULL`,
      [claims.map((claim) => claim.stepId), claims.map((claim) => claim.fence), worker, leaseSeconds],
    );
    await this.dataSource.query(
      `UPDATE provisioning_tasks SET next_wake_at = clock_timestamp() + make_interval(secs => $2)
        WHERE id IN (SELECT id FROM provisioning_tasks WHERE id = ANY ($1::uuid[])
                        AND (status = 'running' OR (status = 'waiting' AND next_wake_at > clock_timestamp() + make_interval(secs => $2)))
                      ORDER BY id FOR NO KEY UPDATE)`,
      [[...taskIds], leaseSeconds],
    );
  }

  /**
   * Lets a task wait that nobody decided about since it was taken up; no longer than until the lease of a step ends, as who holds it may die, unless
   * the step stands in a line, from which it is called. False when somebody did decide, or took it up meanwhile, or when it is due so soon that
   * it needs a wake-up: then nothing was changed.
   */
  async rest(task: BegunTask, wakeInMs: number): Promise<boolean> {
    if (wakeInMs < soonMs) return false;
    const rows = await queryPrepared(
      this.dataSource.manager,
      `WITH unflushed AS MATERIALIZED (SELECT ${withoutFlush})
       UPDATE provisioning_tasks t SET status = 'waiting',
              next_wake_at = least(clock_timestamp() + make_interval(secs => $4::float8 / 1000),
                                   (SELECT min(s.lease_until) FROM provisioning_steps s
                                     WHERE s.task_id = t.id
                                       AND NOT EXISTS (SELECT FROM connection_line l WHERE l.step_id = s.id AND l.ticket IS NULL)))
         FROM unflushed
        WHERE id = $1 AND status = 'running' AND wake_count = $2 AND updated_at = $3::timestamptz RETURNING id`,
      [task.id, task.wakeCount, task.version, wakeInMs],
    );
    return rows.length > 0;
  }

  /** Changes the task with its event in the caller's transaction, and leaves a wake-up when one is due soon; the sweeper finds what is due later. */
  async change(manager: EntityManager, taskId: string, change: TaskChange): Promise<void> {
    await queryPrepared(
      manager,
      `WITH changed AS (
         UPDATE provisioning_tasks SET status = coalesce($2, status), direction = coalesce($3, direction),
                next_wake_at = CASE WHEN $4::boolean THEN clock_timestamp() + make_interval(secs => $5::float8 / 1000) ELSE next_wake_at END,
                error = CASE WHEN $6::boolean THEN $7 ELSE error END, error_code = CASE WHEN $6::boolean THEN $8 ELSE error_code END,
                completed_at = CASE WHEN $9::boolean THEN clock_timestamp() ELSE completed_at END, updated_at = now()
          WHERE id = $1 RETURNING id
       )
       INSERT INTO provisioning_events (task_id, type, step, data)
       SELECT id, $10::text, $11::text, $12::jsonb FROM changed WHERE $10::text IS NOT NULL`,
      [
        taskId,
        change.status ?? null,
        change.direction ?? null,
        change.wakeInMs !== undefined,
        change.wakeInMs ?? null,
        change.error !== undefined,
        change.error ?? null,
        change.errorCode ?? null,
        change.completed === true,
        change.event?.type ?? null,
        change.event?.step ?? null,
        JSON.stringify(change.event?.data ?? {}),
      ],
    );
    const { wakeInMs } = change;
    if (typeof wakeInMs === 'number' && wakeInMs < soonMs)
      await this.wake(manager, taskId, Math.max(0, Math.ceil(wakeInMs)));
  }

  /** Wakes every task that is due and nobody woke: after a lost queue or a dead worker. Returns how many. */
  async sweep(limit = 200): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const [due] = await manager.query<[DueTask[], number]>(
        `UPDATE provisioning_tasks SET next_wake_at = clock_timestamp() + make_interval(secs => $2)
          WHERE id IN (SELECT id FROM provisioning_tasks WHERE next_wake_at <= clock_timestamp()
                        ORDER BY next_wake_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id, priority, status, extract(epoch FROM turn - clock_timestamp())::float8 / $3 AS ahead`,
        [limit, leaseSeconds, turnSeconds],
      );
      const inTurn = due.sort((a, b) => a.ahead - b.ahead);
      for (const { id } of inTurn.filter(({ status }) => status !== 'queued')) await this.wake(manager, id);
      for (const { id, priority, ahead } of inTurn.filter(({ status }) => status === 'queued'))
        await this.wake(manager, id, undefined, wakePriority(priority, ahead));
      return due.length;
    });
  }

  /** Runs `work` in a transaction that holds the task's row, so that only one decision about it is made at a time. */
  async decide<T>(taskId: string, work: (manager: EntityManager, task: ProvisioningTask) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, async (manager) => work(manager, await lockTask(manager, taskId)));
  }

  /** Runs `work` in a transaction during which nothing is decided about the task; steps may be claimed. */
  async undecided<T>(taskId: string, work: (manager: EntityManager, task: ProvisioningTask) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, async (manager) => work(manager, await lockTask(manager, taskId, 'SHARE')));
  }
}
