import {
  canonicalRecordKeys,
  canonicalRecordSets,
  canonicalZoneName,
  canonicalZoneSpec,
  isPortError,
  PortError,
  refuseCnameConflicts,
  sameRecordSet,
  type DnsPort,
  type RecordSet,
  type Zone,
  type ZoneSpec,
} from '@keelson/core';
import type { CloudflareClient } from './cloudflare.client.js';
import { newRecordsOf, portZoneOf, recordFrom, recordSetsOf, zoneFrom } from './cloudflare.mapper.js';
import type { CloudflareRecord, CloudflareZone } from './cloudflare.types.js';

/** API reference: TTLs from 60 s to a day; 1 would mean "automatic". */
const ttls = { least: 60, greatest: 86_400 };
const keyOf = ({ name, type }: { name: string; type: string }): string => `${name} ${type}`;

/** The dns port on one Cloudflare account. The vendor assigns the name servers and has no place for an owner. */
export class CloudflareAdapter implements DnsPort {
  constructor(private readonly client: CloudflareClient) {}

  async testConnection(): Promise<void> {
    await this.client.listZones('name.invalid');
  }

  async ensureZone(spec: ZoneSpec): Promise<Zone> {
    const { zone: name } = canonicalZoneSpec(spec);
    const present = await this.find(name);
    if (present !== undefined) return portZoneOf(present);
    try {
      return portZoneOf(zoneFrom(await this.client.createZone(name), true));
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.code !== 'already-exists') throw thrown;
      // Another call of ours made it meanwhile; or it lies in an account that we do not see.
      const raced = await this.find(name);
      if (raced === undefined) throw thrown;
      return portZoneOf(raced);
    }
  }

  async findZone(zone: string): Promise<Zone | undefined> {
    const found = await this.find(canonicalZoneName(zone));
    return found === undefined ? undefined : portZoneOf(found);
  }

  async putRecords(zone: string, sets: RecordSet[]): Promise<void> {
    const wanted = canonicalRecordSets(canonicalZoneName(zone), sets);
    const { held, records, id } = await this.read(zone);
    const changed = wanted.filter((set) => !sameRecordSet(held.get(keyOf(set)), set));
    if (changed.length === 0) return;
    refuseApexNs(zone, changed);
    const odd = changed.find(({ ttl }) => ttl < ttls.least || ttl > ttls.greatest);
    if (odd) throw new PortError('invalid-input', `The TTL of ${odd.name} must be 60 seconds to a day.`);
    refuseCnameConflicts([...new Map([...held, ...changed.map((set) => [keyOf(set), set] as const)]).values()]);
    const replaced = new Set(changed.map(keyOf));
    await this.client.changeRecords(id, {
      deletes: records.filter((record) => replaced.has(keyOf(record))).map((record) => ({ id: record.id })),
      posts: changed.flatMap(newRecordsOf),
    });
  }

  async removeRecords(zone: string, sets: Pick<RecordSet, 'name' | 'type'>[]): Promise<void> {
    const unwanted = canonicalRecordKeys(canonicalZoneName(zone), sets);
    refuseApexNs(zone, unwanted);
    const keys = new Set(unwanted.map(keyOf));
    const { records, id } = await this.read(zone);
    const deletes = records.filter((record) => keys.has(keyOf(record))).map((record) => ({ id: record.id }));
    if (deletes.length > 0) await this.client.changeRecords(id, { deletes, posts: [] });
  }

  async listRecords(zone: string): Promise<RecordSet[]> {
    return [...(await this.read(zone)).held.values()];
  }

  async removeZone(zone: string): Promise<void> {
    const found = await this.find(canonicalZoneName(zone));
    if (found === undefined) return;
    try {
      await this.client.deleteZone(found.id);
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.code !== 'not-found') throw thrown;
    }
  }

  async listZones(): Promise<string[]> {
    return (await this.client.listZones()).map((zone) => zoneFrom(zone).name);
  }

  private async find(name: string): Promise<CloudflareZone | undefined> {
    return (await this.client.listZones(name)).map((zone) => zoneFrom(zone)).find((zone) => zone.name === name);
  }

  /** Everything the zone holds: as the vendor's records, and as sets by name and type. */
  private async read(zone: string): Promise<{ id: string; records: CloudflareRecord[]; held: Map<string, RecordSet> }> {
    const found = await this.find(canonicalZoneName(zone));
    if (found === undefined) throw new PortError('not-found', 'There is no such zone.');
    const records = (await this.client.listRecords(found.id)).map(recordFrom);
    return { id: found.id, records, held: new Map(recordSetsOf(found, records).map((set) => [keyOf(set), set])) };
  }
}

/** The zone's own NS set is the vendor's. */
function refuseApexNs(zone: string, sets: readonly Pick<RecordSet, 'name' | 'type'>[]): void {
  if (!sets.some(({ name, type }) => type === 'NS' && name === zone.toLowerCase())) return;
  throw new PortError('unsupported', 'The name servers of the zone are chosen by their provider.');
}
