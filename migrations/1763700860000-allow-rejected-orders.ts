import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Held orders that a person decides about: what was decided, and orders of one state found by index. */
export class AllowRejectedOrders1763700860000 implements MigrationInterface {
  name = 'AllowRejectedOrders1763700860000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE checkout_sessions
        ADD COLUMN decided_at timestamptz,
        ADD COLUMN decided_by text,
        ADD COLUMN decision_reason text,
        ADD COLUMN refund_error text,
        DROP CONSTRAINT checkout_sessions_status_check,
        ADD CONSTRAINT checkout_sessions_status_check
          CHECK (status IN ('open', 'completed', 'expired', 'review', 'failed', 'rejected')),
        ADD CONSTRAINT checkout_sessions_decision_is_whole
          CHECK (num_nulls(decided_at, decided_by, decision_reason) IN (0, 3)),
        ADD CONSTRAINT checkout_sessions_rejection_is_decided CHECK (status <> 'rejected' OR decided_at IS NOT NULL);
      DROP INDEX checkout_sessions_next_check_idx;
      CREATE INDEX checkout_sessions_next_check_idx ON checkout_sessions (next_check_at) WHERE status IN ('open', 'rejected');
      CREATE INDEX checkout_sessions_status_idx ON checkout_sessions (status, created_at DESC, id DESC);
      CREATE INDEX payments_checkout_session_idx ON payments (checkout_session_id);
    `);
  }

  /** Rejected orders are held again: a person decides anew. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX payments_checkout_session_idx, checkout_sessions_status_idx, checkout_sessions_next_check_idx;
      UPDATE checkout_sessions SET status = 'review', next_check_at = NULL WHERE status = 'rejected';
      ALTER TABLE checkout_sessions
        DROP CONSTRAINT checkout_sessions_rejection_is_decided,
        DROP CONSTRAINT checkout_sessions_decision_is_whole,
        DROP CONSTRAINT checkout_sessions_status_check,
        ADD CONSTRAINT checkout_sessions_status_check
          CHECK (status IN ('open', 'completed', 'expired', 'review', 'failed')),
        DROP COLUMN decided_at, DROP COLUMN decided_by, DROP COLUMN decision_reason, DROP COLUMN refund_error;
      CREATE INDEX checkout_sessions_next_check_idx ON checkout_sessions (next_check_at) WHERE status = 'open';
    `);
  }
}
