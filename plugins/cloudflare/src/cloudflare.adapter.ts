import {
  canonicalRecordKeys,
  canonicalRecordSets,
  canonicalZoneName,
  canonicalZoneSpec,
  changedRecordSets,
  lookOrCreate,
  orNotFound,
  PortError,
  recordKey,
  unlessAbsent,
  type DnsPort,
  type RecordKey,
  type RecordSet,
  type Zone,
  type ZoneSpec,
} from '@keelson/core';
import type { CloudflareClient } from './cloudflare.client.js';
import { newRecordsOf, recordFrom, recordSetsOf, zoneFrom } from './cloudflare.mapper.js';
import type { CloudflareRecord, CloudflareZone } from './cloudflare.types.js';

/** API reference: TTLs from 60 s to a day; 1 would mean "automatic". */
const ttls = { least: 60, greatest: 86_400 };

/** The dns port on one Cloudflare account. The vendor assigns the name servers and has no place for an owner. */
export class CloudflareAdapter implements DnsPort {
  constructor(private readonly client: CloudflareClient) {}

  async testConnection(): Promise<void> {
    await this.client.listZones('name.invalid');
  }

  async ensureZone(spec: ZoneSpec): Promise<Zone> {
    const { zone } = canonicalZoneSpec(spec);
    // One that another call of ours made meanwhile is found; one in an account that we do not see stays already-exists.
    const create = async () => zoneFrom(await this.client.createZone(zone), true);
    const { nameservers } = await lookOrCreate(() => this.find(zone), create);
    return { zone, nameservers };
  }

  async findZone(zone: string): Promise<Zone | undefined> {
    const found = await this.find(zone);
    return found === undefined ? undefined : { zone: found.zone, nameservers: found.nameservers };
  }

  async putRecords(zone: string, sets: RecordSet[]): Promise<void> {
    const wanted = canonicalRecordSets(canonicalZoneName(zone), sets);
    const held = await this.read(zone);
    const changed = changedRecordSets(held.sets, wanted);
    const odd = changed.find(({ ttl }) => ttl < ttls.least || ttl > ttls.greatest);
    if (odd) throw new PortError('invalid-input', `The TTL of ${odd.name} must be 60 seconds to a day.`);
    await this.replace(held, changed, changed);
  }

  async removeRecords(zone: string, sets: RecordKey[]): Promise<void> {
    const unwanted = canonicalRecordKeys(canonicalZoneName(zone), sets);
    await this.replace(await this.read(zone), unwanted, []);
  }

  async listRecords(zone: string): Promise<RecordSet[]> {
    return (await this.read(zone)).sets;
  }

  async removeZone(zone: string): Promise<void> {
    const found = await this.find(zone);
    if (found !== undefined) await unlessAbsent(this.client.deleteZone(found.id));
  }

  async listZones(): Promise<string[]> {
    return (await this.client.listZones()).map((found) => zoneFrom(found).zone);
  }

  private async find(zone: string): Promise<CloudflareZone | undefined> {
    const name = canonicalZoneName(zone);
    return (await this.client.listZones(name)).map((one) => zoneFrom(one)).find((one) => one.zone === name);
  }

  private async read(name: string): Promise<Held> {
    const zone = orNotFound(await this.find(name), 'There is no such zone.');
    const records = (await this.client.listRecords(zone.id)).map(recordFrom);
    return { zone, records, sets: recordSetsOf(zone, records) };
  }

  /** Removes the records of the old sets and adds those of the new ones, in one transaction; nothing when there are none. */
  private async replace({ zone, records }: Held, old: RecordKey[], added: RecordSet[]): Promise<void> {
    if (old.some(({ name, type }) => type === 'NS' && name === zone.zone)) {
      throw new PortError('unsupported', 'The name servers of the zone are chosen by their provider.');
    }
    const keys = new Set(old.map(recordKey));
    const deletes = records.filter((record) => keys.has(recordKey(record))).map(({ id }) => ({ id }));
    const posts = added.flatMap(newRecordsOf);
    if (deletes.length + posts.length > 0) await this.client.changeRecords(zone.id, deletes, posts);
  }
}

/** Everything that a zone holds: as the vendor's records, and as sets. */
interface Held {
  zone: CloudflareZone;
  records: CloudflareRecord[];
  sets: RecordSet[];
}
