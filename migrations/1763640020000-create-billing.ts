import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateBilling1763640020000 implements MigrationInterface {
  name = 'CreateBilling1763640020000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE subscriptions (
        id uuid PRIMARY KEY,
        number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
        customer_id uuid NOT NULL REFERENCES customers (id),
        product_id uuid NOT NULL REFERENCES products (id),
        price_id uuid NOT NULL REFERENCES prices (id),
        status text NOT NULL CHECK (status IN
          ('pending_payment', 'review', 'trialing', 'active', 'past_due', 'suspended', 'paused', 'cancelled', 'expired', 'refunded')),
        billing_cycle text NOT NULL,
        amount integer NOT NULL CHECK (amount >= 0),
        currency text NOT NULL,
        current_period_start timestamptz,
        current_period_end timestamptz,
        cancel_at_period_end boolean NOT NULL DEFAULT false,
        cancelled_at timestamptz,
        connection_id uuid REFERENCES connections (id),
        stripe_customer_id text,
        stripe_subscription_id text UNIQUE,
        stripe_payment_intent_id text,
        checkout_session_id text,
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX subscriptions_customer_id_idx ON subscriptions (customer_id);
      CREATE TABLE subscription_items (
        id uuid PRIMARY KEY,
        subscription_id uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
        product_id uuid NOT NULL REFERENCES products (id),
        price_id uuid REFERENCES prices (id),
        kind text NOT NULL DEFAULT 'plan' CHECK (kind IN ('plan', 'addon', 'domain', 'setup')),
        description text NOT NULL,
        amount integer NOT NULL,
        quantity integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX subscription_items_subscription_id_idx ON subscription_items (subscription_id);
      CREATE TABLE checkout_sessions (
        id uuid PRIMARY KEY,
        stripe_session_id text UNIQUE,
        stripe_customer_id text,
        subscription_id uuid REFERENCES subscriptions (id),
        customer_id uuid REFERENCES customers (id),
        connection_id uuid REFERENCES connections (id),
        email text NOT NULL,
        customer_name text,
        password_hash text,
        product_code text NOT NULL,
        billing_cycle text NOT NULL,
        amount integer NOT NULL CHECK (amount >= 0),
        currency text NOT NULL,
        coupon_code text,
        domain_info jsonb,
        quote jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('open', 'completed', 'expired', 'review', 'failed')),
        review_reason text,
        url text,
        next_check_at timestamptz,
        expires_at timestamptz,
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        completed_at timestamptz
      );
      CREATE INDEX checkout_sessions_next_check_idx ON checkout_sessions (next_check_at) WHERE status = 'open';
      CREATE TABLE invoices (
        id uuid PRIMARY KEY,
        series text NOT NULL DEFAULT 'INV',
        number integer NOT NULL,
        customer_id uuid NOT NULL REFERENCES customers (id),
        subscription_id uuid REFERENCES subscriptions (id),
        stripe_invoice_id text UNIQUE,
        status text NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
        currency text NOT NULL,
        amount_due integer NOT NULL,
        amount_paid integer NOT NULL DEFAULT 0,
        amount_tax integer NOT NULL DEFAULT 0,
        amount_discount integer NOT NULL DEFAULT 0,
        period_start timestamptz,
        period_end timestamptz,
        hosted_url text,
        issued_at timestamptz NOT NULL,
        paid_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (series, number),
        UNIQUE (subscription_id, period_start)
      );
      CREATE TABLE invoice_series (
        series text PRIMARY KEY,
        last_number integer NOT NULL
      );
      CREATE TABLE payments (
        id uuid PRIMARY KEY,
        provider text NOT NULL,
        provider_payment_id text NOT NULL,
        customer_id uuid REFERENCES customers (id),
        invoice_id uuid REFERENCES invoices (id),
        checkout_session_id uuid REFERENCES checkout_sessions (id),
        amount integer NOT NULL,
        refunded_amount integer NOT NULL DEFAULT 0,
        currency text NOT NULL,
        status text NOT NULL CHECK (status IN ('succeeded', 'processing', 'failed', 'cancelled', 'requires_action')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (provider, provider_payment_id)
      );
      CREATE TABLE inbox_events (
        id uuid PRIMARY KEY,
        provider text NOT NULL,
        event_id text NOT NULL,
        type text NOT NULL,
        subject_kind text,
        subject_id text,
        payload text NOT NULL,
        state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'processed', 'ignored', 'failed')),
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz DEFAULT now(),
        error text,
        occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        processed_at timestamptz,
        UNIQUE (provider, event_id)
      );
      CREATE INDEX inbox_events_due_idx ON inbox_events (next_attempt_at) WHERE state = 'received';
      CREATE TABLE idempotency_keys (
        scope text NOT NULL,
        key text NOT NULL,
        request_hash text NOT NULL,
        status integer,
        response jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (scope, key)
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE idempotency_keys, inbox_events, payments, invoice_series, invoices, checkout_sessions, subscription_items, subscriptions`,
    );
  }
}
