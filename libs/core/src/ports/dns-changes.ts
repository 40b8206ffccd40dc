import { refuseCnameConflicts, sameRecordSet } from './dns-presentation.js';
import type { RecordSet } from './dns.port.js';

/** What a record set is told by in its zone. */
export type RecordKey = Pick<RecordSet, 'name' | 'type'>;

/** The same in one text, for maps and sets. Everything in the port's spelling. */
export function recordKey({ name, type }: { name: string; type: string }): string {
  return `${name} ${type}`;
}

/**
 * Those of the wanted sets that a zone does not hold yet, for vendors that neither compare nor refuse conflicts themselves.
 * None is left when the zone holds them all. Everything in the port's spelling.
 * @throws PortError `wrong-state` when a CNAME would stand beside another set of its name (RFC 1034 §3.6.2)
 */
export function changedRecordSets(held: readonly RecordSet[], wanted: readonly RecordSet[]): RecordSet[] {
  const before = new Map(held.map((set) => [recordKey(set), set]));
  const changed = wanted.filter((set) => !sameRecordSet(before.get(recordKey(set)), set));
  if (changed.length > 0) refuseCnameConflicts(withRecordSets(held, changed));
  return changed;
}

/** What a zone holds once the given sets have taken the place of those of their name and type; the rest stays in its order. */
export function withRecordSets(held: readonly RecordSet[], changed: readonly RecordSet[]): RecordSet[] {
  return [...new Map([...held, ...changed].map((set) => [recordKey(set), set])).values()];
}
