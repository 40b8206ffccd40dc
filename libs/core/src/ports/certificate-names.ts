import { PortError } from '../errors/port-error.js';
import { normaliseDomain } from '../names/domain-name.js';
import type { RecordSet } from './dns.port.js';
import type { CertificateSpec, Challenge } from './ssl.port.js';

/** Authorities write no more names into one certificate. */
const mostNames = 100;

/** Seconds: a challenge lives for minutes, and an answer without it should not outlive them. */
const challengeTtl = 60;

/**
 * The names of an order in their one spelling: lower case, none twice, and none that a wildcard of the same order covers, as
 * authorities refuse such a pair.
 * @throws PortError `invalid-input` for no names, more than 100, a name that cannot be registered, and a wildcard that is not
 *   proven by `dns-01`
 */
export function canonicalCertificateNames({ domains, method }: Pick<CertificateSpec, 'domains' | 'method'>): string[] {
  const names = [...new Set(domains.map(canonicalName))];
  if (names.length === 0 || names.length > mostNames) {
    throw new PortError('invalid-input', `A certificate holds 1 to ${mostNames} names.`);
  }
  const wildcards = new Set(names.filter(isWildcard));
  if (wildcards.size > 0 && method !== 'dns-01') {
    throw new PortError('invalid-input', 'A certificate for all names of a domain is proven through DNS only.');
  }
  return names.filter((name) => isWildcard(name) || !wildcards.has(`*.${name.slice(name.indexOf('.') + 1)}`));
}

function canonicalName(name: string): string {
  return isWildcard(name) ? `*.${normaliseDomain(name.slice(2))}` : normaliseDomain(name);
}

function isWildcard(name: string): boolean {
  return name.startsWith('*.');
}

/**
 * The record sets that put all `dns-01` challenges of an order in place: one TXT set a name, as a domain and its wildcard share
 * theirs. Take them away by name and type.
 */
export function challengeRecordSets(challenges: readonly Challenge[]): RecordSet[] {
  const values = new Map<string, string[]>();
  for (const challenge of challenges) {
    if (challenge.type !== 'dns-01') continue;
    const { recordName, recordValue } = challenge;
    values.set(recordName, [...(values.get(recordName) ?? []), recordValue]);
  }
  return [...values].map(([name, texts]) => ({ name, type: 'TXT', ttl: challengeTtl, values: texts }));
}
