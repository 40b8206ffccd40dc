import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Operators are told again when a warning turns critical. */
export class AddAlertWorsening1763700870000 implements MigrationInterface {
  name = 'AddAlertWorsening1763700870000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE alerts ADD COLUMN worsened_at timestamptz;
      ALTER TABLE alert_deliveries DROP CONSTRAINT alert_deliveries_change_check,
        ADD CONSTRAINT alert_deliveries_change_check CHECK (change IN ('raised', 'worsened', 'resolved'));
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM alert_deliveries WHERE change = 'worsened';
      ALTER TABLE alert_deliveries DROP CONSTRAINT alert_deliveries_change_check,
        ADD CONSTRAINT alert_deliveries_change_check CHECK (change IN ('raised', 'resolved'));
      ALTER TABLE alerts DROP COLUMN worsened_at;
    `);
  }
}
