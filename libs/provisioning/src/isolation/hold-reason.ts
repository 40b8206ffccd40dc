/** Why a step does not begin yet. `busy`: another worker is about to do it. */
export type HoldKind = 'open' | 'paused' | 'rate' | 'concurrency' | 'line' | 'worker' | 'busy';

/** The gate as a reason needs it. */
export interface HoldFacts {
  openedAt: Date | null;
  probeAt: Date | null;
  notBefore: Date | null;
  concurrency: number | null;
  ratePerSecond: number | null;
}

/** One line for the timeline. */
export function holdReason(kind: HoldKind, connection: string, facts: Partial<HoldFacts> = {}): string {
  switch (kind) {
    case 'open':
      return `waits: ${connection} has not answered properly since ${at(facts.openedAt)}; next try at ${at(facts.probeAt)}`;
    case 'paused':
      return `waits: ${connection} asked for patience until ${at(facts.notBefore)}`;
    case 'rate':
      return `waits for its turn: ${connection} is used ${facts.ratePerSecond} times a second at most`;
    case 'concurrency':
      return `waits for its turn: ${connection} is used ${facts.concurrency} times at once at most`;
    case 'worker':
      return `waits for its turn: the worker uses ${connection} as much as one connection may be used`;
    case 'line':
    case 'busy':
      return `waits for its turn at ${connection}`;
  }
}

function at(time: Date | null | undefined): string {
  return time?.toISOString() ?? 'some time';
}
