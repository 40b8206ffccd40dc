import { createHash } from 'node:crypto';
import type { Fault, FaultKind } from './fault.types.js';

/** What befalls a call, and how often: one call in thirteen. A purchase makes some seventy. */
const misfortunes: readonly { kind: FaultKind; share: number }[] = [
  { kind: 'latency', share: 0.035 },
  { kind: 'drop-after', share: 0.012 },
  { kind: 'unavailable', share: 0.01 },
  { kind: 'rate-limit', share: 0.008 },
  { kind: 'html', share: 0.005 },
  { kind: 'drop-before', share: 0.005 },
  { kind: 'rate-limit-silent', share: 0.002 },
];
const shortestMs = 50;
const longestMs = 1_500;
/** Calls of an operation that are spared after one that failed: a repetition heals, so that a purchase ends within a test's patience. */
const spared = 2;

/**
 * A vendor that misbehaves a little, the way vendors do: slow, throttled, down for a moment, an answer lost before or after the
 * act. The n-th call of an operation has the same fate in every run with the same seed, whatever runs beside it.
 */
export class BadDay {
  private readonly calls = new Map<string, { count: number; spared: number }>();

  constructor(private readonly seed: number) {}

  /** What befalls this call of the operation; undefined: nothing. Every call counts. */
  befalls(operation: string): Fault | undefined {
    const calls = this.calls.get(operation) ?? { count: 0, spared: 0 };
    this.calls.set(operation, calls);
    calls.count += 1;
    if (calls.spared > 0) {
      calls.spared -= 1;
      return undefined;
    }
    let lot = this.lot(`${operation} ${calls.count}`);
    const drawn = misfortunes.find(({ share }) => (lot -= share) < 0);
    if (drawn === undefined) return undefined;
    if (drawn.kind === 'latency') {
      const part = this.lot(`${operation} ${calls.count} latency`);
      return { kind: 'latency', value: Math.round(shortestMs + part * (longestMs - shortestMs)) };
    }
    calls.spared = spared;
    return { kind: drawn.kind };
  }

  /** Whether something of the vendor's own happens, such as a webhook that is delivered twice. @param chance 0 to 1 */
  happens(what: string, chance: number): boolean {
    const calls = this.calls.get(what) ?? { count: 0, spared: 0 };
    this.calls.set(what, calls);
    calls.count += 1;
    return this.lot(`${what} ${calls.count}`) < chance;
  }

  /** 0 to 1, the same for the same text. */
  private lot(text: string): number {
    return createHash('sha256').update(`${this.seed} ${text}`).digest().readUInt32BE(0) / 2 ** 32;
  }
}
