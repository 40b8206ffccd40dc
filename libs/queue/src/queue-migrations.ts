import { runMigrations } from 'bullmq';
import pg from 'pg';

/**
 * Brings BullMQ's own tables (schema `bullmq`) to this version. Safe to repeat and to call from several processes at
 * once. Job rows live for seconds, so their tables are vacuumed long before the usual share of dead rows is reached.
 */
export async function runQueueMigrations(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'keelson migrate' });
  await client.connect();
  try {
    await runMigrations(client);
    for (const table of ['job', 'event']) {
      await client.query(
        `ALTER TABLE bullmq.${table} SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000)`,
      );
    }
  } finally {
    await client.end();
  }
}
