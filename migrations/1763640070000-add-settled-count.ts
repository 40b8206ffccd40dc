import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A settlement that read the vendor before another one wrote is noticed by this counter. */
export class AddSettledCount1763640070000 implements MigrationInterface {
  name = 'AddSettledCount1763640070000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE subscriptions ADD COLUMN settled_count integer NOT NULL DEFAULT 0`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE subscriptions DROP COLUMN settled_count`);
  }
}
