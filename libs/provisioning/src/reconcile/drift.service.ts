import { type DriftConfig, type DriftKind, isPortError } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperationRefusedError } from '../lifecycle/lifecycle.errors.js';
import { LifecycleService } from '../lifecycle/lifecycle.service.js';
import type { OperationName } from '../lifecycle/operations.js';
import { automation, type Requester } from '../lifecycle/requester.types.js';
import { TaskConflictError } from '../tasks/task.errors.js';
import { DriftFinding, type FindingStatus } from './drift-finding.entity.js';
import {
  type AreaState,
  type DriftPlan,
  groupsOf,
  type PlanItem,
  type PlannableFinding,
  planRepairs,
} from './drift-plan.js';
import { BrakeError, DriftConflictError, FindingNotFoundError } from './drift.errors.js';
import { addDriftEvent, type DriftEventType } from './finding-journal.js';
import { driftConfigToken } from './reconciler.service.js';
import { repairs } from './repairs.js';

export interface FindingFilter {
  status?: FindingStatus;
  /** Name of a connection. */
  connection?: string;
  kind?: DriftKind;
  serviceId?: string;
  limit: number;
  offset: number;
}

/** A finding with the name of its connection. */
export type FindingView = DriftFinding & { connection: string };

export interface FindingEvent {
  at: Date;
  type: DriftEventType;
  data: Record<string, unknown>;
}

export interface PlanRequest {
  /** Name of a connection; absent: all. */
  connection?: string;
  /** Exactly these findings, whatever the policy says; absent: those that the policy repairs. */
  ids?: readonly string[];
}

/** What `apply` did. */
export interface AppliedPlan extends DriftPlan {
  applied: { findingId: string; repair: string; taskId?: string }[];
}

const columns = `f.id, f.connection_id AS "connectionId", c.name AS connection, f.area, f.kind, f.key, f.service_id AS "serviceId",
  f.expected, f.actual, f.suggestion, f.status, f.reason, f.task_id AS "taskId", f.first_seen AS "firstSeen",
  f.last_seen AS "lastSeen", f.counted_at AS "countedAt", f.times_seen AS "timesSeen", f.resolved_at AS "resolvedAt"`;

/** Shows what differs, plans what to do about it, and has it done. */
@Injectable()
export class DriftService {
  private readonly logger = new Logger(DriftService.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly lifecycle: LifecycleService,
    @Inject(driftConfigToken) private readonly config: DriftConfig,
  ) {}

  /** Findings, newest first, with the total number. */
  async list({ limit, offset, ...filter }: FindingFilter): Promise<{ items: FindingView[]; total: number }> {
    const { status, connection, kind, serviceId } = filter;
    const from = `FROM drift_findings f JOIN connections c ON c.id = f.connection_id
                  WHERE ($1::text IS NULL OR f.status = $1) AND ($2::text IS NULL OR c.name = $2)
                    AND ($3::text IS NULL OR f.kind = $3) AND ($4::uuid IS NULL OR f.service_id = $4)`;
    const values = [status ?? null, connection ?? null, kind ?? null, serviceId ?? null];
    const items = await this.dataSource.query<FindingView[]>(
      `SELECT ${columns} ${from} ORDER BY f.first_seen DESC, f.id LIMIT $5 OFFSET $6`,
      [...values, limit, offset],
    );
    const [row] = await this.dataSource.query<{ total: number }[]>(`SELECT count(*)::int AS total ${from}`, values);
    return { items, total: row?.total ?? 0 };
  }

  /** One finding with its history, oldest first. @throws FindingNotFoundError */
  async show(id: string): Promise<{ finding: FindingView; history: FindingEvent[] }> {
    const [finding] = await this.dataSource.query<FindingView[]>(
      `SELECT ${columns} FROM drift_findings f JOIN connections c ON c.id = f.connection_id WHERE f.id = $1`,
      [id],
    );
    if (finding === undefined) throw new FindingNotFoundError();
    const history = await this.dataSource.query<FindingEvent[]>(
      'SELECT at, type, data FROM drift_events WHERE finding_id = $1 ORDER BY id',
      [id],
    );
    return { finding, history };
  }

  /** What `apply` would do now. Writes nothing and asks no vendor. */
  async plan(request: PlanRequest = {}): Promise<DriftPlan> {
    const findings = await this.plannable(request.connection);
    const states = await this.areaStates();
    const chosen = request.ids === undefined ? undefined : new Set(request.ids);
    return planRepairs(findings, states, { config: this.config, ...(chosen && { chosen }) });
  }

  /**
   * Has the plan of this moment done. Findings that are repaired by a task are `planned` until an observation no longer shows
   * them. Repeating it does nothing twice.
   * @param request.fingerprint of the plan that was shown; when the present one is another, nothing is done
   * @throws DriftConflictError when the plan has changed
   * @throws BrakeError when all that it would do is refused
   */
  async apply(
    request: PlanRequest & { fingerprint?: string } = {},
    requestedBy: Requester = automation,
  ): Promise<AppliedPlan> {
    const plan = await this.plan(request);
    if (request.fingerprint !== undefined && request.fingerprint !== plan.fingerprint) {
      throw new DriftConflictError('The plan has changed since it was shown: look at the new one and apply that.');
    }
    if (plan.items.length === 0 && plan.refused.length > 0) throw new BrakeError(plan.refused);
    const applied: AppliedPlan['applied'] = [];
    for (const items of groupsOf(plan.items, taskKeyOf)) {
      applied.push(...(await this.repair(items, requestedBy)));
    }
    return { ...plan, applied };
  }

  /** What the policy repairs, on one connection or all. For schedules: what is refused is logged, and nothing is thrown for it. */
  async applyPolicy(): Promise<AppliedPlan['applied']> {
    if (!Object.values(this.config.policy).includes('repair')) return [];
    try {
      const { applied, refused } = await this.apply();
      if (refused.length > 0) this.logger.warn(new BrakeError(refused).message);
      return applied;
    } catch (error) {
      if (!(error instanceof BrakeError)) throw error;
      this.logger.warn(error.message);
      return [];
    }
  }

  /**
   * Leaves a difference as it is, until it changes or disappears. Repeating it replaces the reason.
   * @throws FindingNotFoundError
   * @throws DriftConflictError when it is resolved, or a repair of it is under way
   */
  async ignore(id: string, reason: string, actor: string): Promise<FindingView> {
    await inTransaction(this.dataSource, async (manager) => {
      const finding = await lock(manager, id);
      if (finding.status !== 'open' && finding.status !== 'ignored') {
        throw new DriftConflictError(`The finding is ${finding.status}: there is nothing to ignore.`);
      }
      await manager.update(DriftFinding, { id }, { status: 'ignored', reason });
      await addDriftEvent(manager, id, 'ignored', { reason, actor });
    });
    return (await this.show(id)).finding;
  }

  /**
   * Opens an ignored difference again: it is shown, counts, and may be repaired like any other.
   * @throws FindingNotFoundError
   * @throws DriftConflictError when it is not ignored, so also when it is repeated
   */
  async reopen(id: string, actor: string): Promise<FindingView> {
    await inTransaction(this.dataSource, async (manager) => {
      const { status } = await lock(manager, id);
      if (status !== 'ignored') {
        throw new DriftConflictError(`The finding is ${status}, not ignored: there is nothing to open again.`);
      }
      await manager.update(DriftFinding, { id }, { status: 'open', reason: null });
      await addDriftEvent(manager, id, 'reopened', { actor });
    });
    return (await this.show(id)).finding;
  }

  /** Repairs findings that are one piece of work, in one transaction. None when things have changed meanwhile. */
  private async repair(items: readonly PlanItem[], requestedBy: Requester): Promise<AppliedPlan['applied']> {
    const [first] = items;
    const repair = first && repairs[first.finding.kind];
    if (first === undefined || repair === undefined) return [];
    try {
      return await inTransaction(this.dataSource, async (manager) => {
        const task =
          repair.how === 'operation' ? await this.request(manager, first, repair.operation, requestedBy) : undefined;
        const applied: AppliedPlan['applied'] = [];
        for (const { finding, repair: what } of items) {
          const now = await lock(manager, finding.id);
          if (now.status !== 'open' || now.timesSeen < 2) continue;
          if (repair.how === 'row') await repair.put(manager, now);
          await manager.update(DriftFinding, { id: now.id }, { status: 'planned', taskId: task?.taskId ?? null });
          const type = repair.how === 'row' ? 'repaired' : 'planned';
          await addDriftEvent(manager, now.id, type, { repair: what, actor: requestedBy.actor });
          applied.push({ findingId: now.id, repair: what, ...task });
        }
        if (applied.length === 0) throw new DriftConflictError('The findings are not what they were.');
        return applied;
      });
    } catch (error) {
      const passing =
        error instanceof TaskConflictError ||
        error instanceof OperationRefusedError ||
        error instanceof DriftConflictError ||
        isPortError(error);
      if (!passing) throw error;
      this.logger.warn(
        `${first.repair} of ${first.finding.key} on ${first.finding.connection} was not begun: ${error.message}`,
      );
      return [];
    }
  }

  private request(manager: EntityManager, { finding }: PlanItem, operation: OperationName, requestedBy: Requester) {
    return this.lifecycle.request(manager, { serviceId: finding.serviceId ?? '', operation, requestedBy });
  }

  private plannable(connection?: string): Promise<PlannableFinding[]> {
    return this.dataSource.query<PlannableFinding[]>(
      `SELECT ${columns}, s.status AS "serviceStatus",
              EXISTS (SELECT 1 FROM provisioning_tasks t WHERE t.service_id = f.service_id
                         AND t.status IN ('queued', 'running', 'waiting', 'needs_attention')) AS busy
         FROM drift_findings f JOIN connections c ON c.id = f.connection_id LEFT JOIN services s ON s.id = f.service_id
        WHERE f.status IN ('open', 'planned') AND c.status = 'enabled' AND ($1::text IS NULL OR c.name = $1)
        ORDER BY c.name, f.area, f.kind, f.key`,
      [connection ?? null],
    );
  }

  private areaStates(): Promise<AreaState[]> {
    return this.dataSource.query<AreaState[]>(
      `SELECT DISTINCT ON (connection_id, area) connection_id AS "connectionId", area,
              complete AND suspicion IS NULL AS sound, coalesce(believed, 0) AS believed
         FROM observations ORDER BY connection_id, area, ended_at DESC, id DESC`,
    );
  }
}

/** Findings that one task puts right together. */
function taskKeyOf({ finding, repair }: PlanItem): string {
  return repairs[finding.kind]?.how === 'operation' ? `${finding.serviceId} ${repair}` : finding.id;
}

async function lock(manager: EntityManager, id: string): Promise<DriftFinding> {
  const finding = await manager.findOne(DriftFinding, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (finding === null) throw new FindingNotFoundError();
  return finding;
}
