import { StateFile } from '@keelson/testing/simulator';
import { notFound, unprocessable, ApiError } from './api-error.js';
import { isParsableName } from './record-content.js';
import { applyChange, checkedRrset, type Rrset } from './record-changes.js';
import { newSigningKey, type SigningKey } from './signing-key.js';

export interface StoredZone {
  /** Lower case, with the final dot. */
  name: string;
  kind: string;
  account: string;
  soaEditApi: string;
  apiRectify: boolean;
  rrsets: Rrset[];
  keys: SigningKey[];
}

interface State {
  zones: Record<string, StoredZone>;
  nextKeyId: number;
}

type Body = Record<string, unknown>;

const kinds: Readonly<Record<string, string>> = {
  native: 'Native',
  master: 'Master',
  primary: 'Master',
  slave: 'Slave',
  secondary: 'Slave',
  producer: 'Producer',
  consumer: 'Consumer',
};

/** The zones of a simulated server: what its database holds, and what its API refuses to put there. */
export class ZoneStore {
  private readonly file: StateFile<State>;

  constructor(home: string | undefined) {
    this.file = new StateFile<State>(home, 'powerdns', { zones: {}, nextKeyId: 1 });
  }

  list(): StoredZone[] {
    return Object.values(this.file.data.zones);
  }

  /** By name in any case, with or without the final dot. */
  find(name: string): StoredZone | undefined {
    const key = keyOf(name);
    return Object.hasOwn(this.file.data.zones, key) ? this.file.data.zones[key] : undefined;
  }

  get(name: string): StoredZone {
    const zone = this.find(name);
    if (zone === undefined) throw notFound();
    return zone;
  }

  create(body: Body): StoredZone {
    const name = canonicalName(textOf(body, 'name'));
    if (this.find(name) !== undefined) throw new ApiError(409, 'Conflict');
    const kind = kinds[textOf(body, 'kind').toLowerCase()] ?? 'Native';
    const zone: StoredZone = {
      name,
      kind,
      account: typeof body.account === 'string' ? body.account : '',
      soaEditApi: typeof body.soa_edit_api === 'string' ? body.soa_edit_api : 'DEFAULT',
      apiRectify: body.api_rectify === true,
      rrsets: [],
      keys: body.dnssec === true ? [this.newKey()] : [],
    };
    for (const given of arrayOf(body.rrsets)) zone.rrsets.push(checkedRrset(name, given));
    if (!zone.rrsets.some(({ type }) => type === 'SOA')) {
      const content = `a.misconfigured.dns.server.invalid. hostmaster.${name} 0 10800 3600 604800 3600`;
      zone.rrsets.unshift({ name, type: 'SOA', ttl: 3600, records: [{ content, disabled: false }] });
    }
    const nameservers = arrayOf(body.nameservers).map(nameserver);
    if (nameservers.length > 0) {
      if (zone.rrsets.some((set) => set.type === 'NS' && set.name === name)) {
        throw unprocessable('Nameservers list MUST NOT be mixed with zone-level NS in rrsets');
      }
      const records = nameservers.map((content) => ({ content, disabled: false }));
      zone.rrsets.push({ name, type: 'NS', ttl: 3600, records });
    }
    raiseSerial(zone);
    this.file.data.zones[keyOf(name)] = zone;
    this.file.save();
    return zone;
  }

  /** Applies all changes or, when one is refused, none. */
  change(zone: StoredZone, body: Body): void {
    if (!Array.isArray(body.rrsets)) throw unprocessable('No rrsets given in update request');
    const draft: StoredZone = { ...zone, rrsets: structuredClone(zone.rrsets) };
    const seen = new Set<string>();
    for (const change of body.rrsets as unknown[]) applyChange(draft.name, draft.rrsets, change, seen);
    raiseSerial(draft);
    zone.rrsets = draft.rrsets;
    this.file.save();
  }

  update(zone: StoredZone, body: Body): void {
    if (typeof body.account === 'string') zone.account = body.account;
    if (typeof body.kind === 'string') zone.kind = kinds[body.kind.toLowerCase()] ?? 'Native';
    if (typeof body.soa_edit_api === 'string') zone.soaEditApi = body.soa_edit_api;
    if (typeof body.api_rectify === 'boolean') zone.apiRectify = body.api_rectify;
    if (typeof body.dnssec === 'boolean' && body.dnssec !== zone.keys.length > 0) {
      zone.keys = body.dnssec ? [this.newKey()] : [];
      raiseSerial(zone);
    }
    this.file.save();
  }

  remove(zone: StoredZone): void {
    delete this.file.data.zones[keyOf(zone.name)];
    this.file.save();
  }

  private newKey(): SigningKey {
    const key = newSigningKey(this.file.data.nextKeyId);
    this.file.data.nextKeyId += 1;
    return key;
  }
}

export function serialOf(zone: StoredZone): number {
  return Number(soaOf(zone)?.content.split(' ')[2] ?? 0);
}

/** `DEFAULT`: the day and a counter, or one more than before when that is not lower. */
function raiseSerial(zone: StoredZone): void {
  const soa = soaOf(zone);
  if (soa === undefined || zone.soaEditApi !== 'DEFAULT') return;
  const parts = soa.content.split(' ');
  const today = Number(new Date().toISOString().slice(0, 10).replaceAll('-', '')) * 100 + 1;
  const old = Number(parts[2]);
  parts[2] = String(old < today ? today : old + 1);
  soa.content = parts.join(' ');
}

function soaOf(zone: StoredZone): { content: string } | undefined {
  return zone.rrsets.find(({ name, type }) => type === 'SOA' && name === zone.name)?.records[0];
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/\.?$/, '.');
}

function textOf(body: Body, key: string): string {
  const value = body[key];
  if (typeof value !== 'string') throw unprocessable(`Key '${key}' not present or not a String`);
  return value;
}

function canonicalName(name: string): string {
  if (!name.endsWith('.')) throw unprocessable(`DNS Name '${name}' is not canonical`);
  if (!isParsableName(name)) throw unprocessable(`Unable to parse DNS Name '${name}'`);
  return name.toLowerCase();
}

function nameserver(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw unprocessable('Nameservers must be non-empty strings');
  if (!value.endsWith('.')) throw unprocessable(`Nameserver is not canonical: '${value}'`);
  if (!isParsableName(value)) throw unprocessable(`Unable to parse DNS Name for NS '${value}'`);
  return value;
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
