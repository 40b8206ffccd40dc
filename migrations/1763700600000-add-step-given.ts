import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an operator says he did by hand in place of a step. */
export class AddStepGiven1763700600000 implements MigrationInterface {
  name = 'AddStepGiven1763700600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE provisioning_steps ADD COLUMN given jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE provisioning_steps DROP COLUMN given`);
  }
}
