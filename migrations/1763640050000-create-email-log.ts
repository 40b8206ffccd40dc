import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateEmailLog1763640050000 implements MigrationInterface {
  name = 'CreateEmailLog1763640050000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE email_log (
        id uuid PRIMARY KEY,
        message_id text NOT NULL UNIQUE,
        department text NOT NULL CHECK (department IN ('sales', 'billing', 'support')),
        template text NOT NULL,
        recipient text NOT NULL,
        subject text NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'unknown')),
        attempts integer NOT NULL DEFAULT 0,
        last_error text,
        related_type text,
        related_id uuid,
        sent_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX email_log_related_idx ON email_log (related_type, related_id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE email_log`);
  }
}
