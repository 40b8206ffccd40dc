import type { AdapterOf, AnyPort, DriftKind } from '@keelson/core';
import type { EntityManager } from 'typeorm';

/** What is observed as one: everything of one sort that a connection holds. */
export const areas = ['accounts', 'zones', 'certificates', 'mailboxes', 'domains'] as const;
export type Area = (typeof areas)[number];

/** `repair`: we can put it right. `adopt`: it can be brought under management. `look`: a person has to decide. */
export type Suggestion = 'repair' | 'adopt' | 'look';

/** Plain JSON, so that what is stored equals what is compared. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** One way in which a connection differs from what we believe. */
export interface Difference {
  kind: DriftKind;
  /** What it is about, the same at every observation: a user name, a zone, a record set. */
  key: string;
  /** Absent for what no service of ours stands behind. */
  serviceId?: string;
  /** Null: we know nothing of it. */
  expected: Facts | null;
  /** Null: it is not there. */
  actual: Facts | null;
  suggestion: Suggestion;
}

/** What a look at a connection brought, whole or not at all. */
export interface Sighting<Seen> {
  /** Things that the vendor listed, ours or not. */
  listed: number;
  seen: Seen;
}

/** Looks at one area of a connection. Level-triggered: it compares everything with everything, whatever happened before. */
export interface Observer<P extends AnyPort, Belief, Seen> {
  readonly area: Area;
  readonly port: P;
  /** What we believe the connection holds. */
  believe(manager: EntityManager, connectionId: string): Promise<Belief[]>;
  /** Asks the vendor, to the last page. Throws as the adapter does: part of an answer is no answer. */
  look(adapter: AdapterOf<P>, beliefs: readonly Belief[]): Promise<Sighting<Seen>>;
  /** How many of the beliefs the vendor ought to show. */
  count(beliefs: readonly Belief[]): number;
  /** Pure. `beliefs` may be newer than those that `look` was given; what was not looked at is left out. */
  compare(beliefs: readonly Belief[], seen: Seen, now: Date): Difference[];
}

export type AnyObserver = Observer<AnyPort, unknown, unknown>;

/** Everything a cursor leads to. @throws Error when the vendor repeats a cursor, which would never end */
export async function allPages<Item>(
  list: (cursor?: string) => Promise<{ items: Item[]; cursor?: string }>,
): Promise<Item[]> {
  const items: Item[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    items.push(...page.items);
    cursor = page.cursor;
    if (cursor !== undefined && cursors.has(cursor)) throw new Error(`the vendor's list comes back to ${cursor}`);
    if (cursor !== undefined) cursors.add(cursor);
  } while (cursor !== undefined);
  return items;
}
