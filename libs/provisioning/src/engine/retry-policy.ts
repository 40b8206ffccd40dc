import type { PortError, PortErrorCode } from '@keelson/core';

/** What becomes of a step after a failure. */
export type Verdict =
  /** For good: what came before is taken back, or a person decides after the pivot. */
  | { kind: 'fail' }
  /** Runs again by itself. */
  | { kind: 'wait'; delayMs: number; countsAttempt: boolean }
  /** Whether it took effect is not known: look again, act only when it is proven absent. */
  | { kind: 'unknown'; delayMs: number }
  /** The engine has no further move of its own: a person decides. */
  | { kind: 'escalate' };

export interface RetryPolicy {
  /** First pause after a failure that left no trace; doubles every time. Milliseconds. */
  baseMs: number;
  /** Longest pause. */
  ceilingMs: number;
  /** Tries of a step before a person is asked. */
  attempts: number;
  /** The same for single codes that deserve another number. */
  attemptsAfter: Partial<Record<PortErrorCode, number>>;
  /** Pauses before looks, by tries and looks without a clear answer so far; a person is asked after the last. */
  looksMs: readonly number[];
  /** Pause before the second look that proves absence; vendors may show their own changes late. */
  absenceGapMs: number;
  /** Pause while an operator has to mend something (credentials, balance, no free server). */
  holdMs: number;
  /** How often a step may take its process down before it is put aside. */
  crashes: number;
}

const minute = 60_000;
const longestPauseMs = 24 * 60 * minute;
/** A vendor that asks for patience without a time gets the pause before this try. */
const throttledTry = 4;

export const defaultRetryPolicy: RetryPolicy = {
  baseMs: 2_000,
  ceilingMs: 15 * minute,
  attempts: 20,
  // A reply that nobody understands does not become clearer by asking for days.
  attemptsAfter: { internal: 3 },
  looksMs: [2_000, minute, 5 * minute, 30 * minute, 120 * minute, 720 * minute, 1440 * minute],
  absenceGapMs: 5_000,
  holdMs: 2 * minute,
  crashes: 5,
};

/**
 * Decides after a failed try.
 * @param attempt tries so far, this one included
 * @param looks looks without a clear answer so far
 * @param random between 0 and 1, for jitter
 */
export function judge(error: PortError, policy: RetryPolicy, attempt: number, looks: number, random: number): Verdict {
  const attempts = policy.attemptsAfter[error.code] ?? policy.attempts;
  switch (error.policy.repeat) {
    case 'never':
      return { kind: 'fail' };
    case 'hold':
      return { kind: 'wait', delayMs: spread(policy.holdMs, random), countsAttempt: false };
    case 'later': {
      if (error.retryAfterMs !== undefined) {
        return { kind: 'wait', delayMs: spread(boundedPause(error.retryAfterMs), random), countsAttempt: false };
      }
      if (error.code === 'rate-limited') {
        return { kind: 'wait', delayMs: backoff(policy, throttledTry, random), countsAttempt: false };
      }
      if (attempt >= attempts) return { kind: 'escalate' };
      return { kind: 'wait', delayMs: backoff(policy, attempt, random), countsAttempt: true };
    }
    case 'look-first': {
      const delay = attempt >= attempts ? undefined : policy.looksMs[looks + attempt - 1];
      return delay === undefined ? { kind: 'escalate' } : { kind: 'unknown', delayMs: spread(delay, random) };
    }
  }
}

/** A pause that somebody else asked for, made sane: at least a twentieth of a second, at most a day. Milliseconds. */
export function boundedPause(ms: number): number {
  return Number.isNaN(ms) ? longestPauseMs : Math.min(Math.max(ms, 50), longestPauseMs);
}

/** Pause before the next try: doubles from the base to the ceiling, with up to a fifth of jitter. Milliseconds. */
export function backoff(policy: RetryPolicy, attempt: number, random: number): number {
  return spread(Math.min(policy.ceilingMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30)), random);
}

/** Never earlier than asked, up to a fifth later: keeps crowds from coming back together. */
function spread(ms: number, random: number): number {
  return Math.round(ms * (1 + random * 0.2));
}
