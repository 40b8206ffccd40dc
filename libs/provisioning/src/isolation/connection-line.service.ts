import { queryPrepared } from '@keelson/database';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Journal } from '../engine/journal.service.js';
import { type HoldFacts, type HoldKind, holdReason } from './hold-reason.js';
import type { IsolationPolicy, Verdict } from './isolation-policy.js';

export const isolationPolicyToken = Symbol('IsolationPolicy');

/**
 * The gates of connections and the steps that wait before them, shared by all workers. The rules are functions of the database
 * (migration `create-connection-line`), judged by its clock under the lock of the gate's row.
 */
@Injectable()
export class ConnectionLine {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly journal: Journal,
    @Inject(isolationPolicyToken) private readonly policy: IsolationPolicy,
  ) {}

  /**
   * Asks to begin a step. Undefined: it may, and its place (a token, one of the calls at a time) is taken for the ticket until
   * `leave`, or until its lease ends. Otherwise it waits in the line now, and why.
   */
  async admit(stepId: string, connectionId: string, ticket: string): Promise<Hold | undefined> {
    const { leaseSeconds, retrySeconds } = this.policy;
    const [hold] = await queryPrepared<Hold>(
      this.dataSource.manager,
      `SELECT hold AS kind, (gate).opened_at AS "openedAt", (gate).probe_at AS "probeAt", (gate).not_before AS "notBefore",
              (gate).concurrency, (gate).rate_per_second AS "ratePerSecond" FROM admit_step($1, $2, $3, $4, $5)`,
      [stepId, connectionId, ticket, leaseSeconds, retrySeconds],
    );
    return hold;
  }

  /** Puts a step into the line; one that waits already keeps its place. */
  async join(stepId: string, connectionId: string): Promise<void> {
    await this.dataSource.query('SELECT join_connection_line($1, $2, $3)', [
      stepId,
      connectionId,
      this.policy.retrySeconds,
    ]);
  }

  /** Writes why the step waits where operators see it. False when it does not stand in the line: somebody is at it. */
  async explain(
    stepId: string,
    hold: Pick<Hold, 'kind'> & Partial<Hold>,
    { connection }: NamedConnection,
  ): Promise<boolean> {
    const [row] = await queryPrepared<{ waits: boolean }>(
      this.dataSource.manager,
      `WITH held AS (
         UPDATE provisioning_steps SET reason = $2, connection = $3
          WHERE id = $1 AND reason IS DISTINCT FROM $2 AND (lease_until IS NULL OR lease_until < clock_timestamp())
            AND EXISTS (SELECT FROM connection_line l WHERE l.step_id = $1 AND l.lease_until IS NULL)
         RETURNING task_id, name
       ), event AS (
         INSERT INTO provisioning_events (task_id, type, step, data)
         SELECT task_id, 'step.held', name, jsonb_build_object('reason', $2::text, 'connection', $3::text) FROM held
       )
       SELECT EXISTS (SELECT FROM connection_line WHERE step_id = $1 AND lease_until IS NULL) AS waits`,
      [stepId, holdReason(hold.kind, connection, hold), connection],
    );
    return row?.waits === true;
  }

  /**
   * Ends what `admit` began, or reports on a connection whose gate nobody watched. Then calls the next in line, as `call` does.
   * @param pauseMs the vendor wants nothing for so long
   */
  async leave(
    stepId: string,
    connectionId: string,
    ticket: string | undefined,
    verdict: Verdict,
    pauseMs: number | undefined,
    most: number,
  ): Promise<void> {
    const { failures, probeSeconds, longestProbeSeconds, leaseSeconds } = this.policy;
    const called = await queryPrepared<{ task: string }>(
      this.dataSource.manager,
      'SELECT task FROM leave_and_call($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      [
        ...[connectionId, stepId, ticket ?? null, verdict, pauseMs ?? null],
        ...[failures, probeSeconds, longestProbeSeconds, most, leaseSeconds],
      ],
    );
    await this.journal.wakeAlone(called.map(({ task }) => task));
  }

  /**
   * Calls the next in line, as many as the gate has room for and at most `most`: each has its place, and its task is woken. When that
   * is cut off in between, the places come back with their leases. Returns how many were called.
   */
  async call(connectionId: string, most: number): Promise<number> {
    if (most < 1) return 0;
    const called = await queryPrepared<{ task: string }>(
      this.dataSource.manager,
      'SELECT task FROM call_connection_line($1, $2, $3)',
      [connectionId, most, this.policy.leaseSeconds],
    );
    await this.journal.wakeAlone(called.map(({ task }) => task));
    return called.length;
  }

  /** Connections with steps that wait. */
  async waited(): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      'SELECT DISTINCT connection_id AS id FROM connection_line WHERE lease_until IS NULL',
    );
    return rows.map(({ id }) => id);
  }

  /** Keeps the places of steps that run. */
  async renew(tickets: readonly string[]): Promise<void> {
    await this.dataSource.query(
      'UPDATE connection_line SET lease_until = clock_timestamp() + make_interval(secs => $2) WHERE ticket = ANY ($1::uuid[])',
      [tickets, this.policy.leaseSeconds],
    );
  }

  /** Who was called and did not come waits again; what is over, and what dead workers left, goes. */
  async tidy(): Promise<void> {
    await this.dataSource.query(
      `WITH over AS (
         DELETE FROM connection_line l USING provisioning_tasks t
          WHERE t.id = l.task_id AND (l.ticket IS NULL OR l.lease_until < clock_timestamp())
            AND (t.status NOT IN ('queued', 'running', 'waiting') OR t.direction <> l.direction
                 OR (t.direction = 'forward' AND t.cancel_requested_at IS NOT NULL))
       ), dead AS (
         DELETE FROM connection_line WHERE ticket IS NOT NULL AND lease_until < clock_timestamp() - interval '1 minute'
       )
       UPDATE connection_line SET lease_until = NULL WHERE ticket IS NULL AND lease_until < clock_timestamp()`,
    );
  }
}

/** Why a step waits, with the gate at that moment. */
export type Hold = HoldFacts & { kind: HoldKind };

/** A connection with its name, for people. */
export interface NamedConnection {
  connectionId: string;
  connection: string;
}
