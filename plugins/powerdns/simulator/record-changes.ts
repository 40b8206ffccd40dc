import { unprocessable } from './api-error.js';
import { isKnownType, isParsableName, storedContent, type KnownType } from './record-content.js';

export interface Rrset {
  /** Lower case, with the final dot. */
  name: string;
  type: KnownType;
  ttl: number;
  records: { content: string; disabled: boolean }[];
}

type Fields = Record<string, unknown>;

/**
 * Applies one entry of a PATCH to `rrsets`, in place.
 * @param seen name, type and changetype of the entries before it
 * @throws ApiError 422 with the server's words; the caller then drops the whole request
 */
export function applyChange(zone: string, rrsets: Rrset[], change: unknown, seen: Set<string>): void {
  const given = fieldsOf(change);
  const { name, type, label } = identity(given);
  const changetype = textOf(given, 'changetype').toUpperCase();
  const key = `${name} ${type} ${changetype}`;
  if (seen.has(key)) throw unprocessable(`Duplicate RRset ${label} with changetype: ${changetype}`);
  seen.add(key);
  if (changetype !== 'DELETE' && changetype !== 'REPLACE') throw unprocessable('Changetype not understood');
  if (changetype === 'DELETE') return remove(rrsets, name, type);

  if (name !== zone && !name.endsWith(`.${zone}`)) throw unprocessable(`RRset ${label}: Name is out of zone`);
  if (!Array.isArray(given.records) && !Array.isArray(given.comments))
    throw unprocessable(`No change for RRset ${label}`);
  if (!Array.isArray(given.records)) return;
  const set = checkedRrset(zone, change);
  const rivals = rrsets.filter((other) => other.name === name && other.type !== type);
  if (rivals.some((other) => type === 'CNAME' || other.type === 'CNAME')) {
    throw unprocessable(`RRset ${label}: Conflicts with pre-existing RRset`);
  }
  remove(rrsets, name, type);
  if (set.records.length > 0) rrsets.push(set);
}

/** A record set of a request, checked by itself. */
export function checkedRrset(zone: string, value: unknown): Rrset {
  const given = fieldsOf(value);
  const { name, type, label } = identity(given);
  if (name !== zone && !name.endsWith(`.${zone}`)) throw unprocessable(`RRset ${label}: Name is out of zone`);
  if (!Number.isInteger(given.ttl)) throw unprocessable("Key 'ttl' not an Integer or not present");
  const records = (Array.isArray(given.records) ? (given.records as unknown[]) : []).map((record) => {
    const content = textOf(fieldsOf(record), 'content');
    return { content: stored(given.name as string, type, content), disabled: fieldsOf(record).disabled === true };
  });
  if (type === 'CNAME' && records.length > 1) throw unprocessable(`RRset ${label} has more than one record`);
  const contents = new Set<string>();
  for (const { content } of records) {
    if (contents.has(content)) throw unprocessable(`Duplicate record in RRset ${label} with content "${content}"`);
    contents.add(content);
  }
  return { name, type, ttl: given.ttl as number, records };
}

function identity(given: Fields): { name: string; type: KnownType; label: string } {
  const name = textOf(given, 'name');
  if (!name.endsWith('.')) throw unprocessable(`DNS Name '${name}' is not canonical`);
  if (!isParsableName(name)) throw unprocessable(`Unable to parse DNS Name '${name}'`);
  const type = textOf(given, 'type').toUpperCase();
  const label = `${name} IN ${type}`;
  if (!isKnownType(type)) throw unprocessable(`RRset ${label}: unknown type given`);
  return { name: name.toLowerCase(), type, label };
}

function stored(name: string, type: KnownType, content: string): string {
  try {
    return storedContent(type, content);
  } catch (thrown) {
    throw unprocessable(`Record ${name}/${type} '${content}': ${(thrown as Error).message}`);
  }
}

function remove(rrsets: Rrset[], name: string, type: string): void {
  const at = rrsets.findIndex((set) => set.name === name && set.type === type);
  if (at >= 0) rrsets.splice(at, 1);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(given: Fields, key: string): string {
  const value = given[key];
  if (typeof value !== 'string') throw unprocessable(`Key '${key}' not present or not a String`);
  return value;
}
