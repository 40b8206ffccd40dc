import { PortError } from '../errors/port-error.js';

/**
 * A vendor's parsed answer as an object.
 * @param acts whether the request may have changed something
 * @throws PortError as `unreadableAnswer` says when it is anything else
 */
export function objectFrom(answer: unknown, acts = false): Record<string, unknown> {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return answer as Record<string, unknown>;
  throw unreadableAnswer(acts);
}

/** The same for a list. */
export function arrayFrom(answer: unknown, acts = false): unknown[] {
  if (Array.isArray(answer)) return answer as unknown[];
  throw unreadableAnswer(acts);
}

/** Members of an object that must be texts, and may be empty ones. Throws like `objectFrom`, also when one is missing. */
export function textsFrom<N extends string>(answer: unknown, names: readonly N[], acts = false): Record<N, string> {
  const members = objectFrom(answer, acts);
  if (names.some((name) => typeof members[name] !== 'string')) throw unreadableAnswer(acts);
  return Object.fromEntries(names.map((name) => [name, members[name]])) as Record<N, string>;
}

/** A member that may be missing: a text that is not empty, or a number as text; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** For an answer outside the vendor's own documentation: `outcome-unknown` to a request that acts, else `internal`. */
export function unreadableAnswer(acts = false): PortError {
  return new PortError(acts ? 'outcome-unknown' : 'internal', 'The provider answered outside its documentation.');
}

/** Members of a JSON body that explains a refusal. Empty for any other body: it comes from something in front of the vendor. */
export function errorBodyFrom(text: string): Record<string, unknown> {
  try {
    return objectFrom(JSON.parse(text));
  } catch {
    return {};
  }
}
