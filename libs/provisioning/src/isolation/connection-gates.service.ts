import { newId } from '@keelson/database';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Held, StepOutcome } from '../engine/journal.types.js';
import type { Bulkhead } from './bulkhead.js';
import { ConnectionLine, type Hold, isolationPolicyToken } from './connection-line.service.js';
import { type IsolationPolicy, pauseOf, verdictOf } from './isolation-policy.js';
import { KnownGates } from './known-gates.js';

/** Told as soon as a vendor has answered: how the step ended. */
export type Answered = (outcome: StepOutcome) => void;

export const bulkheadToken = Symbol('Bulkhead');

/**
 * Lets steps through to their connections: within the connection's limits, not while its breaker is open or its vendor wants a
 * pause, and never so many that one connection takes the whole process. A step that may not begin waits in the line of its
 * connection: no attempt is counted, and no worker is kept.
 */
@Injectable()
export class ConnectionGates implements OnApplicationShutdown {
  private readonly logger = new Logger(ConnectionGates.name);
  private readonly known: KnownGates;
  private readonly tickets = new Set<string>();
  private timer?: NodeJS.Timeout;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly line: ConnectionLine,
    @Inject(bulkheadToken) private readonly bulkhead: Bulkhead,
    @Inject(isolationPolicyToken) private readonly policy: IsolationPolicy,
  ) {
    this.known = new KnownGates(dataSource);
  }

  /**
   * Runs `work` and returns what it does, or leaves the step in the line of its connection. A connection without limits and without trouble costs nothing.
   * @param connection undefined for a step that talks to nobody
   * @param work says how the step ended as soon as the vendor has answered: the place is free then, whatever is still to be written. It says
   *   nothing when the step turned out to be somebody else's
   */
  async through<T>(
    stepId: string,
    connection: { connectionId: string } | undefined,
    work: (answered: Answered) => Promise<T>,
  ): Promise<T | Held | undefined> {
    if (connection === undefined) return work(() => undefined);
    const { connectionId } = connection;
    if (!this.bulkhead.enter(connectionId)) {
      this.known.add(connectionId);
      return (await this.line.join(stepId, connectionId)) ? this.held() : undefined;
    }
    let ticket: string | undefined;
    let left: Promise<void> | undefined;
    const leave = (outcome?: StepOutcome) => (left ??= this.leave(stepId, connectionId, ticket, outcome));
    try {
      if (await this.known.has(connectionId)) {
        ticket = newId();
        const hold = await this.line.admit(stepId, connectionId, ticket);
        if (hold !== undefined) {
          left = this.turnAway(connectionId, hold);
          return hold === 'busy' ? undefined : this.held();
        }
        this.tickets.add(ticket);
        this.keep();
      }
      return await work(leave);
    } finally {
      await leave();
    }
  }

  private held(): Held {
    return { state: 'held', delayMs: this.policy.retrySeconds * 1000 };
  }

  /** Calls steps that wait for the connection, as many as this process could take. */
  call(connectionId: string): Promise<number> {
    return this.line.call(connectionId, this.bulkhead.free(connectionId));
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async leave(stepId: string, connectionId: string, ticket?: string, outcome?: StepOutcome): Promise<void> {
    this.bulkhead.leave(connectionId);
    if (ticket !== undefined) this.tickets.delete(ticket);
    const verdict = verdictOf(outcome);
    const pauseMs = pauseOf(outcome);
    if (verdict === 'failure' || pauseMs !== undefined) this.known.add(connectionId);
    try {
      if (!(await this.known.has(connectionId))) return;
      await this.line.leave(stepId, connectionId, ticket, verdict, pauseMs, this.bulkhead.free(connectionId));
    } catch (error) {
      this.logger.warn(`the place of a step at its connection comes back with its lease only: ${String(error)}`);
    }
  }

  /** A step waits in the line now; where only the line was in its way, whoever is first is called. */
  private async turnAway(connectionId: string, hold: Hold): Promise<void> {
    this.bulkhead.leave(connectionId);
    if (hold !== 'line') return;
    try {
      await this.call(connectionId);
    } catch (error) {
      this.logger.warn(`whoever is first in a line is called a little later: ${String(error)}`);
    }
  }

  private keep(): void {
    this.timer ??= setInterval(() => void this.renew(), (this.policy.leaseSeconds * 1000) / 3).unref();
  }

  private async renew(): Promise<void> {
    if (this.tickets.size === 0) return;
    try {
      await this.line.renew([...this.tickets]);
    } catch (error) {
      this.logger.warn(`places at connections could not be renewed: ${String(error)}`);
    }
  }
}
