import type { MigrationInterface, QueryRunner } from 'typeorm';

/** States on the way out, and what keeps a service suspended or from being suspended. */
export class AddServiceHolds1763700300000 implements MigrationInterface {
  name = 'AddServiceHolds1763700300000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE services
        ADD COLUMN suspend_hold boolean NOT NULL DEFAULT false,
        ADD COLUMN suspend_exempt_until timestamptz,
        ADD COLUMN suspend_exempt_reason text;
      UPDATE services SET suspended_at = coalesce(suspended_at, updated_at) WHERE status = 'suspended';
      UPDATE services SET suspended_at = NULL, suspend_reason = NULL WHERE status = 'active';
      ALTER TABLE services
        DROP CONSTRAINT services_status_check,
        ADD CONSTRAINT services_status_check CHECK (status IN
          ('pending', 'provisioning', 'active', 'suspended', 'quarantined', 'terminating', 'terminated', 'failed', 'cancelled')),
        ADD CONSTRAINT services_suspended_check CHECK (status <> 'suspended' OR suspended_at IS NOT NULL),
        ADD CONSTRAINT services_active_check CHECK (status <> 'active' OR (suspended_at IS NULL AND NOT suspend_hold)),
        ADD CONSTRAINT services_exempt_check CHECK ((suspend_exempt_until IS NULL) = (suspend_exempt_reason IS NULL));
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE services SET status = 'suspended', suspended_at = coalesce(suspended_at, now()) WHERE status = 'quarantined';
      UPDATE services SET status = 'terminated' WHERE status = 'terminating';
      ALTER TABLE services
        DROP CONSTRAINT services_exempt_check,
        DROP CONSTRAINT services_active_check,
        DROP CONSTRAINT services_suspended_check,
        DROP CONSTRAINT services_status_check,
        ADD CONSTRAINT services_status_check CHECK (status IN
          ('pending', 'provisioning', 'active', 'suspended', 'failed', 'cancelled', 'terminated')),
        DROP COLUMN suspend_exempt_reason,
        DROP COLUMN suspend_exempt_until,
        DROP COLUMN suspend_hold;
    `);
  }
}
