import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The list of tasks that a person should look at, in its order. */
export class AddStoppedTasksIndex1763700820000 implements MigrationInterface {
  name = 'AddStoppedTasksIndex1763700820000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX provisioning_tasks_stopped_idx ON provisioning_tasks (updated_at DESC, id DESC)
        WHERE status IN ('failed', 'needs_attention')`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX provisioning_tasks_stopped_idx');
  }
}
