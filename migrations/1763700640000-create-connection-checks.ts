import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether each connection answers, asked by due time, and what is left on registrars' accounts. */
export class CreateConnectionChecks1763700640000 implements MigrationInterface {
  name = 'CreateConnectionChecks1763700640000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE connection_checks (
        connection_id uuid PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        turn bigint NOT NULL DEFAULT 0,
        checked_at timestamptz,
        failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
        failing_since timestamptz,
        error text,
        balance_amount bigint,
        balance_currency text,
        CHECK ((failures = 0) = (failing_since IS NULL)),
        CHECK ((balance_amount IS NULL) = (balance_currency IS NULL))
      );
      CREATE INDEX connection_checks_due_idx ON connection_checks (due_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE connection_checks');
  }
}
