/** Why the steps in the line of a connection wait. */
export type HoldKind = 'open' | 'paused' | 'rate' | 'concurrency' | 'line';

/** A connection and its gate as a reason needs them. */
export interface HoldFacts {
  kind: HoldKind;
  /** Name of the connection. */
  connection: string;
  openedAt: Date | null;
  probeAt: Date | null;
  notBefore: Date | null;
  concurrency: number | null;
  ratePerSecond: number | null;
}

/** One line for the timeline. */
export function holdReason({ kind, connection, ...gate }: HoldFacts): string {
  switch (kind) {
    case 'open':
      return `waits: ${connection} has not answered properly since ${at(gate.openedAt)}; next try at ${at(gate.probeAt)}`;
    case 'paused':
      return `waits: ${connection} asked for patience until ${at(gate.notBefore)}`;
    case 'rate':
      return `waits for its turn: ${connection} is used ${gate.ratePerSecond} times a second at most`;
    case 'concurrency':
      return `waits for its turn: ${connection} is used ${gate.concurrency} times at once at most`;
    case 'line':
      return `waits for its turn at ${connection}`;
  }
}

function at(time: Date | null): string {
  return time?.toISOString() ?? 'some time';
}
