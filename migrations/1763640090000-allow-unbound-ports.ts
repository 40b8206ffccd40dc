import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A binding without a connection switches its port off for a product or a type, as the configuration file can. */
export class AllowUnboundPorts1763640090000 implements MigrationInterface {
  name = 'AllowUnboundPorts1763640090000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE bindings ALTER COLUMN connection_id DROP NOT NULL;
      CREATE UNIQUE INDEX bindings_unbound_key ON bindings (coalesce(product_type, ''), coalesce(product_id::text, ''), port)
        WHERE connection_id IS NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX bindings_unbound_key;
      DELETE FROM bindings WHERE connection_id IS NULL;
      ALTER TABLE bindings ALTER COLUMN connection_id SET NOT NULL;
    `);
  }
}
