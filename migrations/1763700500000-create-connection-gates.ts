import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateConnectionGates1763700500000 implements MigrationInterface {
  name = 'CreateConnectionGates1763700500000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE connection_gates (
        connection_id uuid PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
        concurrency integer CHECK (concurrency > 0),
        rate_per_second double precision CHECK (rate_per_second > 0),
        burst integer CHECK (burst > 0),
        tokens double precision NOT NULL DEFAULT 0,
        filled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        not_before timestamptz,
        failures integer NOT NULL DEFAULT 0,
        opened_at timestamptz,
        probe_at timestamptz,
        probe_step uuid,
        failed_probes integer NOT NULL DEFAULT 0,
        CHECK ((rate_per_second IS NULL) = (burst IS NULL)),
        CHECK ((opened_at IS NULL) = (probe_at IS NULL))
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE connection_gates');
  }
}
