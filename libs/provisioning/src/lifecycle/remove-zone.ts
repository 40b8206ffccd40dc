import { type AdapterOf, type dnsPort, type RecordSet } from '@keelson/core';

/** Records that stayed behind in a zone, as `name type`. */
export interface ZoneLeftovers {
  kept: string[];
}

/**
 * Removes the zone if it carries our mark and holds nothing but what we put there; else only our records. A zone of somebody else is left
 * alone. Repeating it changes nothing.
 * @param ours the record sets that we put there
 */
export async function removeOurZone(
  adapter: AdapterOf<typeof dnsPort>,
  name: string,
  owner: string,
  ours: readonly RecordSet[],
): Promise<ZoneLeftovers> {
  const zone = await adapter.findZone(name);
  if (zone === undefined || (zone.owner !== undefined && zone.owner !== owner)) return { kept: [] };
  const known = new Set(ours.map(keyOf));
  const there = await adapter.listRecords(zone.zone);
  const others = there.filter((set) => !known.has(keyOf(set)) && !(set.type === 'NS' && set.name === zone.zone));
  if (others.length === 0 && zone.owner === owner) await adapter.removeZone(zone.zone);
  else await adapter.removeRecords(zone.zone, [...ours]);
  return { kept: others.map(keyOf) };
}

function keyOf({ name, type }: Pick<RecordSet, 'name' | 'type'>): string {
  return `${name} ${type}`;
}
