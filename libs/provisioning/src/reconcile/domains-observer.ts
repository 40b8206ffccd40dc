import { type DomainSummary, registrarPort } from '@keelson/core';
import { allPages, type Difference, type Observer } from './reconcile.types.js';

export interface DomainBelief {
  serviceId: string | null;
  domain: string;
  status: string;
  /** Null until it is registered. */
  connectionId: string | null;
  expiresAt: Date | null;
}

/** Domains of a registrar account: held or not, and until when. */
export const domainsObserver: Observer<typeof registrarPort, DomainBelief, DomainSummary[]> = {
  area: 'domains',
  port: registrarPort,
  believe: (manager, connectionId) =>
    manager.query<DomainBelief[]>(
      `SELECT service_id AS "serviceId", name AS domain, status, connection_id AS "connectionId", expires_at AS "expiresAt"
         FROM domains
        WHERE (connection_id = $1 OR connection_id IS NULL) AND status IN ('pending', 'active', 'expired')
        ORDER BY name`,
      [connectionId],
    ),
  look: async (adapter) => {
    const seen = await allPages((cursor) => adapter.listDomains(cursor));
    return { listed: seen.length, seen };
  },
  count: (beliefs) => beliefs.filter(isHeld).length,
  compare: (beliefs, seen) => {
    const held = new Map(seen.map((summary) => [summary.domain, summary]));
    const known = new Set(beliefs.map(({ domain }) => domain));
    const strangers = [...held.values()].filter(({ domain }) => !known.has(domain));
    return [...beliefs.flatMap((belief) => differenceOf(belief, held)), ...strangers.map(unmanaged)];
  },
};

/** Whether this registrar account should hold the domain now; the others are only known by name. */
function isHeld({ connectionId, status }: DomainBelief): boolean {
  return connectionId !== null && status === 'active';
}

function differenceOf(belief: DomainBelief, held: ReadonlyMap<string, DomainSummary>): Difference[] {
  if (!isHeld(belief)) return [];
  const { serviceId, domain, expiresAt } = belief;
  const about = { key: domain, ...(serviceId !== null && { serviceId }) };
  const expected = expiresAt === null ? null : { expires: dayOf(expiresAt) };
  const summary = held.get(domain);
  if (summary === undefined) return [{ ...about, kind: 'domain.missing', expected, actual: null, suggestion: 'look' }];
  const actual = { expires: dayOf(summary.expiresAt) };
  if (expected?.expires === actual.expires) return [];
  return [{ ...about, kind: 'domain.expiry', expected, actual, suggestion: 'repair' }];
}

/** Vendors tell the day of expiry, not the moment. */
function dayOf(date: Date): string {
  return new Date(date).toISOString().slice(0, 10);
}

function unmanaged({ domain, expiresAt }: DomainSummary): Difference {
  const actual = { domain, expires: dayOf(expiresAt) };
  return { kind: 'domain.unmanaged', key: domain, expected: null, actual, suggestion: 'look' };
}
