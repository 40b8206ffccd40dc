import type { Settings } from '@keelson/core';
import { toPublicId } from '@keelson/database';
import type { AlertCondition, AlertSource } from '@keelson/notifications';
import type { EntityManager } from 'typeorm';

/** A server is nearly full from this share of its capacity on. */
const nearlyFull = 0.9;
/** Vendors that are away for less are everyday life: the engine waits for them. Seconds. */
const awaySeconds = 300;

/** A source whose conditions are the rows of one statement, `key` and what `tell` makes of each. */
function rows<Row extends object>(
  kind: string,
  sql: string,
  tell: (row: Row) => AlertCondition,
  parameters: unknown[] = [],
): AlertSource {
  return {
    kind,
    current: async (manager: EntityManager) => (await manager.query<Row[]>(sql, parameters)).map((row) => tell(row)),
  };
}

interface StoppedTask {
  id: string;
  service_id: string;
  recipe: string;
  domain: string | null;
  error: string | null;
}

function stopped(status: 'failed' | 'needs_attention', title: string, next: string): AlertSource {
  return rows<StoppedTask>(
    `task.${status}`,
    // What a newer task of the service took the place of is over, and so is what failed of a service that was given up since.
    `SELECT t.id, t.service_id, t.recipe, s.domain, t.error
       FROM provisioning_tasks t JOIN services s ON s.id = t.service_id
      WHERE t.status = '${status}' AND NOT (t.status = 'failed' AND s.status = 'cancelled')
        AND NOT EXISTS (SELECT 1 FROM provisioning_tasks n WHERE n.service_id = t.service_id AND n.created_at > t.created_at)
      ORDER BY t.updated_at DESC LIMIT 1000`,
    ({ id, service_id, recipe, domain, error }) => ({
      key: id,
      severity: 'critical',
      title: `${title}: ${recipe} of ${domain ?? toPublicId('srv', service_id)}`,
      detail: `${error ?? 'No reason was given.'} ${next}`,
      facts: { job: toPublicId('job', id), service: toPublicId('srv', service_id), ...(domain && { domain }) },
    }),
  );
}

/** Everything of this room that operators should know of. */
export function provisioningAlertSources({ alerts }: Pick<Settings, 'alerts'>): AlertSource[] {
  return [
    stopped('needs_attention', 'a job needs a person', 'Decide about its step, retry it, or cancel it.'),
    stopped('failed', 'a job failed', 'What it had done was taken back. Retry it when the cause is mended.'),
    rows<{ id: string; name: string; used: number; capacity: number }>(
      'server.full',
      `SELECT id, name, used, capacity FROM servers WHERE is_active AND used >= capacity * $1::float8`,
      ({ id, name, used, capacity }) => ({
        key: id,
        severity: used >= capacity ? 'critical' : 'warning',
        title: `the server ${name} is ${used >= capacity ? 'full' : 'nearly full'}`,
        detail: `${used} of ${capacity} accounts are taken. Raise its capacity, or add a server to its group.`,
        facts: { server: name },
      }),
      [nearlyFull],
    ),
    rows<{ id: string; name: string; error: string | null; since: Date | null }>(
      'server.offline',
      `SELECT v.id, v.name, c.error, c.failing_since AS since
         FROM servers v LEFT JOIN connection_checks c ON c.connection_id = v.connection_id
        WHERE v.is_active AND NOT v.is_online`,
      ({ id, name, error, since }) => ({
        key: id,
        severity: 'critical',
        title: `the server ${name} is offline`,
        detail: `${error ?? 'It does not answer.'} It gets no new accounts, and its jobs wait, until it answers again.`,
        facts: { server: name, ...(since && { since: since.toISOString() }) },
      }),
    ),
    rows<{ id: string; name: string; error: string | null; since: Date }>(
      'connection.away',
      `SELECT c.connection_id AS id, n.name, c.error, c.failing_since AS since
         FROM connection_checks c JOIN connections n ON n.id = c.connection_id
        WHERE n.status = 'enabled' AND c.failing_since <= clock_timestamp() - make_interval(secs => $1)
          AND NOT EXISTS (SELECT 1 FROM servers v WHERE v.connection_id = c.connection_id)`,
      ({ id, name, error, since }) => ({
        key: id,
        severity: 'critical',
        title: `the connection ${name} does not answer`,
        detail: `${error ?? 'It does not answer.'} Jobs that need it wait. See keelson doctor.`,
        facts: { connection: name, since: since.toISOString() },
      }),
      [awaySeconds],
    ),
    rows<{ id: string; name: string; amount: string; currency: string }>(
      'registrar.balance_low',
      `SELECT c.connection_id AS id, n.name, c.balance_amount AS amount, c.balance_currency AS currency
         FROM connection_checks c JOIN connections n ON n.id = c.connection_id
        WHERE n.status = 'enabled' AND c.balance_amount < $1`,
      ({ id, name, amount, currency }) => ({
        key: id,
        severity: 'warning',
        title: `little money is left at ${name}`,
        detail: `${(Number(amount) / 100).toFixed(2)} ${currency} are left. Registrations and renewals wait when it runs out: add funds.`,
        facts: { connection: name },
      }),
      [alerts.balanceBelow * 100],
    ),
    rows<{ service_id: string; domain: string | null; error: string; since: Date; given_up: boolean }>(
      'certificate.failing',
      `SELECT r.service_id, s.domain, r.error, r.failing_since AS since, r.given_up_at IS NOT NULL AS given_up
         FROM certificate_renewals r JOIN services s ON s.id = r.service_id
        WHERE r.failing_since IS NOT NULL AND s.status = 'active'`,
      ({ service_id, domain, error, since, given_up }) => ({
        key: service_id,
        severity: given_up ? 'critical' : 'warning',
        title: `no certificate can be had for ${domain ?? toPublicId('srv', service_id)}`,
        detail: `${error} ${given_up ? 'Nobody tries any more: renew it by hand when the cause is mended.' : 'Tries go on.'}`,
        facts: { service: toPublicId('srv', service_id), since: since.toISOString() },
      }),
    ),
    rows<{ id: string; name: string; area: string; count: number }>(
      'drift.found',
      `SELECT f.connection_id AS id, n.name, f.area, count(*)::int AS count
         FROM drift_findings f JOIN connections n ON n.id = f.connection_id
        WHERE f.status = 'open' AND f.times_seen > 1 GROUP BY 1, 2, 3`,
      ({ id, name, area, count }) => ({
        key: `${id} ${area}`,
        severity: 'warning',
        title: `${area} at ${name} are not what they should be`,
        detail: `${count} differences. See keelson drift: repair, adopt or ignore them.`,
        facts: { connection: name, area, differences: String(count) },
      }),
    ),
    rows<{ id: string; name: string; area: string; why: string; listed: number; believed: number }>(
      'drift.suspicious',
      `SELECT o.connection_id AS id, n.name, o.area, o.suspicion AS why, o.listed, o.believed
         FROM (SELECT DISTINCT ON (connection_id, area) * FROM observations WHERE complete ORDER BY connection_id, area, ended_at DESC) o
         JOIN connections n ON n.id = o.connection_id
        WHERE o.suspicion IS NOT NULL`,
      ({ id, name, area, why, listed, believed }) => ({
        key: `${id} ${area}`,
        severity: 'critical',
        title: `the list of ${area} at ${name} is suspiciously ${why}`,
        detail: `It lists ${listed} where we know of ${believed}. Nothing was concluded from it: look at the vendor, and at the credentials.`,
        facts: { connection: name, area },
      }),
    ),
  ];
}
