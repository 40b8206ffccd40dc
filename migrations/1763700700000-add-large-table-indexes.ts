import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists, observations and alerts read, found by index in tables of millions of rows. */
export class AddLargeTableIndexes1763700700000 implements MigrationInterface {
  name = 'AddLargeTableIndexes1763700700000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX provisioning_tasks_newest_idx ON provisioning_tasks (created_at DESC, id DESC);
      CREATE INDEX provisioning_tasks_customer_idx ON provisioning_tasks (customer_id, created_at DESC, id DESC);
      CREATE INDEX provisioning_tasks_updated_idx ON provisioning_tasks (updated_at);
      CREATE INDEX services_newest_idx ON services (created_at DESC, id DESC);
      CREATE INDEX services_updated_idx ON services (updated_at);
      CREATE INDEX services_server_idx ON services (server_id);
      CREATE INDEX customers_newest_idx ON customers (created_at DESC, id DESC);
      CREATE INDEX dns_zones_connection_idx ON dns_zones (connection_id) WHERE status <> 'removed';
      CREATE INDEX domains_connection_idx ON domains (connection_id) WHERE status IN ('pending', 'active', 'expired');
      CREATE INDEX mailboxes_connection_idx ON mailboxes (connection_id) WHERE status IN ('active', 'suspended');
      CREATE INDEX mailboxes_service_idx ON mailboxes (service_id);
      CREATE INDEX certificates_connection_idx ON certificates (connection_id) WHERE status = 'installed';
      CREATE INDEX certificate_renewals_failing_idx ON certificate_renewals (failing_since) WHERE failing_since IS NOT NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX certificate_renewals_failing_idx, certificates_connection_idx, mailboxes_service_idx, mailboxes_connection_idx,
        domains_connection_idx, dns_zones_connection_idx, customers_newest_idx, services_server_idx, services_updated_idx,
        services_newest_idx, provisioning_tasks_updated_idx, provisioning_tasks_customer_idx, provisioning_tasks_newest_idx;
    `);
  }
}
