import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the registrar was last asked about a domain. */
export class AddDomainSync1763700230000 implements MigrationInterface {
  name = 'AddDomainSync1763700230000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE domains ADD COLUMN synced_at timestamptz;
      CREATE INDEX domains_synced_idx ON domains (synced_at NULLS FIRST)
        WHERE connection_id IS NOT NULL AND status IN ('active', 'expired');
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX domains_synced_idx;
      ALTER TABLE domains DROP COLUMN synced_at;
    `);
  }
}
