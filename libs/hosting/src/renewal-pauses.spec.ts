import { describe, expect, it } from '@jest/globals';
import { pauseAfter } from './renewal-pauses.js';

const hour = 3_600_000;
const day = 24 * hour;
const first = '01a1f940-d3ff-74fe-8630-000000000000';
const last = '01a1f940-d3ff-74fe-8630-ffffffffffff';

describe('the pause after a try that failed', () => {
  it('doubles from an hour to a day', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 40].map((attempt) => pauseAfter(attempt, 60 * day, first) / hour);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 24, 24]);
  });

  it('leaves a short life time for many tries, but is never below an hour', () => {
    expect(pauseAfter(10, 80 * hour, first)).toBe(10 * hour);
    expect(pauseAfter(10, 2 * hour, first)).toBe(hour);
  });

  it('is a day when there is nothing left to lose', () => {
    expect(pauseAfter(10, undefined, first)).toBe(day);
    expect(pauseAfter(10, -day, first)).toBe(day);
  });

  it('is longer for some services than for others, by up to a fifth', () => {
    expect(pauseAfter(1, undefined, last)).toBeGreaterThan(1.19 * hour);
    expect(pauseAfter(1, undefined, last)).toBeLessThanOrEqual(1.2 * hour);
  });
});
