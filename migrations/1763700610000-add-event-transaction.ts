import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which transaction wrote an event: readers that follow a task wait for older ones, so that they miss none that commits late. */
export class AddEventTransaction1763700610000 implements MigrationInterface {
  name = 'AddEventTransaction1763700610000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE provisioning_events ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id()`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE provisioning_events DROP COLUMN xact`);
  }
}
