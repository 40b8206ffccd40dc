import { describe, expect, it } from '@jest/globals';
import { addMonths, periodAt, recurrenceOf } from './period.js';

const day = (text: string) => new Date(`${text}T10:30:00.000Z`);
const text = (date: Date | undefined) => date?.toISOString().slice(0, 10);

describe('period', () => {
  it('keeps the first day: Jan 31 is followed by Feb 28 and then by Mar 31', () => {
    const ends = [0, 1, 2].map((index) => text(periodAt(day('2027-01-31'), 'monthly', index)?.end));
    expect(ends).toEqual(['2027-02-28', '2027-03-31', '2027-04-30']);
  });

  it('uses Feb 29 in a leap year and comes back to it four years later', () => {
    expect(text(addMonths(day('2028-01-31'), 1))).toBe('2028-02-29');
    expect(text(periodAt(day('2028-02-29'), 'annually', 0)?.end)).toBe('2029-02-28');
    expect(text(periodAt(day('2028-02-29'), 'annually', 3)?.end)).toBe('2032-02-29');
  });

  it('joins periods without gap or overlap for ten years', () => {
    for (const cycle of ['monthly', 'quarterly', 'semiannually', 'annually', 'biennially', 'triennially'] as const) {
      for (let index = 0; index < 120; index += 1) {
        expect(periodAt(day('2027-08-31'), cycle, index)?.end).toEqual(
          periodAt(day('2027-08-31'), cycle, index + 1)?.start,
        );
      }
    }
  });

  it('keeps the time of the day across daylight saving', () => {
    expect(addMonths(day('2027-03-01'), 1).toISOString()).toBe('2027-04-01T10:30:00.000Z');
  });

  it('gives a one-time purchase no period', () => {
    expect(periodAt(day('2027-01-31'), 'one_time', 0)).toBeUndefined();
    expect(recurrenceOf('one_time')).toBeUndefined();
  });

  it('tells the payment page months or whole years', () => {
    expect(recurrenceOf('quarterly')).toEqual({ interval: 'month', count: 3 });
    expect(recurrenceOf('triennially')).toEqual({ interval: 'year', count: 3 });
  });
});
