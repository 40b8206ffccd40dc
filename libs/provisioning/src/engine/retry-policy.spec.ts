import { describe, expect, it } from '@jest/globals';
import { PortError, type PortErrorCode, type PortErrorOptions } from '@keelson/core';
import { backoff, boundedPause, defaultRetryPolicy as policy, judge } from './retry-policy.js';

const error = (code: PortErrorCode, options?: PortErrorOptions) => new PortError(code, 'why', options);
const decide = (code: PortErrorCode, attempt = 1, looks = 0, options?: PortErrorOptions) =>
  judge(error(code, options), policy, attempt, looks, 0);

describe('the verdict after a failure', () => {
  it.each(['invalid-input', 'not-found', 'already-exists', 'wrong-state', 'unsupported'] as const)(
    'is final for %s',
    (code) => {
      expect(decide(code)).toEqual({ kind: 'fail' });
    },
  );

  it.each(['invalid-config', 'no-funds'] as const)(
    'waits for the operator after %s, for as long as it takes',
    (code) => {
      for (const attempt of [1, policy.attempts, 1_000]) {
        expect(decide(code, attempt)).toEqual({ kind: 'wait', delayMs: policy.holdMs, countsAttempt: false });
      }
    },
  );

  it('tries again later what left no trace, ever more slowly, and asks a person in the end', () => {
    const pauses = Array.from({ length: policy.attempts - 1 }, (_, index) => decide('unavailable', index + 1));
    expect(pauses.slice(0, 3)).toEqual(
      [2_000, 4_000, 8_000].map((delayMs) => ({ kind: 'wait', delayMs, countsAttempt: true })),
    );
    expect(pauses.at(-1)).toMatchObject({ delayMs: policy.ceilingMs });
    expect(decide('unavailable', policy.attempts)).toEqual({ kind: 'escalate' });
  });

  it('waits as long as the vendor asks, without counting the try', () => {
    const options = { retryAfterMs: 7_000 };
    for (const code of ['rate-limited', 'unavailable'] as const) {
      expect(decide(code, 99, 0, options)).toEqual({ kind: 'wait', delayMs: 7_000, countsAttempt: false });
    }
  });

  it('gives a vendor that names no time a pause of its own, and never gives up on it', () => {
    expect(decide('rate-limited', 99)).toEqual({ kind: 'wait', delayMs: 16_000, countsAttempt: false });
  });

  it.each(['outcome-unknown', 'internal'] as const)(
    'looks again after %s on a widening schedule, then asks',
    (code) => {
      const delays = policy.looksMs.map((_, index) => decide(code, 1, index));
      expect(delays).toEqual(policy.looksMs.map((delayMs) => ({ kind: 'unknown', delayMs })));
      expect(decide(code, 1, policy.looksMs.length)).toEqual({ kind: 'escalate' });
      expect(decide(code, policy.looksMs.length + 1, 0)).toEqual({ kind: 'escalate' });
    },
  );
});

describe('the number of tries', () => {
  it('is the policy’s, except after errors that have one of their own', () => {
    expect(decide('internal', policy.attemptsAfter.internal)).toEqual({ kind: 'escalate' });
    expect(decide('internal', 1)).toMatchObject({ kind: 'unknown' });
    expect(decide('outcome-unknown', policy.attemptsAfter.internal)).toMatchObject({ kind: 'unknown' });
  });
});

describe('a pause', () => {
  it('is spread over up to a fifth more, never less', () => {
    expect(backoff(policy, 1, 0)).toBe(2_000);
    expect(backoff(policy, 1, 1)).toBe(2_400);
    expect(backoff(policy, 10_000, 0)).toBe(policy.ceilingMs);
  });

  it.each([
    [0, 50],
    [-5, 50],
    [60_000, 60_000],
    [Number.POSITIVE_INFINITY, 86_400_000],
    [Number.NaN, 86_400_000],
    [1e15, 86_400_000],
  ])('of %d ms that a vendor asked for becomes one of %d', (asked, given) => {
    expect(boundedPause(asked)).toBe(given);
  });
});
