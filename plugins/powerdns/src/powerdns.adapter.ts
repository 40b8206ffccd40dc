import {
  canonicalRecordKeys,
  canonicalRecordSets,
  canonicalZoneName,
  canonicalZoneSpec,
  lookOrCreate,
  PortError,
  unlessAbsent,
  type DnsExtras,
  type DnsPort,
  type DsRecord,
  type RecordSet,
  type Zone,
  type ZoneSpec,
} from '@keelson/core';
import { PowerDnsClient } from './powerdns.client.js';
import type { PowerDnsSettings } from './powerdns.config.js';
import {
  deletionOf,
  dsRecordsFrom,
  exportFrom,
  holds,
  holdsAny,
  newZoneOf,
  portZoneOf,
  recordSetsOf,
  replacementOf,
  zoneFrom,
  zoneNamesFrom,
} from './powerdns.mapper.js';
import type { PowerDnsZone } from './powerdns.types.js';

/** `domains.account` is `VARCHAR(40)` in PowerDNS's own schemas. */
const longestOwner = 40;

type Extras = DnsExtras['zone-listing'] & DnsExtras['dnssec'] & DnsExtras['export'] & DnsExtras['notify'];

/** The dns port on PowerDNS. A zone's `account` field holds the owner; a zone without one is not ours. */
export class PowerDnsAdapter implements DnsPort, Extras {
  private readonly client: PowerDnsClient;

  constructor(private readonly settings: PowerDnsSettings) {
    this.client = new PowerDnsClient(settings);
  }

  async testConnection(): Promise<void> {
    const server = (await unlessAbsent(this.client.getServer())) as { daemon_type?: unknown } | null | undefined;
    if (server?.daemon_type === 'authoritative') return;
    throw new PortError('invalid-config', 'There is no authoritative name server of this id at this address.');
  }

  async ensureZone(spec: ZoneSpec): Promise<Zone> {
    const wanted = checkedSpec(spec);
    const create = async () => {
      const created = await this.client.createZone(newZoneOf(wanted, this.settings.zoneKind));
      return portZoneOf(zoneFrom(created, wanted.zone));
    };
    return ours(await lookOrCreate(() => this.findZone(wanted.zone), create), wanted.owner);
  }

  async findZone(zone: string): Promise<Zone | undefined> {
    const name = canonicalZoneName(zone);
    const head = await unlessAbsent(this.client.getZoneHead(name));
    return head === undefined ? undefined : portZoneOf(zoneFrom(head, name));
  }

  async putRecords(zone: string, sets: RecordSet[]): Promise<void> {
    const name = canonicalZoneName(zone);
    const wanted = canonicalRecordSets(name, sets);
    const present = await this.getZone(name);
    const changes = wanted.filter((set) => !holds(present, set)).map(replacementOf);
    if (changes.length > 0) await this.client.changeRecords(name, changes);
  }

  async removeRecords(zone: string, sets: Pick<RecordSet, 'name' | 'type'>[]): Promise<void> {
    const name = canonicalZoneName(zone);
    const unwanted = canonicalRecordKeys(name, sets);
    const present = await this.getZone(name);
    const changes = unwanted.filter((key) => holdsAny(present, key)).map(deletionOf);
    if (changes.length > 0) await this.client.changeRecords(name, changes);
  }

  async listRecords(zone: string): Promise<RecordSet[]> {
    return recordSetsOf(await this.getZone(canonicalZoneName(zone)));
  }

  async removeZone(zone: string): Promise<void> {
    await unlessAbsent(this.client.deleteZone(canonicalZoneName(zone)));
  }

  async listZones(): Promise<string[]> {
    return zoneNamesFrom(await this.client.listZones());
  }

  async ensureDnssec(zone: string): Promise<DsRecord[]> {
    const name = canonicalZoneName(zone);
    // Asking twice makes no second key but raises the serial, so look first.
    if (!(await this.getZone(name)).dnssec) await this.client.setDnssec(name, true);
    return dsRecordsFrom(await this.client.listKeys(name));
  }

  async removeDnssec(zone: string): Promise<void> {
    const name = canonicalZoneName(zone);
    if ((await this.getZone(name)).dnssec) await this.client.setDnssec(name, false);
  }

  async exportZone(zone: string): Promise<string> {
    return exportFrom(await this.client.exportZone(canonicalZoneName(zone)));
  }

  async notifyZone(zone: string): Promise<void> {
    await this.client.notifyZone(canonicalZoneName(zone));
  }

  private async getZone(name: string): Promise<PowerDnsZone> {
    return zoneFrom(await this.client.getZone(name), name);
  }
}

function checkedSpec(spec: ZoneSpec): ZoneSpec {
  if (!/^[\x21-\x7e]+$/.test(spec.owner) || spec.owner.length > longestOwner) {
    throw new PortError('invalid-input', `A zone's owner is 1 to ${longestOwner} printable characters.`);
  }
  return canonicalZoneSpec(spec);
}

function ours(zone: Zone, owner: string): Zone {
  if (zone.owner === owner) return zone;
  throw new PortError('already-exists', `The zone ${zone.zone} exists already and belongs to someone else.`);
}
