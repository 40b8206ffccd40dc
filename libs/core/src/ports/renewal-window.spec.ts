import { describe, expect, it } from '@jest/globals';
import { fractionOf, ownRenewalWindow, renewalMoment } from './renewal-window.js';

const day = 86_400_000;
const notBefore = new Date('2028-03-01T00:00:00Z');
const living = (days: number) => ({ notBefore, notAfter: new Date(notBefore.getTime() + days * day) });
const daysIn = (time: Date) => (time.getTime() - notBefore.getTime()) / day;

describe('the window of a certificate whose authority does not say when to renew', () => {
  it.each([
    [90, 52.5, 60],
    [64, 37.33, 42.67],
    [45, 26.25, 30],
    [6.67, 2.78, 3.33],
  ])('of %d days begins after %d and ends after %d', (life, start, end) => {
    const window = ownRenewalWindow(living(life), notBefore);
    expect(daysIn(window.start)).toBeCloseTo(start, 1);
    expect(daysIn(window.end)).toBeCloseTo(end, 1);
  });

  it('is worth asking about again after six hours', () => {
    expect(ownRenewalWindow(living(90), notBefore).checkAfter).toEqual(new Date('2028-03-01T06:00:00Z'));
  });
});

describe('the moment of one certificate in its window', () => {
  const window = ownRenewalWindow(living(90), notBefore);

  it('is the same every time, and lies inside', () => {
    const id = '01a1f940-d3ff-74fe-8630-a1d2f8eaa809';
    const moment = renewalMoment(window, id);
    expect(renewalMoment(window, id)).toEqual(moment);
    expect(moment.getTime()).toBeGreaterThanOrEqual(window.start.getTime());
    expect(moment.getTime()).toBeLessThan(window.end.getTime());
  });

  it('spreads ids from one end to the other', () => {
    expect(fractionOf('01a1f940-d3ff-74fe-8630-000000000000')).toBe(0);
    expect(fractionOf('01a1f940-d3ff-74fe-8630-800000000000')).toBe(0.5);
    expect(fractionOf('01a1f940-d3ff-74fe-8630-ffffffffffff')).toBeCloseTo(1);
  });
});
