import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a step that waits for a vendor has to know when it goes on. */
export class AddStepNote1763700210000 implements MigrationInterface {
  name = 'AddStepNote1763700210000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE provisioning_steps ADD COLUMN note jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE provisioning_steps DROP COLUMN note`);
  }
}
