import type { ConnectionLimits } from '@keelson/core';
import type { EntityManager } from 'typeorm';

/** Sets the limits of a connection's gate, in the caller's transaction. A new bucket is full; repeating it changes nothing. */
export async function storeLimits(
  manager: EntityManager,
  connectionId: string,
  { concurrency = null, ratePerSecond = null, burst = null }: { [Limit in keyof ConnectionLimits]: number | null },
): Promise<void> {
  await manager.query(
    `INSERT INTO connection_gates AS gate (connection_id, concurrency, rate_per_second, burst, tokens)
     SELECT $1::uuid, $2::integer, $3::float8, $4::integer, coalesce($4::integer, 0)
      WHERE coalesce($2, $4) IS NOT NULL OR EXISTS (SELECT FROM connection_gates WHERE connection_id = $1)
     ON CONFLICT (connection_id) DO UPDATE
       SET concurrency = excluded.concurrency, rate_per_second = excluded.rate_per_second, burst = excluded.burst,
           tokens = excluded.tokens, filled_at = clock_timestamp()
     WHERE (gate.concurrency, gate.rate_per_second, gate.burst)
       IS DISTINCT FROM (excluded.concurrency, excluded.rate_per_second, excluded.burst)`,
    [connectionId, concurrency, ratePerSecond, burst],
  );
}
