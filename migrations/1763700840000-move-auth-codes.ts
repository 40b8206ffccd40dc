import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Auth codes are secrets of the service that the domain is moved for, as they were sealed already; used ones are forgotten. */
export class MoveAuthCodes1763700840000 implements MigrationInterface {
  name = 'MoveAuthCodes1763700840000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      INSERT INTO service_secrets (service_id, name, value)
      SELECT service_id, 'auth_code', auth_code FROM domains
       WHERE auth_code IS NOT NULL AND service_id IS NOT NULL AND status = 'pending'
      ON CONFLICT DO NOTHING;
      ALTER TABLE domains DROP COLUMN auth_code;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE domains ADD COLUMN auth_code text;
      UPDATE domains d SET auth_code = s.value FROM service_secrets s
       WHERE s.service_id = d.service_id AND s.name = 'auth_code' AND d.mode = 'transfer' AND d.status = 'pending';
      DELETE FROM service_secrets WHERE name = 'auth_code';
    `);
  }
}
