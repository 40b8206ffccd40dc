import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateProvisioning1763640040000 implements MigrationInterface {
  name = 'CreateProvisioning1763640040000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE provisioning_tasks (
        id uuid PRIMARY KEY,
        recipe text NOT NULL,
        recipe_version integer NOT NULL,
        service_id uuid NOT NULL REFERENCES services (id),
        customer_id uuid NOT NULL REFERENCES customers (id),
        input jsonb NOT NULL,
        status text NOT NULL DEFAULT 'queued' CHECK (status IN
          ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled', 'needs_attention')),
        direction text NOT NULL DEFAULT 'forward' CHECK (direction IN ('forward', 'undo')),
        cancel_requested_at timestamptz,
        wake_count integer NOT NULL DEFAULT 0,
        next_wake_at timestamptz DEFAULT now(),
        priority integer NOT NULL DEFAULT 0,
        error text,
        error_code text,
        started_at timestamptz,
        completed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX provisioning_tasks_open_key ON provisioning_tasks (service_id)
        WHERE status IN ('queued', 'running', 'waiting', 'needs_attention');
      CREATE INDEX provisioning_tasks_due_idx ON provisioning_tasks (next_wake_at) WHERE next_wake_at IS NOT NULL;
      CREATE INDEX provisioning_tasks_status_idx ON provisioning_tasks (status, created_at DESC);
      CREATE INDEX provisioning_tasks_service_idx ON provisioning_tasks (service_id, created_at DESC);
      CREATE TABLE provisioning_steps (
        id uuid PRIMARY KEY,
        task_id uuid NOT NULL REFERENCES provisioning_tasks (id) ON DELETE CASCADE,
        name text NOT NULL,
        position integer NOT NULL,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN
          ('pending', 'intent', 'waiting', 'unknown', 'completed', 'skipped', 'failed', 'undoing', 'compensated')),
        attempt integer NOT NULL DEFAULT 0,
        looks integer NOT NULL DEFAULT 0,
        absences integer NOT NULL DEFAULT 0,
        crashes integer NOT NULL DEFAULT 0,
        undo_attempt integer NOT NULL DEFAULT 0,
        fence bigint NOT NULL DEFAULT 0,
        lease_until timestamptz,
        next_attempt_at timestamptz,
        worker text,
        connection text,
        output jsonb,
        evidence jsonb,
        reason text,
        error text,
        error_code text,
        started_at timestamptz,
        finished_at timestamptz,
        UNIQUE (task_id, name)
      );
      CREATE TABLE provisioning_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        task_id uuid NOT NULL REFERENCES provisioning_tasks (id) ON DELETE CASCADE,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        type text NOT NULL,
        step text,
        data jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX provisioning_events_task_idx ON provisioning_events (task_id, id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE provisioning_events, provisioning_steps, provisioning_tasks`);
  }
}
