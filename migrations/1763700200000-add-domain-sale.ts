import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a domain was sold for, whether it is signed, and what keeps it from being had. */
export class AddDomainSale1763700200000 implements MigrationInterface {
  name = 'AddDomainSale1763700200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE domains
        ADD COLUMN sold_amount integer CHECK (sold_amount >= 0),
        ADD COLUMN sold_currency text CHECK (sold_currency ~ '^[A-Z]{3}$'),
        ADD COLUMN dnssec boolean NOT NULL DEFAULT true,
        ADD COLUMN problem jsonb,
        ADD CONSTRAINT domains_sold_check CHECK ((sold_amount IS NULL) = (sold_currency IS NULL));
      CREATE INDEX domains_problem_idx ON domains (updated_at) WHERE problem IS NOT NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE domains DROP COLUMN sold_amount, DROP COLUMN sold_currency, DROP COLUMN dnssec, DROP COLUMN problem;
    `);
  }
}
