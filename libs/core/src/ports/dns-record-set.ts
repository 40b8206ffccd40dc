import { isIPv4, isIPv6 } from 'node:net';
import { PortError } from '../errors/port-error.js';
import type { RecordSet, RecordType } from './dns.port.js';

/** RFC 2181 §8. */
const greatestTtl = 2_147_483_647;
/** RFC 1035 §3.3: record data is at most 65,535 octets; TXT spends one in 256 on the lengths of its chunks. */
const longestTxt = 255 * 255;

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const zoneLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * The zone name in lower case.
 * @throws PortError `invalid-input` unless it is a host name of at least two labels (LDH, A-labels), without the final dot
 */
export function canonicalZoneName(zone: string): string {
  const name = zone.toLowerCase();
  const labels = name.split('.');
  if (name.length > 253 || labels.length < 2 || !labels.every((part) => zoneLabel.test(part))) {
    throw invalid(
      `"${shown(zone)}" is not a domain name. Give it in ASCII (xn--… for other scripts), without a final dot.`,
    );
  }
  return name;
}

/**
 * The host name in lower case: letters, digits, hyphens and underscores (RFC 1123 §2.1, RFC 8552).
 * @throws PortError `invalid-input` for anything else, a final dot included
 */
export function canonicalHostName(host: string): string {
  const name = host.toLowerCase();
  if (name.length > 253 || !name.split('.').every((part) => label.test(part))) {
    throw invalid(`"${shown(host)}" is not a host name.`);
  }
  return name;
}

/**
 * A record's owner name in lower case, which lies in the zone; its first label may be `*`.
 * @throws PortError `invalid-input`
 */
export function canonicalRecordName(zone: string, name: string): string {
  const lower = name.toLowerCase();
  if (lower !== zone && !lower.endsWith(`.${zone}`)) throw invalid(`"${shown(name)}" lies outside the zone ${zone}.`);
  canonicalHostName(lower.startsWith('*.') ? lower.slice(2) : lower);
  if (lower.length > 253) throw invalid(`"${shown(name)}" is too long for a name.`);
  return lower;
}

/**
 * The one spelling of a record set: lower-case names, compressed IPv6 (RFC 5952), no repeated values. Adapters call it before
 * they send anything, so that every vendor refuses the same input.
 * @param zone as `canonicalZoneName` returns it
 * @throws PortError `invalid-input` for a name outside the zone, an unknown type, a TTL or value that is not valid, no values,
 *   several CNAMEs, a CNAME at the apex (RFC 1034 §3.6.2), and control characters anywhere
 */
export function canonicalRecordSet(zone: string, set: RecordSet): RecordSet {
  const name = canonicalRecordName(zone, set.name);
  const { type, ttl } = set;
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > greatestTtl) {
    throw invalid(`The TTL of ${name} ${type} is not a whole number of seconds from 0 to ${greatestTtl}.`);
  }
  const values = [...new Set(set.values.map((value) => canonicalRecordValue(type, value)))];
  if (values.length === 0) throw invalid(`${name} ${type} has no values. To remove the set, use removeRecords.`);
  if (type === 'CNAME' && values.length > 1) throw invalid(`${name} cannot have more than one CNAME.`);
  if (type === 'CNAME' && name === zone) throw invalid(`The zone's own name ${name} cannot be a CNAME.`);
  return { name, type, ttl, values };
}

/**
 * The sets of one `putRecords` call in their one spelling.
 * @throws PortError `invalid-input` as `canonicalRecordSet` does, and when two sets share name and type
 */
export function canonicalRecordSets(zone: string, sets: readonly RecordSet[]): RecordSet[] {
  const canonical = sets.map((set) => canonicalRecordSet(zone, set));
  const keys = new Set(canonical.map(({ name, type }) => `${name} ${type}`));
  if (keys.size < canonical.length) throw invalid('The same name and type is given twice.');
  return canonical;
}

/**
 * Names and types in their one spelling, each once.
 * @throws PortError `invalid-input` for a name outside the zone and a type that Keelson does not write, such as SOA
 */
export function canonicalRecordKeys(
  zone: string,
  keys: readonly Pick<RecordSet, 'name' | 'type'>[],
): Pick<RecordSet, 'name' | 'type'>[] {
  const found = new Map<string, Pick<RecordSet, 'name' | 'type'>>();
  for (const { name: given, type } of keys) {
    if (!isRecordType(type)) throw unknownType(type);
    const name = canonicalRecordName(zone, given);
    found.set(`${name} ${type}`, { name, type });
  }
  return [...found.values()];
}

/**
 * The one spelling of a value in the port's presentation form.
 * @throws PortError `invalid-input`
 */
export function canonicalRecordValue(type: RecordType, value: string): string {
  if (controlCharacter.test(value) || !value.isWellFormed())
    throw invalid(`A ${type} value holds a control character.`);
  if (!isRecordType(type)) throw unknownType(type);
  const canonical = checks[type](value);
  if (canonical === undefined) throw invalid(`"${shown(value)}" is not a valid ${type} value.`);
  return canonical;
}

/** Whether the port knows the type. Vendors list others too, such as SOA. */
export function isRecordType(type: string): type is RecordType {
  return Object.hasOwn(checks, type);
}

const checks: Record<RecordType, (value: string) => string | undefined> = {
  A: (value) => (isIPv4(value) ? value : undefined),
  AAAA: (value) =>
    isIPv6(value) && !value.includes('%') ? new URL(`http://[${value}]`).hostname.slice(1, -1) : undefined,
  CNAME: (value) => canonicalHostName(value),
  NS: (value) => canonicalHostName(value),
  MX: (value) => {
    const [, preference, host] = /^(\d{1,5}) (\S+)$/.exec(value) ?? [];
    return host === undefined || !isUint16(preference) ? undefined : `${Number(preference)} ${targetOrRoot(host)}`;
  },
  SRV: (value) => {
    const [, priority, weight, port, target] = /^(\d{1,5}) (\d{1,5}) (\d{1,5}) (\S+)$/.exec(value) ?? [];
    if (target === undefined || ![priority, weight, port].every(isUint16)) return undefined;
    return `${Number(priority)} ${Number(weight)} ${Number(port)} ${targetOrRoot(target)}`;
  },
  CAA: (value) => {
    const [, flags, tag, quoted, bare] =
      /^(\d{1,3}) ([A-Za-z0-9]{1,15}) (?:"([ !#-[\]-~]*)"|([!#-[\]-~]+))$/.exec(value) ?? [];
    return tag === undefined || Number(flags) > 255
      ? undefined
      : `${Number(flags)} ${tag.toLowerCase()} "${quoted ?? bare}"`;
  },
  TXT: (value) => (Buffer.byteLength(value) <= longestTxt ? value : undefined),
};

/** A host, or `.` for "no such service" (RFC 7505, RFC 2782). */
function targetOrRoot(host: string): string {
  return host === '.' ? host : canonicalHostName(host);
}

function isUint16(digits: string | undefined): boolean {
  return digits !== undefined && Number(digits) <= 65_535;
}

function unknownType(type: string): PortError {
  return invalid(`Records of type ${shown(type)} cannot be written.`);
}

function shown(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it removes
  const clean = text.toWellFormed().replaceAll(/[\u0000-\u001f\u007f]/g, '?');
  return clean.length > 80 ? `${clean.slice(0, 80)}…` : clean;
}

function invalid(message: string): PortError {
  return new PortError('invalid-input', message);
}
