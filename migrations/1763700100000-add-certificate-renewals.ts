import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a certificate is proven and what it follows; when a service needs the next one; proofs that are shown over HTTP. */
export class AddCertificateRenewals1763700100000 implements MigrationInterface {
  name = 'AddCertificateRenewals1763700100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE certificates
        ADD COLUMN method text NOT NULL DEFAULT 'dns-01' CHECK (method IN ('dns-01', 'http-01')),
        ADD COLUMN replaces uuid REFERENCES certificates (id) CHECK (replaces <> id);
      CREATE UNIQUE INDEX certificates_installed_key ON certificates (service_id) WHERE status = 'installed';
      CREATE TABLE certificate_renewals (
        service_id uuid PRIMARY KEY REFERENCES services (id) ON DELETE CASCADE,
        due_at timestamptz,
        ask_at timestamptz,
        attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        failing_since timestamptz,
        error text,
        given_up_at timestamptz,
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((due_at IS NULL) = (given_up_at IS NOT NULL)),
        CHECK ((failing_since IS NULL) = (error IS NULL))
      );
      CREATE INDEX certificate_renewals_due_idx ON certificate_renewals (due_at) WHERE due_at IS NOT NULL;
      CREATE INDEX certificate_renewals_ask_idx ON certificate_renewals (ask_at) WHERE ask_at IS NOT NULL;
      INSERT INTO certificate_renewals (service_id, due_at, ask_at)
        SELECT service_id, not_before + (not_after - not_before) * CASE WHEN not_after - not_before < interval '10 days' THEN 0.5 ELSE 2.0 / 3 END, now()
          FROM certificates WHERE status = 'installed' AND not_before IS NOT NULL;
      CREATE TABLE http_challenges (
        path text PRIMARY KEY,
        service_id uuid NOT NULL REFERENCES services (id) ON DELETE CASCADE,
        body text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX http_challenges_service_id_idx ON http_challenges (service_id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE http_challenges, certificate_renewals;
      DROP INDEX certificates_installed_key;
      ALTER TABLE certificates DROP COLUMN replaces, DROP COLUMN method;
    `);
  }
}
