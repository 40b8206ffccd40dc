import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDrift1763700400000 implements MigrationInterface {
  name = 'CreateDrift1763700400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE observation_schedules (
        connection_id uuid NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        area text NOT NULL CHECK (area IN ('accounts', 'zones', 'certificates', 'mailboxes', 'domains')),
        due_at timestamptz NOT NULL DEFAULT now(),
        lease_until timestamptz,
        fence bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (connection_id, area)
      );
      CREATE TABLE observations (
        id uuid PRIMARY KEY,
        connection_id uuid NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        area text NOT NULL CHECK (area IN ('accounts', 'zones', 'certificates', 'mailboxes', 'domains')),
        started_at timestamptz NOT NULL,
        ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        complete boolean NOT NULL,
        suspicion text CHECK (suspicion IN ('empty', 'shrunk')),
        listed integer CHECK (listed >= 0),
        believed integer CHECK (believed >= 0),
        differences integer CHECK (differences >= 0),
        error text,
        CHECK (complete = (error IS NULL)),
        CHECK (NOT complete OR (listed IS NOT NULL AND believed IS NOT NULL AND differences IS NOT NULL))
      );
      CREATE INDEX observations_latest_idx ON observations (connection_id, area, ended_at DESC);
      CREATE TABLE drift_findings (
        id uuid PRIMARY KEY,
        connection_id uuid NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        area text NOT NULL CHECK (area IN ('accounts', 'zones', 'certificates', 'mailboxes', 'domains')),
        kind text NOT NULL,
        key text NOT NULL,
        service_id uuid REFERENCES services (id) ON DELETE CASCADE,
        expected jsonb,
        actual jsonb,
        suggestion text NOT NULL CHECK (suggestion IN ('repair', 'adopt', 'look')),
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'ignored', 'planned', 'resolved')),
        reason text,
        task_id uuid REFERENCES provisioning_tasks (id) ON DELETE SET NULL,
        first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
        counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        times_seen integer NOT NULL DEFAULT 1 CHECK (times_seen > 0),
        resolved_at timestamptz,
        CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
      );
      CREATE UNIQUE INDEX drift_findings_open_key ON drift_findings (connection_id, kind, key) WHERE status <> 'resolved';
      CREATE INDEX drift_findings_status_idx ON drift_findings (status, first_seen DESC);
      CREATE INDEX drift_findings_service_idx ON drift_findings (service_id);
      CREATE TABLE drift_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        finding_id uuid NOT NULL REFERENCES drift_findings (id) ON DELETE CASCADE,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        type text NOT NULL CHECK (type IN ('found', 'changed', 'confirmed', 'ignored', 'reopened', 'planned', 'repaired', 'resolved')),
        data jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX drift_events_finding_idx ON drift_events (finding_id, id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE drift_events, drift_findings, observations, observation_schedules');
  }
}
