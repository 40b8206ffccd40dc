import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddQueuedTasksIndex1763700520000 implements MigrationInterface {
  name = 'AddQueuedTasksIndex1763700520000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX provisioning_tasks_queued_idx ON provisioning_tasks (customer_id, priority) WHERE status = 'queued'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX provisioning_tasks_queued_idx');
  }
}
