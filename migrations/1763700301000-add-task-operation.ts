import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a task is for, and who asked. */
export class AddTaskOperation1763700301000 implements MigrationInterface {
  name = 'AddTaskOperation1763700301000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE provisioning_tasks
        ADD COLUMN operation text NOT NULL DEFAULT 'provision' CHECK (operation ~ '^[a-z]+(_[a-z]+)*$'),
        ADD COLUMN requested_by text;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE provisioning_tasks DROP COLUMN requested_by, DROP COLUMN operation`);
  }
}
