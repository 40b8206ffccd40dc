import {
  arrayFrom,
  groupRecords,
  isRecordType,
  objectFrom,
  quoteTxt,
  readRecordValue,
  textsFrom,
  unreadableAnswer,
  type RecordSet,
  type RecordType,
} from '@keelson/core';
import type { CloudflareRecord, CloudflareZone, NewCloudflareRecord } from './cloudflare.types.js';

/** What "automatic" stands for, and how long the vendor's own NS set is held. */
const automaticTtl = 300;
const nameserverTtl = 86_400;

/**
 * `result` of the envelope that every answer has, and how many pages of it there are.
 * @throws PortError when there is no envelope, or it tells no success
 */
export function resultOf(answer: unknown, acts: boolean): { result: unknown; pages: number } {
  const { success, result, result_info: info } = objectFrom(answer, acts);
  if (success !== true) throw unreadableAnswer(acts);
  const { total_pages: pages } = objectFrom(info ?? {}, acts);
  return { result, pages: typeof pages === 'number' ? pages : 1 };
}

export function zoneFrom(result: unknown, acts = false): CloudflareZone {
  const { id, name: zone } = textsFrom(result, ['id', 'name'], acts);
  const nameservers = arrayFrom(objectFrom(result, acts)['name_servers'], acts);
  return { id, zone, nameservers: nameservers.map((host) => String(host).toLowerCase()) };
}

export function recordFrom(result: unknown): CloudflareRecord {
  const record = objectFrom(result);
  const { id, type, name } = textsFrom(record, ['id', 'type', 'name']);
  const ttl = typeof record['ttl'] === 'number' && record['ttl'] !== 1 ? record['ttl'] : automaticTtl;
  return { id, type, name: name.toLowerCase(), ttl, content: contentOf(type, record) };
}

/** The value in one text, also of the types that the vendor answers in parts. */
function contentOf(type: string, { content, priority, data }: Record<string, unknown>): string {
  const texts = (...names: string[]) => names.map((name) => String(objectFrom(data)[name]));
  if (type === 'MX') return `${Number(priority ?? 0)} ${String(content)}`;
  if (type === 'SRV') return texts('priority', 'weight', 'port', 'target').join(' ');
  if (type === 'CAA') return `${texts('flags', 'tag').join(' ')} "${texts('value').join()}"`;
  return typeof content === 'string' ? content : '';
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
export function recordSetsOf({ zone, nameservers }: CloudflareZone, records: readonly CloudflareRecord[]): RecordSet[] {
  const known = records.flatMap(({ name, type, ttl, content }) => {
    if (!isRecordType(type) || (type === 'NS' && name === zone)) return [];
    return [{ name, type, ttl, value: readRecordValue(type, content) }];
  });
  return [{ name: zone, type: 'NS', ttl: nameserverTtl, values: nameservers }, ...groupRecords(known)];
}
