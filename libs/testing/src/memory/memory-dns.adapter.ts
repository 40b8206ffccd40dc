import { createHash } from 'node:crypto';
import {
  canonicalHostName,
  canonicalRecordKeys,
  canonicalRecordSets,
  canonicalZoneName,
  dnsPort,
  PortError,
  type CapabilityMethods,
  type CapabilityOf,
  type DnsPort,
  type DsRecord,
  type RecordSet,
  type Zone,
  type ZoneSpec,
} from '@keelson/core';
import { MemoryCalls, type MemoryCall } from './memory-calls.js';

type Capability = CapabilityOf<typeof dnsPort>;

/** All of them. */
export const memoryDnsCapabilities = Object.keys(dnsPort.capabilities) as Capability[];

export interface MemoryZone {
  owner: string;
  serial: number;
  signed: boolean;
  /** By name and type, such as `www.example.com A`. */
  sets: Map<string, RecordSet>;
}

/** A name server in memory. Any number of adapters may talk to it, as several processes talk to one vendor. */
export class MemoryNameServer {
  /** By name, without the final dot. */
  readonly zones = new Map<string, MemoryZone>();
  /** Zones that secondaries were asked to fetch, in order. */
  readonly notified: string[] = [];
  /** Ledger and faults of every call, whichever adapter made it. */
  readonly calls = new MemoryCalls();
}

/** The reference adapter of the dns port: what the contract says, over a name server in memory, with every capability. */
export class MemoryDnsAdapter implements DnsPort, CapabilityMethods<typeof dnsPort, Capability> {
  /** @param credentials `refused`: the server accepts no call of this adapter */
  constructor(
    readonly server = new MemoryNameServer(),
    private readonly credentials: 'accepted' | 'refused' = 'accepted',
  ) {}

  async testConnection(): Promise<void> {
    await this.call('testConnection', undefined, () => undefined);
  }

  async ensureZone(spec: ZoneSpec): Promise<Zone> {
    const name = canonicalZoneName(spec.zone);
    const values = spec.nameservers.map(canonicalHostName);
    if (values.length === 0) throw new PortError('invalid-input', `The zone ${name} needs at least one name server.`);
    return this.call('ensureZone', name, (call) => {
      const present = this.server.zones.get(name);
      if (present !== undefined && present.owner !== spec.owner) {
        throw new PortError('already-exists', `The zone ${name} exists already and belongs to someone else.`);
      }
      if (present !== undefined) return zoneOf(name, present);
      const apex: RecordSet = { name, type: 'NS', ttl: 3600, values };
      const zone = { owner: spec.owner, serial: 1, signed: false, sets: new Map([[keyOf(apex), apex]]) };
      this.server.zones.set(name, zone);
      call.changed = true;
      return zoneOf(name, zone);
    });
  }

  async findZone(zone: string): Promise<Zone | undefined> {
    const name = canonicalZoneName(zone);
    return this.call('findZone', name, () => {
      const present = this.server.zones.get(name);
      return present === undefined ? undefined : zoneOf(name, present);
    });
  }

  async putRecords(zone: string, sets: RecordSet[]): Promise<void> {
    const name = canonicalZoneName(zone);
    const wanted = canonicalRecordSets(name, sets);
    await this.call('putRecords', name, (call) => {
      const present = this.get(name);
      const next = new Map(present.sets);
      for (const set of wanted) next.set(keyOf(set), set);
      for (const cname of [...next.values()].filter(({ type }) => type === 'CNAME')) {
        if ([...next.values()].some((other) => other.name === cname.name && other.type !== 'CNAME')) {
          throw new PortError('wrong-state', `${cname.name} already holds records that exclude this type.`);
        }
      }
      change(present, next, call);
    });
  }

  async removeRecords(zone: string, sets: Pick<RecordSet, 'name' | 'type'>[]): Promise<void> {
    const name = canonicalZoneName(zone);
    const unwanted = canonicalRecordKeys(name, sets);
    await this.call('removeRecords', name, (call) => {
      const present = this.get(name);
      const next = new Map(present.sets);
      for (const key of unwanted) next.delete(keyOf(key));
      change(present, next, call);
    });
  }

  async listRecords(zone: string): Promise<RecordSet[]> {
    const name = canonicalZoneName(zone);
    return this.call('listRecords', name, () => structuredClone([...this.get(name).sets.values()]));
  }

  async removeZone(zone: string): Promise<void> {
    const name = canonicalZoneName(zone);
    await this.call('removeZone', name, (call) => {
      call.changed = this.server.zones.delete(name);
    });
  }

  async listZones(): Promise<string[]> {
    return this.call('listZones', undefined, () => [...this.server.zones.keys()]);
  }

  async ensureDnssec(zone: string): Promise<DsRecord[]> {
    const name = canonicalZoneName(zone);
    return this.call('ensureDnssec', name, (call) => {
      const present = this.get(name);
      call.changed = !present.signed;
      present.signed = true;
      return [{ keyTag: 1, algorithm: 13, digestType: 2, digest: createHash('sha256').update(name).digest('hex') }];
    });
  }

  async removeDnssec(zone: string): Promise<void> {
    const name = canonicalZoneName(zone);
    await this.call('removeDnssec', name, (call) => {
      const present = this.get(name);
      call.changed = present.signed;
      present.signed = false;
    });
  }

  async exportZone(zone: string): Promise<string> {
    const name = canonicalZoneName(zone);
    return this.call('exportZone', name, () =>
      [...this.get(name).sets.values()]
        .flatMap((set) => set.values.map((value) => masterFileLine(set, value)))
        .join(''),
    );
  }

  async notifyZone(zone: string): Promise<void> {
    const name = canonicalZoneName(zone);
    await this.call('notifyZone', name, () => {
      this.get(name);
      this.server.notified.push(name);
    });
  }

  private get(name: string): MemoryZone {
    const zone = this.server.zones.get(name);
    if (zone === undefined) throw new PortError('not-found', 'There is no such zone.');
    return zone;
  }

  private call<T>(method: string, zone: string | undefined, act: (call: MemoryCall) => T): Promise<T> {
    return this.server.calls.run(method, zone, (call) => {
      if (this.credentials === 'refused') throw new PortError('invalid-config', 'The credentials are refused.');
      return act(call);
    });
  }
}

function keyOf({ name, type }: Pick<RecordSet, 'name' | 'type'>): string {
  return `${name} ${type}`;
}

/** Takes over the sets when any differs, and counts the serial up then. */
function change(zone: MemoryZone, next: Map<string, RecordSet>, call: MemoryCall): void {
  const text = (sets: Map<string, RecordSet>) => JSON.stringify([...sets.values()].map(sorted));
  if (text(zone.sets) === text(next)) return;
  zone.sets = next;
  zone.serial += 1;
  call.changed = true;
}

function sorted(set: RecordSet): RecordSet {
  return { ...set, values: [...set.values].sort() };
}

function zoneOf(zone: string, { owner, serial, sets }: MemoryZone): Zone {
  return { zone, nameservers: [...(sets.get(`${zone} NS`)?.values ?? [])], owner, serial };
}

/** RFC 1035 §5.1. */
function masterFileLine({ name, type, ttl }: RecordSet, value: string): string {
  const hosts = type === 'CNAME' || type === 'NS' || type === 'MX' || type === 'SRV';
  const data = type === 'TXT' ? JSON.stringify(value) : `${value}${hosts ? '.' : ''}`;
  return `${name}.\t${ttl}\tIN\t${type}\t${data}\n`;
}
