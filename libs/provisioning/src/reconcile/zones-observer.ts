import { isDeepStrictEqual } from 'node:util';
import { dnsPort, type RecordSet, supports } from '@keelson/core';
import type { Difference, Facts, Observer } from './reconcile.types.js';

export interface ZoneBelief {
  serviceId: string;
  zone: string;
  status: string;
  serviceStatus: string;
  /** Null until it is set up. */
  connectionId: string | null;
  /** The sets that we put there. */
  records: RecordSet[];
}

export interface SeenZones {
  /** Names that the connection holds, when it tells. */
  names: string[];
  /** Of the zones that were looked at; null for those that are not there. */
  zones: Map<string, { owner?: string; records: RecordSet[] } | null>;
}

/** Zones of a name server, and the record sets in them that are ours. Records that somebody else put there are not compared. */
export const zonesObserver: Observer<typeof dnsPort, ZoneBelief, SeenZones> = {
  area: 'zones',
  port: dnsPort,
  believe: (manager, connectionId) =>
    manager.query<ZoneBelief[]>(
      `SELECT z.service_id AS "serviceId", z.name AS zone, z.status, s.status AS "serviceStatus", z.records,
              z.connection_id AS "connectionId"
         FROM dns_zones z JOIN services s ON s.id = z.service_id
        WHERE (z.connection_id = $1 OR z.connection_id IS NULL) AND z.status <> 'removed' AND s.status <> 'terminated'
        ORDER BY z.name`,
      [connectionId],
    ),
  look: async (adapter, beliefs) => {
    const wanted = beliefs.filter(isKept);
    const names = supports(adapter, dnsPort, 'zone-listing') ? await adapter.listZones() : undefined;
    const listed = names === undefined ? undefined : new Set(names);
    const zones: SeenZones['zones'] = new Map();
    for (const { zone } of wanted) {
      const present = listed === undefined || listed.has(zone) ? await adapter.findZone(zone) : undefined;
      zones.set(
        zone,
        present === undefined ? null : { owner: present.owner, records: await adapter.listRecords(zone) },
      );
    }
    const found = [...zones.values()].filter((zone) => zone !== null).length;
    return { listed: names?.length ?? found, seen: { names: names ?? [], zones } };
  },
  count: (beliefs) => beliefs.filter(isKept).length,
  compare: (beliefs, { names, zones }) => {
    const known = new Set(beliefs.map(({ zone }) => zone));
    const strangers = names.filter((name) => !known.has(name));
    return [...beliefs.filter(isKept).flatMap((belief) => differencesOf(belief, zones)), ...strangers.map(unmanaged)];
  },
};

/** Whether we keep the zone now; the others are only known by name. */
function isKept({ status, serviceStatus, connectionId }: ZoneBelief): boolean {
  return connectionId !== null && status === 'active' && ['active', 'suspended'].includes(serviceStatus);
}

function differencesOf({ serviceId, zone, records }: ZoneBelief, zones: SeenZones['zones']): Difference[] {
  const seen = zones.get(zone);
  if (seen === undefined) return [];
  const about = { key: zone, serviceId };
  if (seen === null) {
    const expected = { zone, recordSets: records.length };
    return [{ ...about, kind: 'zone.missing', expected, actual: null, suggestion: 'repair' }];
  }
  if (seen.owner !== undefined && seen.owner !== serviceId) {
    const [expected, actual] = [{ owner: serviceId }, { owner: seen.owner }];
    return [{ ...about, kind: 'zone.foreign', expected, actual, suggestion: 'look' }];
  }
  const present = new Map(seen.records.map((set) => [keyOf(set), set]));
  return records.flatMap((set): Difference[] => {
    const [expected, held] = [factsOf(set), present.get(keyOf(set))];
    const actual = held === undefined ? null : factsOf(held);
    if (isDeepStrictEqual(expected, actual)) return [];
    return [{ kind: 'zone.records', key: keyOf(set), serviceId, expected, actual, suggestion: 'repair' }];
  });
}

function keyOf({ name, type }: RecordSet): string {
  return `${name} ${type}`;
}

/** Values have no order of their own. */
function factsOf({ ttl, values }: RecordSet): Facts {
  return { ttl, values: [...values].sort() };
}

function unmanaged(zone: string): Difference {
  return { kind: 'zone.unmanaged', key: zone, expected: null, actual: { zone }, suggestion: 'look' };
}
