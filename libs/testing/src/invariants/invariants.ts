/** What a vendor holds of one kind, by its own account of it. */
export interface Holding {
  /** Such as `mailbox`. */
  kind: string;
  /** Steps that make it; the last task of a service that has one of them says whether it should be there. */
  steps: readonly string[];
  /** What it is known by at the vendor. */
  by: 'id' | 'domain' | 'username';
  /** How many there are, by service id, domain or user name. */
  counts: ReadonlyMap<string, number>;
  /** It stays when its service ends, as a domain that was paid for does. */
  kept?: boolean;
}

/** What is not as it must be; empty lists when all is well. Each entry names the object. */
export interface Broken {
  /** More than one object where one was ordered. */
  duplicates: string[];
  /** Objects without an owner. */
  leaks: string[];
  /** Steps that claim what their vendor knows nothing of. */
  unproven: string[];
  /** Services, tasks and steps that nobody would ever look at again. */
  stuck: string[];
  /** Servers whose used slots are not the accounts on them. */
  slots: string[];
}

/** Runs one statement and returns its rows. */
export type Query = (sql: string) => Promise<readonly object[]>;

interface ServiceRow {
  id: string;
  domain: string | null;
  username: string | null;
  status: string;
  serverId: string | null;
  task: string | null;
  steps: Record<string, string>;
}

const services = `
  SELECT s.id, s.domain, s.username, s.status, s.server_id AS "serverId",
         (SELECT status FROM provisioning_tasks WHERE service_id = s.id ORDER BY created_at DESC, id DESC LIMIT 1) AS task,
         (SELECT coalesce(jsonb_object_agg(name, state), '{}') FROM (
            SELECT DISTINCT ON (p.name) p.name, p.state FROM provisioning_steps p JOIN provisioning_tasks t ON t.id = p.task_id
             WHERE t.service_id = s.id ORDER BY p.name, t.created_at DESC, t.id DESC) last) AS steps
    FROM services s`;

const forgotten = `
  SELECT 'task ' || id AS what FROM provisioning_tasks
   WHERE status IN ('queued', 'running', 'waiting') AND next_wake_at IS NULL
  UNION ALL
  SELECT 'step ' || s.name || ' of task ' || t.id FROM provisioning_steps s JOIN provisioning_tasks t ON t.id = s.task_id
   WHERE s.state IN ('intent', 'waiting', 'unknown', 'undoing') AND s.next_attempt_at IS NULL AND s.lease_until IS NULL
     AND t.status IN ('queued', 'running', 'waiting') AND t.direction = 'forward'`;

const over = ['failed', 'cancelled', 'terminated'];
const resting = [...over, 'active', 'suspended', 'quarantined'];
const underWay = ['queued', 'running', 'waiting', 'needs_attention'];

/**
 * Compares what vendors hold with what the database believes. Whatever was done to the engine, these hold at every moment at which no
 * call is under way:
 *
 * 1. every order has exactly one object of each kind at the vendor;
 * 2. no object is without an owner;
 * 3. no step succeeded without the vendor's evidence;
 * 4. every service is where it ends, or somebody will look at it: the engine at a due time, or a person who was asked;
 * 5. the slots used on a server are the accounts on it.
 */
export async function brokenInvariants(query: Query, holdings: readonly Holding[]): Promise<Broken> {
  const rows = (await query(services)) as ServiceRow[];
  const broken: Broken = { duplicates: [], leaks: [], unproven: [], stuck: [], slots: [] };
  for (const holding of holdings) compare(rows, holding, broken);
  broken.stuck.push(
    ...rows
      .filter((row) => !resting.includes(row.status) && !isUnderWay(row))
      .map((row) => `${row.status} ${nameOf(row)}`),
    ...((await query(forgotten)) as { what: string }[]).map(({ what }) => what),
  );
  const servers = (await query('SELECT id, name, used FROM servers')) as { id: string; name: string; used: number }[];
  for (const { id, name, used } of servers) {
    const held = rows.filter((row) => row.serverId === id && (isUnderWay(row) || isThere(row, holdings))).length;
    if (used !== held) broken.slots.push(`${name}: ${used} slots used, ${held} accounts`);
  }
  return broken;
}

function compare(rows: readonly ServiceRow[], { kind, steps, by, counts, kept }: Holding, broken: Broken): void {
  const owners = new Map<string, ServiceRow[]>();
  for (const row of rows) {
    const key = row[by];
    if (key !== null) owners.set(key, [...(owners.get(key) ?? []), row]);
  }
  const made = (row: ServiceRow) => steps.some((step) => row.steps[step] === 'completed');
  for (const [key, count] of counts) {
    if (count > 1) broken.duplicates.push(`${kind} ${key}: ${count}`);
    const owned = (owners.get(key) ?? []).some(
      (row) => isUnderWay(row) || (made(row) && (kept === true || !over.includes(row.status))),
    );
    if (count > 0 && !owned) broken.leaks.push(`${kind} ${key}`);
  }
  for (const row of rows) {
    if (!made(row) || over.includes(row.status) || isUnderWay(row, 'undoing')) continue;
    if ((counts.get(row[by] ?? '') ?? 0) < 1) broken.unproven.push(`${kind} ${nameOf(row)}`);
  }
}

function isUnderWay({ task, steps }: ServiceRow, state?: string): boolean {
  if (task === null || !underWay.includes(task)) return false;
  return state === undefined || Object.values(steps).includes(state);
}

function isThere(row: ServiceRow, holdings: readonly Holding[]): boolean {
  const accounts = holdings.find(({ steps }) => steps.includes('create_account'));
  return accounts === undefined || (accounts.counts.get(row[accounts.by] ?? '') ?? 0) > 0;
}

function nameOf({ domain, id }: ServiceRow): string {
  return domain ?? id;
}
