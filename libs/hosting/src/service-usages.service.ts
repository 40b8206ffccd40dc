import type { AccountUsage } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ServiceUsage } from './service-usage.entity.js';

/** Days for which measurements are kept. */
const keptDays = 400;

const onConnection = `SELECT s.id, s.username FROM services s JOIN servers v ON v.id = s.server_id
                       WHERE v.connection_id = $1 AND s.username IS NOT NULL AND s.status IN ('active', 'suspended', 'quarantined')`;

/** What services use, a row for each day. */
@Injectable()
export class ServiceUsages {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Keeps what a vendor reports of the accounts on a connection, all in one statement; accounts that are no service of ours, and
   * figures that are none, are passed over. A later measurement of the day replaces an earlier one, never the other way round.
   * @returns how many services were measured
   */
  async store(connectionId: string, usages: readonly AccountUsage[], at: Date): Promise<number> {
    const measured = usages.filter(({ diskMb }) => Number.isFinite(diskMb) && diskMb >= 0);
    const rows = await this.dataSource.query<unknown[]>(
      `WITH known AS (${onConnection}), reported AS (
         SELECT DISTINCT ON (r.username) r.* FROM jsonb_to_recordset($2::jsonb) AS r
           (username text, "diskMb" float8, "diskLimitMb" float8, "bandwidthMb" float8, "bandwidthLimitMb" float8,
            domains float8, databases float8, mailboxes float8)
       )
       INSERT INTO service_usage AS kept (service_id, day, measured_at, disk_mb, disk_limit_mb, bandwidth_mb, bandwidth_limit_mb,
                                          domains, databases, mailboxes)
       SELECT known.id, ($3::timestamptz AT TIME ZONE 'UTC')::date, $3, r."diskMb", r."diskLimitMb", r."bandwidthMb", r."bandwidthLimitMb",
              r.domains::int, r.databases::int, r.mailboxes::int
         FROM reported r JOIN known ON known.username = r.username
       ON CONFLICT (service_id, day) DO UPDATE
         SET measured_at = excluded.measured_at, disk_mb = excluded.disk_mb, disk_limit_mb = excluded.disk_limit_mb,
             bandwidth_mb = excluded.bandwidth_mb, bandwidth_limit_mb = excluded.bandwidth_limit_mb,
             domains = excluded.domains, databases = excluded.databases, mailboxes = excluded.mailboxes
         WHERE kept.measured_at <= excluded.measured_at
       RETURNING service_id`,
      [connectionId, JSON.stringify(measured), at],
    );
    await this.dataSource.query(
      `DELETE FROM service_usage WHERE service_id IN (SELECT id FROM (${onConnection}) AS known) AND day < $2::date - $3::int`,
      [connectionId, at, keptDays],
    );
    return rows.length;
  }

  /** User names of the accounts on a connection that were measured longest ago, or never. */
  async leastRecent(connectionId: string, limit: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ username: string }[]>(
      `SELECT known.username FROM (${onConnection}) AS known
         LEFT JOIN LATERAL (SELECT max(measured_at) AS at FROM service_usage WHERE service_id = known.id) AS last ON true
        ORDER BY last.at NULLS FIRST, known.username LIMIT $2`,
      [connectionId, limit],
    );
    return rows.map(({ username }) => username);
  }

  /** Measurements of the service, newest first, one a day. */
  history(serviceId: string, days: number): Promise<ServiceUsage[]> {
    return this.dataSource.manager.find(ServiceUsage, { where: { serviceId }, order: { day: 'DESC' }, take: days });
  }
}
