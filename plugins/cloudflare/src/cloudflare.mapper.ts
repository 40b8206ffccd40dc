import {
  groupRecords,
  PortError,
  quoteTxt,
  readRecordValue,
  type RecordSet,
  type RecordType,
  type Zone,
} from '@keelson/core';
import type { CloudflareRecord, CloudflareZone, NewCloudflareRecord } from './cloudflare.types.js';

const types: ReadonlySet<string> = new Set([
  'A',
  'AAAA',
  'CNAME',
  'MX',
  'TXT',
  'NS',
  'SRV',
  'CAA',
] satisfies RecordType[]);
/** What "automatic" stands for, and how long the vendor's own NS set is held. */
const automaticTtl = 300;
const nameserverTtl = 86_400;

/** `result` of the envelope that every answer has. @throws PortError when there is none, or it tells no success */
export function resultOf(answer: unknown, acts: boolean): unknown {
  const { success, result } = objectFrom(answer, acts);
  if (success !== true) throw unreadable(acts);
  return result;
}

/** Number of pages of a list. */
export function pagesOf(answer: unknown): number {
  const { total_pages: pages } = (objectFrom(answer, false)['result_info'] ?? {}) as { total_pages?: unknown };
  return typeof pages === 'number' ? pages : 1;
}

export function zoneFrom(result: unknown, acts = false): CloudflareZone {
  const { id, name, name_servers: nameservers } = objectFrom(result, acts);
  if (typeof id !== 'string' || typeof name !== 'string' || !Array.isArray(nameservers)) throw unreadable(acts);
  return { id, name, nameservers: nameservers.map((host) => String(host).toLowerCase()) };
}

export function portZoneOf({ name, nameservers }: CloudflareZone): Zone {
  return { zone: name, nameservers };
}

export function recordFrom(result: unknown): CloudflareRecord {
  const { id, type, name, ttl, content, priority, data } = objectFrom(result, false);
  if (typeof id !== 'string' || typeof type !== 'string' || typeof name !== 'string') throw unreadable(false);
  return {
    id,
    type,
    name: name.toLowerCase(),
    ttl: ttl === 1 || typeof ttl !== 'number' ? automaticTtl : ttl,
    content: typeof content === 'string' ? content : '',
    ...(typeof priority === 'number' ? { priority } : {}),
    data: (data ?? {}) as Record<string, unknown>,
  };
}

/** One record for each value of the set. Never proxied: a customer's record answers with what it says. */
export function newRecordsOf({ name, type, ttl, values }: RecordSet): NewCloudflareRecord[] {
  return values.map((value) => ({ type, name, ttl, proxied: false as const, ...partsOf(type, value) }));
}

function partsOf(type: RecordType, value: string): Pick<NewCloudflareRecord, 'content' | 'priority' | 'data'> {
  const [first = '', second = '', third = '', fourth = ''] = value.split(' ');
  if (type === 'TXT') return { content: quoteTxt(value) };
  if (type === 'MX') return { priority: Number(first), content: second };
  if (type === 'SRV') {
    return { data: { priority: Number(first), weight: Number(second), port: Number(third), target: fourth } };
  }
  if (type === 'CAA') {
    return { data: { flags: Number(first), tag: second, value: value.slice(value.indexOf('"') + 1, -1) } };
  }
  return { content: value };
}

/** Sets of the types that the port knows, and the NS set that the vendor answers with but does not list. */
export function recordSetsOf(zone: CloudflareZone, records: readonly CloudflareRecord[]): RecordSet[] {
  const own = records.filter(({ name, type }) => types.has(type) && !(type === 'NS' && name === zone.name));
  const known = own.map((record) => ({ ...record, type: record.type as RecordType, value: valueOf(record) }));
  return [{ name: zone.name, type: 'NS', ttl: nameserverTtl, values: zone.nameservers }, ...groupRecords(known)];
}

function valueOf({ type, content, priority, data }: CloudflareRecord): string {
  const part = (name: string) => String(data[name]);
  const text =
    type === 'MX'
      ? `${priority ?? 0} ${content}`
      : type === 'SRV'
        ? ['priority', 'weight', 'port', 'target'].map(part).join(' ')
        : type === 'CAA'
          ? `${part('flags')} ${part('tag')} "${part('value')}"`
          : content;
  return readRecordValue(type as RecordType, text);
}

function objectFrom(answer: unknown, acts: boolean): Record<string, unknown> {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return answer as Record<string, unknown>;
  throw unreadable(acts);
}

function unreadable(acts: boolean): PortError {
  return new PortError(acts ? 'outcome-unknown' : 'internal', 'The provider answered outside its documentation.');
}
