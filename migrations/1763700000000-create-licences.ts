import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateLicences1763700000000 implements MigrationInterface {
  name = 'CreateLicences1763700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE licences (
        id uuid PRIMARY KEY,
        number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
        service_id uuid NOT NULL REFERENCES services (id),
        key_hash text NOT NULL UNIQUE,
        sealed_key text NOT NULL,
        expires_at timestamptz,
        revoked_at timestamptz,
        flagged_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX licences_service_key ON licences (service_id) WHERE revoked_at IS NULL;
      CREATE TABLE licence_usage (
        licence_id uuid NOT NULL REFERENCES licences (id) ON DELETE CASCADE,
        resource text NOT NULL CHECK (resource IN ('accounts', 'databases', 'domains', 'emails')),
        maximum integer NOT NULL CHECK (maximum >= 0),
        used integer NOT NULL DEFAULT 0 CHECK (used >= 0),
        holds timestamptz[] NOT NULL DEFAULT '{}',
        PRIMARY KEY (licence_id, resource)
      );
      CREATE TABLE licence_sightings (
        licence_id uuid NOT NULL REFERENCES licences (id) ON DELETE CASCADE,
        ip text NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (licence_id, ip)
      );
      CREATE TABLE licence_requests (
        signature text NOT NULL,
        feature text NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (signature, feature)
      );
      CREATE INDEX licence_requests_seen_at_idx ON licence_requests (seen_at);
      CREATE TABLE licence_rates (
        bucket text PRIMARY KEY,
        window_start timestamptz NOT NULL,
        count integer NOT NULL
      );
      CREATE TABLE licence_lookup_keys (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        sealed_key text NOT NULL
      );
      CREATE UNIQUE INDEX services_wanted_account_key ON services (customer_id, (metadata #>> '{account,username}'))
        WHERE (metadata #>> '{account,username}') IS NOT NULL AND status NOT IN ('cancelled', 'terminated');
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP INDEX services_wanted_account_key;
       DROP TABLE licence_lookup_keys, licence_rates, licence_requests, licence_sightings, licence_usage, licences`,
    );
  }
}
