import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the registrar asks for an ending, beside what we sell it for. */
export class AddTldCosts1763700220000 implements MigrationInterface {
  name = 'AddTldCosts1763700220000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE tld_prices
        ADD COLUMN cost_currency text CHECK (cost_currency ~ '^[A-Z]{3}$'),
        ADD COLUMN register_cost integer CHECK (register_cost >= 0),
        ADD COLUMN renew_cost integer CHECK (renew_cost >= 0),
        ADD COLUMN transfer_cost integer CHECK (transfer_cost >= 0),
        ADD COLUMN costs_at timestamptz,
        ADD CONSTRAINT tld_prices_costs_check
          CHECK (num_nulls(cost_currency, register_cost, renew_cost, transfer_cost, costs_at) IN (0, 5));
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE tld_prices DROP COLUMN cost_currency, DROP COLUMN register_cost, DROP COLUMN renew_cost,
        DROP COLUMN transfer_cost, DROP COLUMN costs_at;
    `);
  }
}
