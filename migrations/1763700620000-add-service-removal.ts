import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the data of a service that was given up is removed, and why it was given up. */
export class AddServiceRemoval1763700620000 implements MigrationInterface {
  name = 'AddServiceRemoval1763700620000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE services
        ADD COLUMN remove_due_at timestamptz,
        ADD COLUMN termination_reason text,
        ADD COLUMN terminated_at timestamptz,
        ADD CONSTRAINT services_quarantine_has_an_end CHECK (status <> 'quarantined' OR remove_due_at IS NOT NULL);
      CREATE INDEX services_removal_idx ON services (remove_due_at) WHERE status = 'quarantined';
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE services DROP CONSTRAINT services_quarantine_has_an_end,
        DROP COLUMN remove_due_at, DROP COLUMN termination_reason, DROP COLUMN terminated_at`);
  }
}
