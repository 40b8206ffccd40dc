import type { MigrationInterface, QueryRunner } from 'typeorm';

const refunded = 'The money was given back.';
const cancelled = 'The subscription was cancelled.';

/** Services that were to be made for subscriptions which have ended since are given up, as they are from now on when it ends. */
export class BackfillGivenUpServices1763700861000 implements MigrationInterface {
  name = 'BackfillGivenUpServices1763700861000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE services v SET termination_reason = CASE s.status WHEN 'refunded' THEN $1 ELSE $2 END, updated_at = now()
         FROM subscriptions s
        WHERE s.id = v.subscription_id AND s.status IN ('refunded', 'cancelled')
          AND v.status IN ('pending', 'provisioning', 'failed') AND v.termination_reason IS NULL`,
      [refunded, cancelled],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE services SET termination_reason = NULL, updated_at = now()
        WHERE status IN ('pending', 'provisioning', 'failed') AND termination_reason IN ($1, $2)`,
      [refunded, cancelled],
    );
  }
}
