import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCatalogue1763640010000 implements MigrationInterface {
  name = 'CreateCatalogue1763640010000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE products (
        id uuid PRIMARY KEY,
        number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
        slug text NOT NULL UNIQUE CHECK (slug = lower(slug)),
        name text NOT NULL,
        description text NOT NULL,
        type text NOT NULL CHECK (type IN ('hosting', 'wordpress', 'email', 'storage', 'vps', 'domain', 'licence')),
        features jsonb NOT NULL DEFAULT '[]',
        limits jsonb NOT NULL DEFAULT '{}',
        package_name text,
        server_group text NOT NULL DEFAULT 'default',
        trial_days integer CHECK (trial_days > 0),
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'hidden', 'retired')),
        position integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE product_aliases (
        alias text PRIMARY KEY CHECK (alias = lower(alias)),
        product_id uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE
      );
      CREATE TABLE prices (
        id uuid PRIMARY KEY,
        product_id uuid NOT NULL REFERENCES products (id),
        billing_cycle text NOT NULL
          CHECK (billing_cycle IN ('monthly', 'quarterly', 'semiannually', 'annually', 'biennially', 'triennially', 'one_time')),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        amount integer NOT NULL CHECK (amount >= 0),
        setup_fee integer NOT NULL DEFAULT 0 CHECK (setup_fee >= 0),
        stripe_price_id text,
        active boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX prices_offer_key ON prices (product_id, billing_cycle, currency) WHERE active;
      CREATE TABLE tld_prices (
        id uuid PRIMARY KEY,
        tld text NOT NULL CHECK (tld = lower(tld) AND tld NOT LIKE '.%'),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        register_amount integer NOT NULL CHECK (register_amount >= 0),
        renew_amount integer NOT NULL CHECK (renew_amount >= 0),
        transfer_amount integer NOT NULL CHECK (transfer_amount >= 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (tld, currency)
      );
      CREATE TABLE coupons (
        id uuid PRIMARY KEY,
        code text NOT NULL UNIQUE CHECK (code = upper(code)),
        percent_off integer CHECK (percent_off BETWEEN 1 AND 100),
        amount_off integer CHECK (amount_off > 0),
        currency text CHECK (currency ~ '^[A-Z]{3}$'),
        maximum_redemptions integer,
        times_redeemed integer NOT NULL DEFAULT 0,
        expires_at timestamptz,
        active boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((percent_off IS NULL) <> (amount_off IS NULL)),
        CHECK ((amount_off IS NULL) = (currency IS NULL)),
        CHECK (maximum_redemptions IS NULL OR times_redeemed <= maximum_redemptions)
      );
      CREATE TABLE connections (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        plugin text NOT NULL,
        settings jsonb NOT NULL,
        secrets text NOT NULL,
        source text NOT NULL CHECK (source IN ('config', 'admin')),
        status text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled')),
        last_tested_at timestamptz,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE connection_states (
        connection_id uuid NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        name text NOT NULL,
        value text NOT NULL,
        PRIMARY KEY (connection_id, name)
      );
      CREATE TABLE bindings (
        id uuid PRIMARY KEY,
        product_type text,
        product_id uuid REFERENCES products (id) ON DELETE CASCADE,
        port text NOT NULL,
        connection_id uuid NOT NULL REFERENCES connections (id),
        position integer NOT NULL DEFAULT 0,
        source text NOT NULL CHECK (source IN ('config', 'admin')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK (product_type IS NULL OR product_id IS NULL)
      );
      CREATE UNIQUE INDEX bindings_key ON bindings (coalesce(product_type, ''), coalesce(product_id::text, ''), port, connection_id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE bindings, connection_states, connections, coupons, tld_prices, prices, product_aliases, products`,
    );
  }
}
