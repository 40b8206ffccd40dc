import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCertificates1763640110000 implements MigrationInterface {
  name = 'CreateCertificates1763640110000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE certificates (
        id uuid PRIMARY KEY,
        service_id uuid NOT NULL REFERENCES services (id),
        connection_id uuid NOT NULL REFERENCES connections (id),
        domains text[] NOT NULL CHECK (cardinality(domains) > 0),
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'issued', 'installed', 'failed', 'replaced', 'revoked')),
        certificate_pem text,
        chain_pem text,
        private_key text,
        serial text,
        not_before timestamptz,
        not_after timestamptz,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK (status IN ('pending', 'failed') OR (certificate_pem IS NOT NULL AND private_key IS NOT NULL AND not_after IS NOT NULL))
      );
      CREATE UNIQUE INDEX certificates_order_key ON certificates (service_id) WHERE status IN ('pending', 'issued');
      CREATE INDEX certificates_service_id_idx ON certificates (service_id, created_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE certificates`);
  }
}
