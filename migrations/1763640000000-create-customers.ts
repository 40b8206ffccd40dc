import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCustomers1763640000000 implements MigrationInterface {
  name = 'CreateCustomers1763640000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE tenants (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'closed')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email text NOT NULL,
        password_hash text NOT NULL,
        role text NOT NULL CHECK (role IN ('admin', 'operator', 'customer')),
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
        must_change_password boolean NOT NULL DEFAULT false,
        token_version integer NOT NULL DEFAULT 0,
        failed_logins integer NOT NULL DEFAULT 0,
        login_allowed_at timestamptz,
        last_login_at timestamptz,
        reset_token_hash text,
        reset_expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX users_email_key ON users (lower(email));
      CREATE TABLE customers (
        id uuid PRIMARY KEY,
        number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
        user_id uuid UNIQUE REFERENCES users (id),
        tenant_id uuid REFERENCES tenants (id),
        name text NOT NULL,
        email text NOT NULL,
        company text,
        phone text,
        address jsonb,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive', 'closed')),
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX customers_email_key ON customers (lower(email));
      CREATE INDEX customers_tenant_id_idx ON customers (tenant_id);
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY,
        key_id text NOT NULL UNIQUE,
        secret_hash text NOT NULL,
        name text NOT NULL,
        scopes text[] NOT NULL,
        user_id uuid NOT NULL REFERENCES users (id),
        allowed_ips text[] NOT NULL DEFAULT '{}',
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE audit_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        action text NOT NULL,
        subject_type text NOT NULL,
        subject_id text NOT NULL,
        detail jsonb NOT NULL DEFAULT '{}',
        ip text,
        request_id text
      );
      CREATE INDEX audit_log_subject_idx ON audit_log (subject_type, subject_id, id);
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% only grows: rows are never changed or removed', TG_TABLE_NAME; END $$;
      CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE audit_log, api_keys, customers, users, tenants; DROP FUNCTION refuse_change`);
  }
}
