import pg from 'pg';

/** Services on one server, and on one name server, mail server, registrar and authority. */
const perServer = 500;
const perVendor = 10_000;
/** Tasks that are not over, whatever the size: what is under way does not grow with the years. */
const openTasks = 1_000;
export const stepsPerTask = 10;

/**
 * Fills a database, set by set, with so many services and everything that belongs to them: per service one task of ten steps, a domain, a
 * website, a zone, a mailbox, an account at the panel, a certificate with its renewal. Foreign keys are not checked row by row: the rows
 * are right by construction. Most of the last tasks have their events; those of all would be ten times as many.
 */
export async function fill(url, services) {
  const client = new pg.Client({ connectionString: url, statement_timeout: 0 });
  await client.connect();
  const settle = async (...settings) => {
    for (const setting of settings) await client.query(`ALTER SYSTEM ${setting}`);
    await client.query('SELECT pg_reload_conf()');
  };
  try {
    // While it is filled, the server need not survive a crash; what is measured afterwards runs with the usual settings.
    await settle('SET fsync = off', 'SET full_page_writes = off');
    await client.query(
      `SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'`,
    );
    for (const sql of sets(services)) await client.query(sql);
    await client.query('VACUUM (ANALYZE, PARALLEL 0)');
    await settle('RESET fsync', 'RESET full_page_writes');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

function sets(services) {
  const servers = Math.ceil(services / perServer);
  const vendors = Math.ceil(services / perVendor);
  const customers = Math.ceil(services / 2);
  const eventful = Math.min(services, 100_000);
  // Times: the last service was ordered just now, the first as many half-minutes ago as there are services.
  const at = (n) => `now() - (${services} - ${n}) * interval '30 seconds'`;
  return [
    `CREATE TEMP TABLE vendor AS SELECT uuidv7() AS id, n, kind FROM unnest(ARRAY['panel']) AS kind, generate_series(0, ${servers - 1}) AS n
       UNION ALL SELECT uuidv7(), n, kind FROM unnest(ARRAY['dns', 'mailbox', 'registrar', 'ssl']) AS kind, generate_series(0, ${vendors - 1}) AS n`,
    `INSERT INTO connections (id, name, plugin, settings, secrets, source) SELECT id, kind || ' ' || n, 'bench', '{}', '', 'config' FROM vendor`,
    `INSERT INTO customers (id, name, email, created_at) SELECT uuidv7(), 'Customer ' || n, 'customer' || n || '@example.test', now() - n * interval '1 minute'
       FROM generate_series(0, ${customers - 1}) AS n`,
    `CREATE TEMP TABLE customer AS SELECT id, row_number() OVER (ORDER BY number) - 1 AS n FROM customers`,
    `INSERT INTO products (id, slug, name, description, type, package_name) VALUES (uuidv7(), 'starter', 'Starter', 'd', 'hosting', 'starter')`,
    `INSERT INTO servers (id, name, connection_id, capacity, used) SELECT uuidv7(), 'server ' || n, id, ${perServer * 2}, ${perServer} FROM vendor WHERE kind = 'panel'`,
    `CREATE TEMP TABLE server AS SELECT s.id, v.n, v.id AS connection_id FROM servers s JOIN vendor v ON v.id = s.connection_id`,
    `CREATE TEMP TABLE one AS SELECT n, uuidv7(-(${services} - n) * interval '30 seconds') AS id, uuidv7(-(${services} - n) * interval '30 seconds') AS task_id, ${at('n')} AS at
       FROM generate_series(1, ${services}) AS n`,
    `INSERT INTO services (id, customer_id, product_id, type, domain, status, server_id, username, package_name, provisioned_at, created_at, updated_at)
     SELECT o.id, c.id, p.id, 'hosting', 'site-' || o.n || '.example', CASE WHEN o.n > ${services - openTasks} THEN 'provisioning' ELSE 'active' END,
            s.id, 'u' || o.n, 'starter', o.at, o.at, o.at
       FROM one o JOIN customer c ON c.n = o.n % ${customers} JOIN server s ON s.n = o.n % ${servers} CROSS JOIN products p`,
    `INSERT INTO provisioning_tasks (id, recipe, recipe_version, service_id, customer_id, input, status, wake_count, next_wake_at, started_at, completed_at, created_at, updated_at)
     SELECT o.task_id, 'hosting.provision', 1, o.id, s.customer_id, jsonb_build_object('serviceId', o.id), state.status, state.wakes, state.due, o.at,
            CASE WHEN state.due IS NULL THEN o.at + interval '1 minute' END, o.at, o.at
       FROM one o JOIN services s ON s.id = o.id
       CROSS JOIN LATERAL (SELECT CASE WHEN o.n <= ${services - openTasks} THEN CASE WHEN o.n % 1000 = 0 THEN 'failed' ELSE 'completed' END
                                       WHEN o.n % 2 = 0 THEN 'queued' ELSE 'waiting' END AS status,
                                  CASE WHEN o.n <= ${services - openTasks} OR o.n % 2 = 1 THEN 1 ELSE 0 END AS wakes,
                                  CASE WHEN o.n > ${services - openTasks} THEN now() + interval '1 hour' END AS due) state
      ORDER BY o.n`,
    ...stepSets(services),
    // Emptied in the same transaction, so that their rows need no log.
    `BEGIN; TRUNCATE provisioning_events`,
    `INSERT INTO provisioning_events (task_id, at, type, step, data)
     SELECT o.task_id, o.at, 'step.' || said.type, step.name, '{"attempt": 1, "worker": "worker-1:4711:a1b2c3"}'
       FROM one o CROSS JOIN (VALUES ('started'), ('completed')) AS said (type)
       CROSS JOIN (SELECT 'step_' || p AS name FROM generate_series(1, ${stepsPerTask}) AS p) step
      WHERE o.n > ${services - eventful}`,
    `COMMIT`,
    `INSERT INTO domains (id, customer_id, service_id, name, mode, status, connection_id, expires_at, synced_at)
     SELECT uuidv7(), s.customer_id, s.id, s.domain, 'new_registration', 'active', v.id, now() + interval '200 days', now() - (o.n % 43000) * interval '1 second'
       FROM one o JOIN services s ON s.id = o.id JOIN vendor v ON v.kind = 'registrar' AND v.n = o.n % ${vendors}`,
    `INSERT INTO websites (id, service_id, domain, status) SELECT uuidv7(), id, domain, 'active' FROM services`,
    `INSERT INTO dns_zones (id, service_id, name, connection_id, status, records)
     SELECT uuidv7(), s.id, s.domain, v.id, 'active', '[{"name": "@", "type": "A", "ttl": 3600, "values": ["192.0.2.20"]}]'
       FROM one o JOIN services s ON s.id = o.id JOIN vendor v ON v.kind = 'dns' AND v.n = o.n % ${vendors}`,
    `INSERT INTO mailboxes (id, service_id, address, connection_id, status)
     SELECT uuidv7(), s.id, 'info@' || s.domain, v.id, 'active'
       FROM one o JOIN services s ON s.id = o.id JOIN vendor v ON v.kind = 'mailbox' AND v.n = o.n % ${vendors}`,
    `INSERT INTO remote_resources (id, service_id, connection_id, kind, remote_id, data)
     SELECT uuidv7(), s.id, v.connection_id, 'account', s.username, '{}'::jsonb FROM services s JOIN server v ON v.id = s.server_id
     UNION ALL SELECT uuidv7(), service_id, connection_id, 'mailbox', address, '{}'::jsonb FROM mailboxes`,
    `INSERT INTO certificates (id, service_id, connection_id, domains, status, certificate_pem, chain_pem, private_key, serial, not_before, not_after)
     SELECT uuidv7(), s.id, v.id, ARRAY[s.domain], 'installed', 'pem', 'pem', 'sealed', 's', now() - interval '30 days', now() + interval '60 days'
       FROM one o JOIN services s ON s.id = o.id JOIN vendor v ON v.kind = 'ssl' AND v.n = o.n % ${vendors}`,
    `INSERT INTO certificate_renewals (service_id, due_at, ask_at)
     SELECT id, now() + (n % 86400 + 60) * interval '1 minute', now() + (n % 86400 + 60) * interval '1 second' FROM one`,
  ];
}

/** The steps: their indexes are made when the rows are there, which is ten times as quick. */
function stepSets(services) {
  return [
    `ALTER TABLE provisioning_steps DROP CONSTRAINT provisioning_steps_task_id_name_key`,
    `ALTER TABLE connection_line DROP CONSTRAINT connection_line_step_id_fkey`,
    `ALTER TABLE provisioning_steps DROP CONSTRAINT provisioning_steps_pkey`,
    `BEGIN; TRUNCATE provisioning_steps`,
    `INSERT INTO provisioning_steps (id, task_id, name, position, state, attempt, fence, worker, connection, output, evidence, started_at, finished_at)
     SELECT uuidv7(-(${services} - o.n) * interval '30 seconds'), o.task_id, 'step_' || p, p, CASE WHEN done THEN 'completed' ELSE 'pending' END, done::int, done::int,
            CASE WHEN done THEN 'worker-1:4711:a1b2c3' END, CASE WHEN done THEN 'panel 1' END,
            CASE WHEN done THEN jsonb_build_object('remoteId', 'u' || o.n) END, CASE WHEN done THEN '{"acted": true, "attempt": 1}'::jsonb END,
            CASE WHEN done THEN o.at END, CASE WHEN done THEN o.at + interval '2 seconds' END
       FROM one o CROSS JOIN generate_series(1, ${stepsPerTask}) AS p CROSS JOIN LATERAL (SELECT o.n <= ${services - openTasks} AS done) d
      ORDER BY o.n, p`,
    `ALTER TABLE provisioning_steps ADD PRIMARY KEY (id)`,
    `ALTER TABLE provisioning_steps ADD UNIQUE (task_id, name)`,
    `COMMIT`,
    `ALTER TABLE connection_line ADD FOREIGN KEY (step_id) REFERENCES provisioning_steps (id) ON DELETE CASCADE`,
  ];
}
