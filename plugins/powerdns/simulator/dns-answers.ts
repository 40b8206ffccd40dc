import type { Answer, Question } from 'dns-packet';
import { isKnownType, wireRecord } from './record-content.js';
import type { Rrset } from './record-changes.js';

/** What the server needs to know of a zone to answer for it. */
export interface ServedZone {
  /** Lower case, with the final dot. */
  name: string;
  rrsets: readonly Rrset[];
}

export interface DnsAnswer {
  /** RFC 1035 §4.1.1. */
  rcode: number;
  authoritative: boolean;
  answers: Answer[];
  authorities: Answer[];
  additionals: Answer[];
}

export const rcodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;
/** Ends CNAME loops. */
const longestChain = 10;

/** An answer with nothing in it but its code. */
export function emptyAnswer(rcode: number): DnsAnswer {
  return { rcode, authoritative: false, answers: [], authorities: [], additionals: [] };
}

/**
 * Answers a question from the zones held, by the algorithm of RFC 1034 §4.3.2: delegations, CNAMEs within the zones, wildcards
 * (RFC 4592), and the SOA with every negative answer (RFC 2308). A name in no zone is REFUSED, but for the name servers that the zones
 * name: of them this one says, as a resolver would, that they are at loopback, where it plays them all.
 */
export function answerQuestion({ name, type, class: klass }: Question, zones: readonly ServedZone[]): DnsAnswer {
  let current = `${name.toLowerCase().replace(/\.$/, '')}.`;
  let zone = zoneOf(current, zones);
  if (klass !== undefined && klass !== 'IN') return emptyAnswer(rcodes.refused);
  if (zone === undefined) {
    if (!isNameServer(current, zones)) return emptyAnswer(rcodes.refused);
    const answers: Answer[] = type === 'A' ? [{ type: 'A', name, ttl: 60, data: '127.0.0.1' }] : [];
    return { ...emptyAnswer(rcodes.noError), answers };
  }
  const result: DnsAnswer = { ...emptyAnswer(rcodes.noError), authoritative: true };
  // The first owner keeps the spelling of the question, which some resolvers check.
  let owner = name;
  for (let step = 0; step < longestChain; step += 1) {
    const referral = delegationOf(current, zone);
    if (referral !== undefined) return refer(result, referral, zone);
    const sets = setsAt(current, zone);
    if (sets === undefined) return negative({ ...result, rcode: rcodes.nameError }, zone);
    const matching = sets.filter((set) => set.type === type || (type as string) === 'ANY');
    const alias = matching.length === 0 ? sets.find((set) => set.type === 'CNAME') : undefined;
    result.answers.push(
      ...[...matching, ...(alias === undefined ? [] : [alias])].flatMap((set) => recordsOf(set, owner)),
    );
    if (alias === undefined) return matching.length === 0 ? negative(result, zone) : result;
    current = alias.records.find(({ disabled }) => !disabled)?.content.toLowerCase() ?? '.';
    owner = current.slice(0, -1);
    zone = zoneOf(current, zones);
    if (zone === undefined) return result;
  }
  return { ...result, rcode: rcodes.serverFailure };
}

function isNameServer(host: string, zones: readonly ServedZone[]): boolean {
  const sets = zones.flatMap((zone) => served(zone).filter((set) => set.type === 'NS' && set.name === zone.name));
  return sets.some((set) => set.records.some(({ content }) => content.toLowerCase() === host));
}

/** The zone closest to the name. */
function zoneOf(name: string, zones: readonly ServedZone[]): ServedZone | undefined {
  const holding = zones.filter((zone) => name === zone.name || name.endsWith(`.${zone.name}`));
  return holding.sort((a, b) => b.name.length - a.name.length)[0];
}

/** The NS set below the apex, at the name or above it, that hands the name to other servers. */
function delegationOf(name: string, zone: ServedZone): Rrset | undefined {
  return served(zone).find(
    (set) => set.type === 'NS' && set.name !== zone.name && (name === set.name || name.endsWith(`.${set.name}`)),
  );
}

/** The sets at the name, or those of the wildcard that stands for it; empty for a name with only others below it; undefined for none. */
function setsAt(name: string, zone: ServedZone): Rrset[] | undefined {
  const sets = served(zone);
  const exists = (candidate: string) =>
    sets.some((set) => set.name === candidate || set.name.endsWith(`.${candidate}`));
  if (exists(name)) return sets.filter((set) => set.name === name);
  let encloser = parentOf(name);
  while (encloser !== zone.name && !exists(encloser)) encloser = parentOf(encloser);
  const wildcard = sets.filter((set) => set.name === `*.${encloser}`);
  return wildcard.length > 0 ? wildcard : undefined;
}

function parentOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

function served(zone: ServedZone): Rrset[] {
  return zone.rrsets.filter((set) => set.records.some(({ disabled }) => !disabled));
}

function recordsOf(set: Rrset, owner = set.name.slice(0, -1)): Answer[] {
  const { type, ttl } = set;
  if (!isKnownType(type)) return [];
  return set.records.filter(({ disabled }) => !disabled).map(({ content }) => wireRecord(owner, type, ttl, content));
}

function negative(result: DnsAnswer, zone: ServedZone): DnsAnswer {
  const soa = zone.rrsets.find((set) => set.type === 'SOA' && set.name === zone.name);
  // Its TTL is how long the absence may be remembered (RFC 2308 §3).
  const minimum = Number(soa?.records[0]?.content.split(' ')[6] ?? 0);
  const authorities = soa === undefined ? [] : recordsOf({ ...soa, ttl: Math.min(soa.ttl, minimum) });
  return { ...result, authorities };
}

function refer(result: DnsAnswer, delegation: Rrset, zone: ServedZone): DnsAnswer {
  const hosts = new Set(delegation.records.map(({ content }) => content.toLowerCase()));
  const glue = served(zone).filter((set) => hosts.has(set.name) && (set.type === 'A' || set.type === 'AAAA'));
  return {
    ...result,
    authoritative: result.answers.length > 0,
    authorities: recordsOf(delegation),
    additionals: glue.flatMap((set) => recordsOf(set)),
  };
}
