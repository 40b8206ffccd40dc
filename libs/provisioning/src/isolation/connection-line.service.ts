import { queryPrepared } from '@keelson/database';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Journal } from '../engine/journal.service.js';
import { type HoldFacts, holdReason } from './hold-reason.js';
import type { IsolationPolicy, Verdict } from './isolation-policy.js';

export const isolationPolicyToken = Symbol('IsolationPolicy');

/**
 * The gates of connections and the steps that wait before them, shared by all workers. The rules are functions of the database
 * (migrations `create-connection-line` and later), judged by its clock under the lock of the gate's row.
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
   * `leave`, or until its lease ends. Otherwise it waits in the line now, unless it is busy.
   */
  async admit(stepId: string, connectionId: string, ticket: string): Promise<Hold | undefined> {
    const { leaseSeconds, retrySeconds } = this.policy;
    const [row] = await queryPrepared<{ hold: Hold | null }>(
      this.dataSource.manager,
      'SELECT admit_step($1, $2, $3, $4, $5) AS hold',
      [stepId, connectionId, ticket, leaseSeconds, retrySeconds],
    );
    return row?.hold ?? undefined;
  }

  /** Puts a step into the line; one that waits already keeps its place. False when somebody is at it. */
  async join(stepId: string, connectionId: string): Promise<boolean> {
    const [row] = await queryPrepared<{ waits: boolean }>(
      this.dataSource.manager,
      'SELECT join_connection_line($1, $2, $3) AS waits',
      [stepId, connectionId, this.policy.retrySeconds],
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

  /** Connections with steps that wait, and why they do. */
  waited(): Promise<WaitedFor[]> {
    return this.dataSource.query<WaitedFor[]>(
      `SELECT c.id, c.name AS connection, g.opened_at AS "openedAt", g.probe_at AS "probeAt", g.not_before AS "notBefore", g.concurrency,
              g.rate_per_second AS "ratePerSecond",
              CASE WHEN g.not_before > clock_timestamp() THEN 'paused'
                   WHEN g.opened_at IS NOT NULL THEN 'open'
                   WHEN g.rate_per_second IS NOT NULL AND (g.concurrency IS NULL OR connection_tokens(g) < 1) THEN 'rate'
                   WHEN g.concurrency IS NOT NULL THEN 'concurrency'
                   ELSE 'line' END AS kind
         FROM connections c LEFT JOIN connection_gates g ON g.connection_id = c.id
        WHERE c.id IN (SELECT connection_id FROM connection_line WHERE lease_until IS NULL)`,
    );
  }

  /**
   * Writes why they wait where operators see it, at steps that have waited for a second; for what is over sooner there is no need. Some hundreds
   * at a time: the rest when it is called again.
   */
  async explain(waited: readonly WaitedFor[]): Promise<void> {
    await this.dataSource.query(
      `WITH told AS MATERIALIZED (
         SELECT s.id, why.connection, why.reason
           FROM unnest($1::uuid[], $2::text[], $3::text[]) AS why (id, connection, reason)
           JOIN connection_line l ON l.connection_id = why.id AND l.lease_until IS NULL AND l.since < clock_timestamp() - interval '1 second'
           JOIN provisioning_steps s ON s.id = l.step_id JOIN provisioning_tasks t ON t.id = l.task_id
          WHERE s.reason IS DISTINCT FROM why.reason AND (s.lease_until IS NULL OR s.lease_until < clock_timestamp())
          LIMIT 500 FOR NO KEY UPDATE OF s SKIP LOCKED FOR KEY SHARE OF t SKIP LOCKED
       ), held AS (
         UPDATE provisioning_steps s SET reason = told.reason, connection = told.connection FROM told WHERE s.id = told.id
         RETURNING s.task_id, s.name, s.reason, s.connection
       )
       INSERT INTO provisioning_events (task_id, type, step, data)
       SELECT task_id, 'step.held', name, jsonb_build_object('reason', reason, 'connection', connection) FROM held`,
      [
        waited.map(({ id }) => id),
        waited.map(({ connection }) => connection),
        waited.map((facts) => holdReason(facts)),
      ],
    );
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

/** Why a step may not begin. `full`: its connection has no room. `line`: it has, but others go first. `busy`: somebody is at the step already. */
export type Hold = 'full' | 'line' | 'busy';

/** A connection that steps wait for. */
export type WaitedFor = HoldFacts & { id: string };
