import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What services use, a row a day, and when each connection is asked next. */
export class CreateServiceUsage1763700302000 implements MigrationInterface {
  name = 'CreateServiceUsage1763700302000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE service_usage (
        service_id uuid NOT NULL REFERENCES services (id) ON DELETE CASCADE,
        day date NOT NULL,
        measured_at timestamptz NOT NULL,
        disk_mb double precision NOT NULL CHECK (disk_mb >= 0),
        disk_limit_mb double precision,
        bandwidth_mb double precision,
        bandwidth_limit_mb double precision,
        domains integer,
        databases integer,
        mailboxes integer,
        PRIMARY KEY (service_id, day)
      );
      CREATE TABLE usage_collections (
        connection_id uuid PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
        due_at timestamptz NOT NULL DEFAULT now(),
        turn bigint NOT NULL DEFAULT 0,
        collected_at timestamptz,
        services integer,
        error text
      );
      CREATE INDEX usage_collections_due_idx ON usage_collections (due_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE usage_collections, service_usage`);
  }
}
