import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Two accounts at one vendor are told apart by the connection whose secret verified the message. */
export class AddInboxConnection1763640060000 implements MigrationInterface {
  name = 'AddInboxConnection1763640060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE inbox_events ADD COLUMN connection_id uuid REFERENCES connections (id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE inbox_events DROP COLUMN connection_id`);
  }
}
