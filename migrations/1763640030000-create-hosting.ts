import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateHosting1763640030000 implements MigrationInterface {
  name = 'CreateHosting1763640030000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE servers (
        id uuid PRIMARY KEY,
        number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
        name text NOT NULL UNIQUE,
        connection_id uuid NOT NULL REFERENCES connections (id),
        server_group text NOT NULL DEFAULT 'default',
        hostname text,
        region text,
        nameservers text[] NOT NULL DEFAULT '{}',
        capacity integer NOT NULL CHECK (capacity >= 0),
        used integer NOT NULL DEFAULT 0 CHECK (used >= 0),
        is_active boolean NOT NULL DEFAULT true,
        is_online boolean NOT NULL DEFAULT true,
        checked_at timestamptz,
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX servers_choice_idx ON servers (server_group) WHERE is_active AND is_online;
      CREATE TABLE services (
        id uuid PRIMARY KEY,
        number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
        customer_id uuid NOT NULL REFERENCES customers (id),
        product_id uuid NOT NULL REFERENCES products (id),
        subscription_id uuid REFERENCES subscriptions (id),
        type text NOT NULL,
        domain text,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN
          ('pending', 'provisioning', 'active', 'suspended', 'failed', 'cancelled', 'terminated')),
        degraded text[] NOT NULL DEFAULT '{}',
        server_id uuid REFERENCES servers (id),
        username text,
        package_name text,
        ip text,
        nameservers text[] NOT NULL DEFAULT '{}',
        panel_url text,
        provisioned_at timestamptz,
        suspended_at timestamptz,
        suspend_reason text,
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX services_customer_id_idx ON services (customer_id);
      CREATE INDEX services_subscription_id_idx ON services (subscription_id);
      CREATE UNIQUE INDEX services_username_key ON services (server_id, username) WHERE username IS NOT NULL AND status <> 'terminated';
      CREATE TABLE service_secrets (
        service_id uuid NOT NULL REFERENCES services (id) ON DELETE CASCADE,
        name text NOT NULL,
        value text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (service_id, name)
      );
      CREATE TABLE domains (
        id uuid PRIMARY KEY,
        customer_id uuid NOT NULL REFERENCES customers (id),
        service_id uuid REFERENCES services (id),
        name text NOT NULL CHECK (name = lower(name)),
        mode text NOT NULL CHECK (mode IN ('external', 'new_registration', 'transfer')),
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'expired', 'transferred_away', 'cancelled', 'failed')),
        connection_id uuid REFERENCES connections (id),
        auth_code text,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX domains_name_key ON domains (name) WHERE status IN ('pending', 'active', 'expired');
      CREATE INDEX domains_service_id_idx ON domains (service_id);
      CREATE TABLE websites (
        id uuid PRIMARY KEY,
        service_id uuid NOT NULL UNIQUE REFERENCES services (id),
        domain text NOT NULL,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'suspended', 'removed')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE dns_zones (
        id uuid PRIMARY KEY,
        service_id uuid NOT NULL REFERENCES services (id),
        name text NOT NULL CHECK (name = lower(name)),
        connection_id uuid REFERENCES connections (id),
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'skipped', 'removed')),
        records jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX dns_zones_name_key ON dns_zones (name) WHERE status IN ('pending', 'active');
      CREATE INDEX dns_zones_service_id_idx ON dns_zones (service_id);
      CREATE TABLE mailboxes (
        id uuid PRIMARY KEY,
        service_id uuid NOT NULL REFERENCES services (id),
        address text NOT NULL CHECK (address = lower(address)),
        connection_id uuid REFERENCES connections (id),
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'suspended', 'removed')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX mailboxes_address_key ON mailboxes (address) WHERE status <> 'removed';
      CREATE TABLE databases (
        id uuid PRIMARY KEY,
        service_id uuid NOT NULL REFERENCES services (id),
        name text NOT NULL,
        database_user text NOT NULL,
        host text NOT NULL,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX databases_service_key ON databases (service_id, name) WHERE status = 'active';
      CREATE TABLE remote_resources (
        id uuid PRIMARY KEY,
        service_id uuid NOT NULL REFERENCES services (id),
        connection_id uuid NOT NULL REFERENCES connections (id),
        kind text NOT NULL,
        remote_id text NOT NULL,
        data jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (connection_id, kind, remote_id)
      );
      CREATE INDEX remote_resources_service_id_idx ON remote_resources (service_id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE remote_resources, databases, mailboxes, dns_zones, websites, domains, service_secrets, services, servers`,
    );
  }
}
