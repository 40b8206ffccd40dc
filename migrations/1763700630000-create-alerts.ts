import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators should know of, and how they were told. */
export class CreateAlerts1763700630000 implements MigrationInterface {
  name = 'CreateAlerts1763700630000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE alerts (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        key text NOT NULL,
        severity text NOT NULL CHECK (severity IN ('warning', 'critical')),
        title text NOT NULL,
        detail text NOT NULL,
        facts jsonb NOT NULL DEFAULT '{}',
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved')),
        raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        resolved_at timestamptz,
        acknowledged_by text,
        acknowledged_at timestamptz,
        CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
        CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL))
      );
      CREATE UNIQUE INDEX alerts_open_key ON alerts (kind, key) WHERE status = 'open';
      CREATE INDEX alerts_raised_idx ON alerts (raised_at DESC, id);
      CREATE TABLE alert_deliveries (
        alert_id uuid NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
        change text NOT NULL CHECK (change IN ('raised', 'resolved')),
        channel text NOT NULL CHECK (channel IN ('mail', 'webhook')),
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz DEFAULT clock_timestamp(),
        delivered_at timestamptz,
        error text,
        PRIMARY KEY (alert_id, change, channel)
      );
      CREATE INDEX alert_deliveries_due_idx ON alert_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE alert_deliveries, alerts');
  }
}
