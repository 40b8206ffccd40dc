import {
  dnsPort,
  guardAdapter,
  type AdapterOf,
  type CallRecord,
  type CapabilityOf,
  type DnsPort,
  type RecordSet,
  type RecordType,
  type ZoneSpec,
} from '@keelson/core';
import type { ConformanceCase, StoppableEnvironment } from './conformance-cases.js';

export type DnsCapability = CapabilityOf<typeof dnsPort>;

/** An adapter of the dns port in front of a vendor that holds no zone of the suite's yet. */
export interface DnsEnvironment extends StoppableEnvironment {
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: DnsPort;
  /** The same with credentials that the vendor refuses. */
  withWrongCredentials: DnsPort;
  capabilities: readonly DnsCapability[];
  /** Domain below which the suite makes its zones, and touches no others. */
  domain: string;
  /** Whether the vendor stores the owner of a zone. */
  keepsOwner: boolean;
  /** Set where the vendor answers for a zone with name servers of its own choice, whatever was asked for. */
  assignsNameservers?: boolean;
  /** Values that may appear in no error and no call record, such as the API key of the connection. */
  secrets: readonly string[];
}

/** A promise of the port; with a capability it is kept by the adapters that declare it. */
export interface DnsCase extends ConformanceCase<DnsEnvironment> {
  capability?: DnsCapability;
}

export type GuardedDns = AdapterOf<typeof dnsPort>;

/** Guards the adapter with those capabilities that it has; that it has the ones it declares is a case of its own. */
export function guard(
  { adapter, capabilities }: Pick<DnsEnvironment, 'adapter' | 'capabilities'>,
  options: { record?: (call: CallRecord) => void } = {},
): GuardedDns {
  const has = (method: string) => typeof (adapter as unknown as Record<string, unknown>)[method] === 'function';
  const present = capabilities.filter((capability) => dnsPort.capabilities[capability].every(has));
  return guardAdapter(adapter, { connection: 'under test', port: dnsPort, capabilities: present, ...options });
}

/** The suite's zone of this label. */
export function specOf(environment: Pick<DnsEnvironment, 'domain'>, label = 'zone'): ZoneSpec {
  return {
    zone: `${label}.${environment.domain}`,
    nameservers: ['ns1.names.example', 'ns2.names.example'],
    owner: `srv_conformance_${label}`,
  };
}

/** Makes the zone and returns its name. */
export async function newZone(
  dns: DnsPort,
  environment: Pick<DnsEnvironment, 'domain'>,
  label?: string,
): Promise<string> {
  return (await dns.ensureZone(specOf(environment, label))).zone;
}

export function setOf(name: string, type: RecordType, ...values: string[]): RecordSet {
  return { name, type, ttl: 300, values };
}

/** Sets in an order of their own, with their values in one: DNS keeps neither. */
export function ordered(sets: readonly RecordSet[]): RecordSet[] {
  const key = ({ name, type }: RecordSet) => `${name} ${type}`;
  return sets
    .map((set) => ({ ...set, values: [...set.values].sort() }))
    .sort((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
}
