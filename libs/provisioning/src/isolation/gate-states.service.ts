import type { ConnectionLimits } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** How a connection stands with the engine at this moment. */
export interface GateState {
  limits: ConnectionLimits;
  /** `probing`: open, and one step is finding out whether it answers again. */
  breaker: 'closed' | 'open' | 'probing';
  /** Steps in a row that the connection failed. */
  failures: number;
  openSince?: Date;
  nextProbeAt?: Date;
  /** The vendor wants nothing before that. */
  pausedUntil?: Date;
  /** Uses left at once, where there is a rate; below 1 the next has to wait. */
  tokens?: number;
  /** Uses under way; counted only where something limits them. */
  inFlight: number;
  /** Steps that wait for their turn. */
  waiting: number;
}

interface GateRow {
  id: string;
  concurrency: number | null;
  ratePerSecond: number | null;
  burst: number | null;
  failures: number | null;
  openSince: Date | null;
  nextProbeAt: Date | null;
  pausedUntil: Date | null;
  tokens: number | null;
  inFlight: number;
  waiting: number;
  probing: boolean | null;
}

const idle: GateState = { limits: {}, breaker: 'closed', failures: 0, inFlight: 0, waiting: 0 };

/** Tells operators what the gates of connections do. Changes nothing. */
@Injectable()
export class GateStates {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Of all connections, by id. */
  async all(): Promise<Map<string, GateState>> {
    return new Map((await this.read()).map((row) => [row.id, stateOf(row)]));
  }

  /** Of one connection; an idle one for an id that nobody knows. */
  async of(connectionId: string): Promise<GateState> {
    const [row] = await this.read(connectionId);
    return row === undefined ? idle : stateOf(row);
  }

  private read(connectionId?: string): Promise<GateRow[]> {
    return this.dataSource.query<GateRow[]>(
      `SELECT c.id, g.concurrency, g.rate_per_second AS "ratePerSecond", g.burst, g.failures, g.opened_at AS "openSince",
              g.probe_at AS "nextProbeAt", CASE WHEN g.not_before > clock_timestamp() THEN g.not_before END AS "pausedUntil",
              connection_tokens(g) AS tokens, line."inFlight", line.waiting, line.probing
         FROM connections c LEFT JOIN connection_gates g ON g.connection_id = c.id
         CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE l.lease_until > clock_timestamp())::int AS "inFlight",
                  count(*) FILTER (WHERE l.lease_until IS NULL)::int AS waiting,
                  bool_or(l.step_id = g.probe_step AND l.lease_until > clock_timestamp()) AS probing
             FROM connection_line l WHERE l.connection_id = c.id
         ) line
        WHERE $1::uuid IS NULL OR c.id = $1`,
      [connectionId ?? null],
    );
  }
}

function stateOf(row: GateRow): GateState {
  const open = row.probing === true ? 'probing' : 'open';
  return {
    limits: {
      ...(row.concurrency !== null && { concurrency: row.concurrency }),
      ...(row.ratePerSecond !== null && { ratePerSecond: row.ratePerSecond }),
      ...(row.burst !== null && { burst: row.burst }),
    },
    breaker: row.openSince === null ? 'closed' : open,
    failures: row.failures ?? 0,
    ...(row.openSince !== null && { openSince: row.openSince }),
    ...(row.nextProbeAt !== null && { nextProbeAt: row.nextProbeAt }),
    ...(row.pausedUntil !== null && { pausedUntil: row.pausedUntil }),
    ...(row.tokens !== null && { tokens: Math.round(row.tokens * 100) / 100 }),
    inFlight: row.inFlight,
    waiting: row.waiting,
  };
}
