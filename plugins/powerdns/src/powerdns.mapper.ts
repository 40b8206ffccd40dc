import {
  isRecordType,
  PortError,
  type DsRecord,
  type RecordSet,
  type RecordType,
  type Zone,
  type ZoneSpec,
} from '@keelson/core';
import { contentOf, valueOf } from './powerdns.content.js';
import type { PowerDnsChange, PowerDnsKey, PowerDnsNewZone, PowerDnsRrset, PowerDnsZone } from './powerdns.types.js';

const sha1 = 1;

/** The body that creates a zone: serial kept by the server, signatures kept in order, SOA at the first name server. */
export function newZoneOf({ zone, nameservers, owner }: ZoneSpec, kind: string): PowerDnsNewZone {
  const soa = `${nameservers[0]}. hostmaster.${zone}. 0 10800 3600 604800 3600`;
  return {
    name: `${zone}.`,
    kind,
    account: owner,
    nameservers: nameservers.map((host) => `${host}.`),
    soa_edit_api: 'DEFAULT',
    api_rectify: true,
    rrsets: [{ name: `${zone}.`, type: 'SOA', ttl: 3600, records: [{ content: soa, disabled: false }] }],
  };
}

/**
 * A zone of the API, checked.
 * @throws PortError `internal` when the answer is not the documented shape, or is about another zone
 */
export function zoneFrom(answer: unknown, expected: string): PowerDnsZone {
  const zone = answer as Partial<PowerDnsZone> | null;
  const sound =
    typeof zone === 'object' &&
    zone?.name?.toLowerCase() === `${expected}.` &&
    typeof zone.account === 'string' &&
    typeof zone.serial === 'number' &&
    typeof zone.dnssec === 'boolean' &&
    (zone.rrsets === undefined || (Array.isArray(zone.rrsets) && zone.rrsets.every(isRrset)));
  if (!sound) throw unexpected('a zone');
  return zone as PowerDnsZone;
}

/** Names of zones without final dots. */
export function zoneNamesFrom(answer: unknown): string[] {
  if (!Array.isArray(answer)) throw unexpected('a list of zones');
  return answer.map((zone: { name?: unknown } | null) => {
    if (typeof zone?.name !== 'string') throw unexpected('a list of zones');
    return bare(zone.name);
  });
}

export function portZoneOf({ name, account, serial, rrsets = [] }: PowerDnsZone): Zone {
  const apex = rrsets.find((set) => set.type === 'NS' && set.name.toLowerCase() === name.toLowerCase());
  return {
    zone: bare(name),
    nameservers: apex === undefined ? [] : valuesOf('NS', apex),
    ...(account === '' ? {} : { owner: account }),
    serial,
  };
}

/** The sets that are served and that the port can speak of. */
export function recordSetsOf({ rrsets = [] }: PowerDnsZone): RecordSet[] {
  return rrsets.filter(isSpoken).flatMap((set) => {
    const values = valuesOf(set.type, set);
    return values.length === 0 ? [] : [{ name: bare(set.name), type: set.type, ttl: set.ttl, values }];
  });
}

export function replacementOf({ name, type, ttl, values }: RecordSet): PowerDnsChange {
  const records = values.map((value) => ({ content: contentOf(type, value), disabled: false }));
  return { name: `${name}.`, type, ttl, changetype: 'REPLACE', records };
}

export function deletionOf({ name, type }: Pick<RecordSet, 'name' | 'type'>): PowerDnsChange {
  return { name: `${name}.`, type, changetype: 'DELETE' };
}

/** Whether the zone holds the set already, nothing more and nothing less; then a change would only raise the serial. */
export function holds(zone: PowerDnsZone, { name, type, ttl, values }: RecordSet): boolean {
  const held = heldSet(zone, { name, type });
  if (held === undefined || held.ttl !== ttl || held.records.length !== values.length) return false;
  const served = new Set(valuesOf(type, held));
  return values.every((value) => served.has(value));
}

/** Whether the zone holds a set of this name and type, served or disabled. */
export function holdsAny(zone: PowerDnsZone, key: Pick<RecordSet, 'name' | 'type'>): boolean {
  return heldSet(zone, key) !== undefined;
}

/** DS records of the active keys, without SHA-1 digests, which must not be delegated to (RFC 8624 §3.3). */
export function dsRecordsFrom(answer: unknown): DsRecord[] {
  if (!Array.isArray(answer)) throw unexpected('a list of keys');
  return (answer as PowerDnsKey[])
    .filter((key) => key.active && key.published)
    .flatMap((key) => key.ds ?? [])
    .map((text) => {
      const [, keyTag, algorithm, digestType, digest] = /^(\d+) (\d+) (\d+) ([0-9A-Fa-f ]+)$/.exec(text) ?? [];
      if (digest === undefined) throw unexpected('a DS record');
      return {
        keyTag: Number(keyTag),
        algorithm: Number(algorithm),
        digestType: Number(digestType),
        digest: digest.replaceAll(' ', '').toLowerCase(),
      };
    })
    .filter((ds) => ds.digestType !== sha1);
}

/** The master file in an export. */
export function exportFrom(answer: unknown): string {
  const text = (answer as { zone?: unknown } | null)?.zone;
  if (typeof text !== 'string') throw unexpected('an export');
  return text;
}

function heldSet(
  { rrsets = [] }: PowerDnsZone,
  { name, type }: Pick<RecordSet, 'name' | 'type'>,
): PowerDnsRrset | undefined {
  return rrsets.find((set) => set.type === type && bare(set.name) === name);
}

function isRrset(value: unknown): value is PowerDnsRrset {
  const set = value as Partial<PowerDnsRrset> | null;
  return (
    typeof set?.name === 'string' &&
    typeof set.type === 'string' &&
    typeof set.ttl === 'number' &&
    Array.isArray(set.records) &&
    set.records.every((record) => typeof record?.content === 'string')
  );
}

function isSpoken(set: PowerDnsRrset): set is PowerDnsRrset & { type: RecordType } {
  return isRecordType(set.type);
}

function valuesOf(type: RecordType, { records }: PowerDnsRrset): string[] {
  return records.filter((record) => !record.disabled).map((record) => valueOf(type, record.content));
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function unexpected(what: string): PortError {
  return new PortError('internal', `The name server's answer is not ${what} as documented.`);
}
