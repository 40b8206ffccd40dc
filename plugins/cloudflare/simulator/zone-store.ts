import { randomBytes } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { StateFile } from '@keelson/testing/simulator';
import { ApiError } from './api-error.js';

export interface StoredRecord {
  id: string;
  type: string;
  name: string;
  content: string;
  ttl: number;
  proxied: boolean;
  priority?: number;
  data?: Record<string, unknown>;
}

export interface StoredZone {
  id: string;
  name: string;
  accountId: string;
  records: StoredRecord[];
}

type Body = Record<string, unknown>;

const addressTypes = new Set(['A', 'AAAA']);
const simpleTypes = new Set(['CNAME', 'NS', 'TXT', 'MX']);

/** The zones of the accounts, and what the API refuses to put into them. */
export class ZoneStore {
  private readonly file: StateFile<{ zones: StoredZone[] }>;

  constructor(home: string | undefined) {
    this.file = new StateFile(home, 'cloudflare', { zones: [] as StoredZone[] });
  }

  list(): StoredZone[] {
    return this.file.data.zones;
  }

  /** @throws ApiError 7003, as for every id that is none */
  get(id: string): StoredZone {
    const zone = this.list().find((one) => one.id === id);
    if (zone === undefined)
      throw new ApiError(404, 7003, `Could not route to /zones/${id}, perhaps your object identifier is invalid?`);
    return zone;
  }

  create(body: Body): StoredZone {
    const name = textOf(body['name']).toLowerCase();
    const accountId = textOf((body['account'] as Body | undefined)?.['id']);
    if (!/^([a-z0-9][a-z0-9-]*\.)+[a-z0-9-]{2,20}$/.test(name))
      throw new ApiError(400, 1049, `${name} is not a registered domain`);
    if (this.list().some((zone) => zone.name === name)) throw new ApiError(400, 1061, `${name} already exists`);
    const zone = { id: newId(), name, accountId, records: [] };
    this.list().push(zone);
    this.file.save();
    return zone;
  }

  remove(zone: StoredZone): void {
    this.file.data.zones = this.list().filter((one) => one !== zone);
    this.file.save();
  }

  /** Deletions, then additions; all or nothing. */
  change(zone: StoredZone, body: Body): { deletes: StoredRecord[]; posts: StoredRecord[] } {
    const wanted = listOf(body['deletes']).map(({ id }) => id);
    const deletes = zone.records.filter((record) => wanted.includes(record.id));
    if (deletes.length < wanted.length) throw new ApiError(404, 81044, 'Record does not exist.');
    const after = zone.records.filter((record) => !deletes.includes(record));
    const posts = listOf(body['posts']).map((given) => {
      const record = checkedRecord(zone, given);
      refuseConflicts(after, record);
      after.push(record);
      return record;
    });
    zone.records = after;
    this.file.save();
    return { deletes, posts };
  }
}

function checkedRecord(zone: StoredZone, body: Body): StoredRecord {
  const type = textOf(body['type']);
  const name = textOf(body['name']).toLowerCase();
  const ttl = Number(body['ttl'] ?? 1);
  if (name !== zone.name && !name.endsWith(`.${zone.name}`)) throw new ApiError(400, 9000, 'DNS name is invalid.');
  if (ttl !== 1 && !(ttl >= 60 && ttl <= 86_400))
    throw new ApiError(400, 9021, 'Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.');
  if (type === 'NS' && name === zone.name) throw new ApiError(400, 1004, 'DNS Validation Error');
  const priority = type === 'MX' ? Number(body['priority']) : undefined;
  if (Number.isNaN(priority)) throw new ApiError(400, 9102, 'priority is a required data field.');
  return {
    id: newId(),
    type,
    name,
    ttl,
    proxied: body['proxied'] === true,
    ...(priority === undefined ? {} : { priority }),
    ...contentOf(type, body),
  };
}

/** SRV and CAA are given in parts, and their content is made of them. */
function contentOf(type: string, body: Body): { content: string; data?: Body } {
  if (type === 'SRV' || type === 'CAA') {
    const data = (body['data'] ?? {}) as Body;
    const parts = type === 'SRV' ? ['priority', 'weight', 'port', 'target'] : ['flags', 'tag', 'value'];
    const lacking = parts.find((part) => data[part] === undefined);
    if (lacking !== undefined) throw new ApiError(400, 9101, `${lacking} is a required data field.`);
    return { data, content: parts.map((part) => String(data[part])).join(' ') };
  }
  const content = textOf(body['content']);
  if (type === 'A' && !isIPv4(content))
    throw new ApiError(400, 9005, 'Content for A record must be a valid IPv4 address.');
  if (type === 'AAAA' && !isIPv6(content))
    throw new ApiError(400, 9006, 'Content for AAAA record must be a valid IPv6 address.');
  if (!addressTypes.has(type) && !simpleTypes.has(type)) throw new ApiError(400, 1004, 'DNS Validation Error');
  return { content };
}

/** The vendor lets other types stand beside a CNAME. */
function refuseConflicts(present: readonly StoredRecord[], record: StoredRecord): void {
  const beside = present.filter(({ name }) => name === record.name);
  if (record.type === 'CNAME' && beside.some(({ type }) => addressTypes.has(type) || type === 'CNAME')) {
    throw new ApiError(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
  }
  if (addressTypes.has(record.type) && beside.some(({ type }) => type === 'CNAME')) {
    throw new ApiError(400, 81054, 'A CNAME record with that host already exists.');
  }
  if (
    beside.some((one) => one.type === record.type && one.content === record.content && one.priority === record.priority)
  ) {
    throw new ApiError(400, 81058, 'An identical record already exists.');
  }
}

function newId(): string {
  return randomBytes(16).toString('hex');
}

function textOf(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ApiError(400, 1004, 'DNS Validation Error');
  return value;
}

function listOf(value: unknown): Body[] {
  return Array.isArray(value) ? (value as Body[]) : [];
}
