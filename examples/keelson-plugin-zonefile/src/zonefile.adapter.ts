import {
  canonicalRecordKeys,
  canonicalRecordSets,
  canonicalZoneName,
  canonicalZoneSpec,
  changedRecordSets,
  orNotFound,
  PortError,
  recordKey,
  withRecordSets,
  type Clock,
  type DnsPort,
  type RecordKey,
  type RecordSet,
  type Zone,
  type ZoneSpec,
} from '@keelson/core';
import { ZonefileClient } from './zonefile.client.js';
import type { ZonefileSettings } from './zonefile.config.js';
import { textOf, zoneFileFrom, zoneOf, type ZoneFile } from './zonefile.mapper.js';

/** The dns port on a folder of zone files. The first line of a file names its owner. */
export class ZonefileAdapter implements DnsPort {
  private readonly client: ZonefileClient;

  constructor(
    private readonly settings: ZonefileSettings,
    private readonly clock: Clock,
  ) {
    this.client = new ZonefileClient(settings.folder, clock);
  }

  async testConnection(): Promise<void> {
    await this.client.checkFolder();
  }

  async ensureZone(spec: ZoneSpec): Promise<Zone> {
    const { zone, nameservers } = canonicalZoneSpec(spec);
    if (!/^[\x21-\x7e]+$/.test(spec.owner)) throw new PortError('invalid-input', 'The owner is not printable.');
    return this.client.alone(zone, async () => {
      const present = await this.find(zone);
      if (present === undefined) return zoneOf(await this.save(this.newZone(zone, nameservers, spec.owner)));
      if (present.owner === spec.owner) return zoneOf(present);
      throw new PortError('already-exists', `The zone ${zone} exists already and belongs to someone else.`);
    });
  }

  async findZone(zone: string): Promise<Zone | undefined> {
    const file = await this.find(canonicalZoneName(zone));
    return file === undefined ? undefined : zoneOf(file);
  }

  async putRecords(zone: string, sets: RecordSet[]): Promise<void> {
    const name = canonicalZoneName(zone);
    const wanted = canonicalRecordSets(name, sets);
    await this.change(name, (present) => withRecordSets(present, changedRecordSets(present, wanted)));
  }

  async removeRecords(zone: string, sets: RecordKey[]): Promise<void> {
    const name = canonicalZoneName(zone);
    const unwanted = new Set(canonicalRecordKeys(name, sets).map(recordKey));
    await this.change(name, (present) => present.filter((set) => !unwanted.has(recordKey(set))));
  }

  async listRecords(zone: string): Promise<RecordSet[]> {
    return (await this.get(canonicalZoneName(zone))).sets;
  }

  async removeZone(zone: string): Promise<void> {
    const name = canonicalZoneName(zone);
    await this.client.alone(name, async () => {
      // Throws for a file that is not ours.
      if ((await this.find(name)) !== undefined) await this.client.remove(name);
    });
  }

  listZones(): Promise<string[]> {
    return this.client.listZones();
  }

  async exportZone(zone: string): Promise<string> {
    return textOf(await this.get(canonicalZoneName(zone)));
  }

  private async find(zone: string): Promise<ZoneFile | undefined> {
    const text = await this.client.read(zone);
    return text === undefined ? undefined : zoneFileFrom(zone, text);
  }

  private async get(zone: string): Promise<ZoneFile> {
    return orNotFound(await this.find(zone), `There is no zone ${zone}.`);
  }

  /** Writes the file when the change leaves other sets than before. */
  private async change(zone: string, change: (present: RecordSet[]) => RecordSet[]): Promise<void> {
    await this.client.alone(zone, async () => {
      const file = await this.get(zone);
      const sets = change(file.sets);
      const same = sets.length === file.sets.length && sets.every((set, index) => set === file.sets[index]);
      if (!same) await this.save({ ...file, sets, serial: this.serialAfter(file.serial) });
    });
  }

  private async save(file: ZoneFile): Promise<ZoneFile> {
    await this.client.write(file.zone, textOf(file));
    return file;
  }

  private newZone(zone: string, nameservers: string[], owner: string): ZoneFile {
    const hostmaster = this.settings.hostmaster ?? `hostmaster@${zone}`;
    const sets: RecordSet[] = [{ name: zone, type: 'NS', ttl: 3600, values: nameservers }];
    return { zone, owner, hostmaster, sets, serial: this.serialAfter(0) };
  }

  /** Seconds since 1970, or one more than before: always greater (RFC 1912 §2.2). */
  private serialAfter(serial: number): number {
    return Math.max(serial + 1, Math.floor(this.clock.now().getTime() / 1000));
  }
}
