import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { signatureWindowSeconds } from './licence-signature.js';

/** So many questions in so many seconds. */
export interface RateRule {
  limit: number;
  seconds: number;
}

/** What of a rule is left. */
export interface RateState {
  limit: number;
  /** 0 also when there was none left before. */
  remaining: number;
  /** Seconds until all are free again. */
  resetSeconds: number;
  exceeded: boolean;
}

const cleanEveryMs = 3_600_000;

/** Counts questions about licences, for all processes together, and knows which of them were asked before. */
@Injectable()
export class LicenceRates implements OnModuleInit, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.clean().catch(() => undefined), cleanEveryMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Counts one in a window that begins with the first of the bucket. */
  async count(bucket: string, { limit, seconds }: RateRule): Promise<RateState> {
    const [row] = await this.dataSource.query<{ count: number; reset: number }[]>(
      `INSERT INTO licence_rates AS rate (bucket, window_start, count) VALUES ($1, now(), 1)
       ON CONFLICT (bucket) DO UPDATE SET
         count = CASE WHEN rate.window_start <= now() - $2 * interval '1 second' THEN 1 ELSE rate.count + 1 END,
         window_start = CASE WHEN rate.window_start <= now() - $2 * interval '1 second' THEN now() ELSE rate.window_start END
       RETURNING count, ceil(extract(epoch FROM window_start + $2 * interval '1 second' - now()))::int AS reset`,
      [bucket, seconds],
    );
    const { count = 0, reset = seconds } = row ?? {};
    return { limit, remaining: Math.max(0, limit - count), resetSeconds: reset, exceeded: count > limit };
  }

  /** Whether this signed question is asked for the first time; of several at once, one is. */
  async isFirst(signature: string, feature: string): Promise<boolean> {
    const inserted = await this.dataSource.query<unknown[]>(
      'INSERT INTO licence_requests (signature, feature) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING signature',
      [signature.toLowerCase(), feature],
    );
    return inserted.length > 0;
  }

  /** Number of addresses that asked about the licence in the last 24 hours, this one included. */
  async countAddresses(licenceId: string, ip: string): Promise<number> {
    await this.dataSource.query(
      `INSERT INTO licence_sightings (licence_id, ip) VALUES ($1, $2)
       ON CONFLICT (licence_id, ip) DO UPDATE SET seen_at = now()`,
      [licenceId, ip],
    );
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM licence_sightings WHERE licence_id = $1 AND seen_at > now() - interval '24 hours'`,
      [licenceId],
    );
    return row?.count ?? 0;
  }

  /** Forgets what no longer counts. Questions are kept for as long as their signature could be in time, on either side. */
  async clean(): Promise<void> {
    await this.dataSource.query(`DELETE FROM licence_requests WHERE seen_at < now() - $1 * interval '1 second'`, [
      3 * signatureWindowSeconds,
    ]);
    await this.dataSource.query(`DELETE FROM licence_rates WHERE window_start < now() - interval '2 hours'`);
    await this.dataSource.query(`DELETE FROM licence_sightings WHERE seen_at < now() - interval '30 days'`);
  }
}
