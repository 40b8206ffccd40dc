import { describe, expect, it } from '@jest/globals';
import type { GateState } from '@keelson/provisioning';
import { gateTrouble } from './gate-trouble.js';

const idle: GateState = { limits: {}, breaker: 'closed', failures: 0, inFlight: 0, waiting: 0 };

describe('what doctor says of a connection', () => {
  it('is nothing while the engine uses it, however busily', () => {
    expect(gateTrouble(undefined)).toBeUndefined();
    expect(gateTrouble({ ...idle, limits: { concurrency: 2 }, inFlight: 2, waiting: 100 })).toBeUndefined();
  });

  it('names the time since when it fails, and when the engine tries again', () => {
    const openSince = new Date('2026-03-01T10:00:00Z');
    const nextProbeAt = new Date('2026-03-01T10:02:00Z');
    const open: GateState = { ...idle, breaker: 'open', failures: 7, waiting: 12, openSince, nextProbeAt };
    expect(gateTrouble(open)).toMatch(
      /^has failed 7 times in a row since 2026-03-01T10:00:00.000Z, 12 steps wait, next try at 2026-03-01T10:02/,
    );
  });

  it('names the time before which the vendor wants no calls', () => {
    const pausedUntil = new Date('2026-03-01T10:02:00Z');
    expect(gateTrouble({ ...idle, pausedUntil, waiting: 3 })).toMatch(
      /no calls before 2026-03-01T10:02:00.000Z, 3 steps wait/,
    );
  });
});
