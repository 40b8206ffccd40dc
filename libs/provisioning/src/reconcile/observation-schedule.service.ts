import { inTransaction } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { Area } from './reconcile.types.js';

/** Seconds that an observer may give no sign of life. */
export const observationLeaseSeconds = 60;

/** Lets one process at a time decide who observes what. */
const claiming = 0x6b656472;

export interface ObservationTarget {
  connectionId: string;
  area: Area;
}

/** Whoever holds it, and only while the fence stands, may conclude something from what it sees. */
export interface ObservationClaim extends ObservationTarget {
  fence: string;
  /** By the database's clock. */
  startedAt: Date;
}

/**
 * Due times and leases, a row per connection and area, by the database's clock. A connection is observed by one process at a time,
 * whatever the area. After an outage each row is due once, however long it lasted.
 */
@Injectable()
export class ObservationSchedule {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Makes rows, due at once, for targets that have none. */
  async ensure(targets: readonly ObservationTarget[]): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO observation_schedules (connection_id, area) SELECT * FROM unnest($1::uuid[], $2::text[])
       ON CONFLICT DO NOTHING`,
      columnsOf(targets),
    );
  }

  /**
   * Takes the target that has been due longest, or, when `now` is set, the first whether due or not. Undefined when none is
   * left, or others observe their connections.
   */
  claim(targets: readonly ObservationTarget[], options: { now?: boolean } = {}): Promise<ObservationClaim | undefined> {
    return inTransaction(this.dataSource, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [claiming]);
      const [rows] = await manager.query<[ObservationClaim[], number]>(
        `UPDATE observation_schedules SET lease_until = clock_timestamp() + make_interval(secs => $3), fence = fence + 1
          WHERE (connection_id, area) = (
            SELECT s.connection_id, s.area
              FROM observation_schedules s
              JOIN unnest($1::uuid[], $2::text[]) AS wanted (connection_id, area) USING (connection_id, area)
             WHERE (s.due_at <= clock_timestamp() OR $4)
               AND NOT EXISTS (SELECT 1 FROM observation_schedules o
                                WHERE o.connection_id = s.connection_id AND o.lease_until > clock_timestamp())
             ORDER BY s.due_at LIMIT 1)
        RETURNING connection_id AS "connectionId", area, fence, clock_timestamp() AS "startedAt"`,
        [...columnsOf(targets), observationLeaseSeconds, options.now === true],
      );
      return rows[0];
    });
  }

  /** A sign of life. False when another process took over. */
  async renew({ connectionId, area, fence }: ObservationClaim): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE observation_schedules SET lease_until = clock_timestamp() + make_interval(secs => $4)
        WHERE connection_id = $1 AND area = $2 AND fence = $3::bigint`,
      [connectionId, area, fence, observationLeaseSeconds],
    );
    return count > 0;
  }

  /**
   * Gives the claim back, in the caller's transaction. False when another process took over: then the caller must conclude
   * nothing.
   */
  async release(manager: EntityManager, claim: ObservationClaim, dueInMinutes: number): Promise<boolean> {
    const [, count] = await manager.query<[unknown[], number]>(
      `UPDATE observation_schedules SET lease_until = NULL, due_at = clock_timestamp() + make_interval(mins => $4)
        WHERE connection_id = $1 AND area = $2 AND fence = $3::bigint`,
      [claim.connectionId, claim.area, claim.fence, dueInMinutes],
    );
    return count > 0;
  }
}

function columnsOf(targets: readonly ObservationTarget[]): [string[], string[]] {
  return [targets.map(({ connectionId }) => connectionId), targets.map(({ area }) => area)];
}
