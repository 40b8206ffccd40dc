import type { PortErrorCode } from '@keelson/core';
import type { StepOutcome } from '../engine/journal.types.js';

export interface IsolationPolicy {
  /** Failures of a connection, one after the other, that open its breaker. */
  failures: number;
  /** Seconds until the first probe of an open breaker; doubles with every probe that fails. */
  probeSeconds: number;
  longestProbeSeconds: number;
  /** Seconds that a place at a connection is kept without a sign of life, and for a step that was called from the line. */
  leaseSeconds: number;
  /** Seconds until a waiting step asks again by itself; whoever makes room calls it long before. */
  retrySeconds: number;
}

export const defaultIsolationPolicy: IsolationPolicy = {
  failures: 5,
  probeSeconds: 10,
  longestProbeSeconds: 120,
  leaseSeconds: 8,
  retrySeconds: 600,
};

/** What the end of a step says about its connection: it answers, it fails, or nothing. */
export type Verdict = 'answer' | 'failure' | 'none';

const failures: readonly (PortErrorCode | undefined)[] = ['unavailable', 'outcome-unknown'];

/** Raised by ourselves as well, without a word from the vendor. */
const silent: readonly (PortErrorCode | undefined)[] = ['internal', 'invalid-config'];

/** @param outcome undefined when the step did not run. A failure that is about one object alone says nothing about the connection. */
export function verdictOf(outcome: Pick<StepOutcome, 'errorCode' | 'alone'> | undefined): Verdict {
  const code = outcome?.errorCode as PortErrorCode | undefined;
  if (outcome === undefined || silent.includes(code)) return 'none';
  if (outcome.alone === true) return failures.includes(code) ? 'none' : 'answer';
  return failures.includes(code) ? 'failure' : 'answer';
}

/** Milliseconds for which the vendor wants nothing from the whole connection; undefined when it did not say so. */
export function pauseOf(outcome: StepOutcome | undefined): number | undefined {
  return outcome?.errorCode === 'rate-limited' && outcome.alone !== true ? outcome.delayMs : undefined;
}
