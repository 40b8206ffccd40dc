import { PortError } from '../errors/port-error.js';
import { canonicalHostName, canonicalRecordValue, canonicalZoneName } from './dns-record-set.js';
import type { RecordSet, RecordType, ZoneSpec } from './dns.port.js';

/** RFC 1035 §3.3: a character-string holds at most 255 octets. */
const chunkBytes = 255;

/**
 * A TXT value of the port as master files and many vendors write it (RFC 1035 §5.1): UTF-8 in quoted chunks of 255 octets,
 * with `\"`, `\\`, and `\DDD` for every octet that is not printable ASCII.
 */
export function quoteTxt(text: string): string {
  const octets = Buffer.from(text, 'utf8');
  const chunks: string[] = [];
  for (let start = 0; start === 0 || start < octets.length; start += chunkBytes) {
    chunks.push(`"${[...octets.subarray(start, start + chunkBytes)].map(escaped).join('')}"`);
  }
  return chunks.join(' ');
}

/** What `quoteTxt` was given: chunks, quoted or not, joined without a gap. Octets that are no UTF-8 become U+FFFD. */
export function unquoteTxt(content: string): string {
  const parts: Buffer[] = [];
  for (const [, inQuotes, bare] of content.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"]+)/gs)) {
    for (const [, decimal, literal, plain] of (inQuotes ?? bare ?? '').matchAll(/\\(\d{3})|\\(.)|([^\\]+)/gsu)) {
      const octets = decimal === undefined ? Buffer.from(literal ?? plain ?? '', 'utf8') : [Number(decimal) & 0xff];
      parts.push(Buffer.from(octets));
    }
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * A value as a vendor answers it, in the port's spelling: without final dots. What is not valid, as a person may have written
 * it at the vendor, stays as it is.
 */
export function readRecordValue(type: RecordType, content: string): string {
  if (type === 'TXT') return unquoteTxt(content);
  const bare = content.replace(/(?<=[^ .])\.$/, '');
  try {
    return canonicalRecordValue(type, bare);
  } catch {
    return bare;
  }
}

/** Single records, as many vendors keep them, as sets by name and type. The first record of a set gives its TTL. */
export function groupRecords(
  records: readonly { name: string; type: RecordType; ttl: number; value: string }[],
): RecordSet[] {
  const sets = new Map<string, RecordSet>();
  for (const { name, type, ttl, value } of records) {
    const key = `${name} ${type}`;
    const set = sets.get(key) ?? { name, type, ttl, values: [] };
    set.values.push(value);
    sets.set(key, set);
  }
  return [...sets.values()];
}

/**
 * What `ensureZone` was given in one spelling.
 * @throws PortError `invalid-input` for names that are none, and without a name server
 */
export function canonicalZoneSpec({ zone, nameservers, owner }: ZoneSpec): ZoneSpec {
  const name = canonicalZoneName(zone);
  if (nameservers.length === 0) {
    throw new PortError('invalid-input', `The zone ${name} needs at least one name server.`);
  }
  return { zone: name, nameservers: nameservers.map(canonicalHostName), owner };
}

/** Whether a vendor holds this set already, in whatever order its values are. Both in the port's spelling. */
export function sameRecordSet(held: RecordSet | undefined, wanted: RecordSet): boolean {
  return (
    held !== undefined &&
    held.ttl === wanted.ttl &&
    held.values.length === wanted.values.length &&
    wanted.values.every((value) => held.values.includes(value))
  );
}

/**
 * For vendors that do not refuse it themselves: what a zone would hold has no CNAME beside another set of its name.
 * @throws PortError `wrong-state` (RFC 1034 §3.6.2)
 */
export function refuseCnameConflicts(sets: readonly RecordSet[]): void {
  const conflict = sets.find(
    ({ name, type }) => type === 'CNAME' && sets.some((other) => other.name === name && other.type !== 'CNAME'),
  );
  if (conflict === undefined) return;
  throw new PortError('wrong-state', `${conflict.name} holds records beside which no CNAME may stand.`);
}

function escaped(octet: number): string {
  if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return character === '"' || character === '\\' ? `\\${character}` : character;
}
