import type { BillingCycle } from '@keelson/catalogue';

/** A stretch of time that is paid for at once: `end` is the first instant that is not. */
export interface Period {
  start: Date;
  end: Date;
}

const monthsPerCycle: Readonly<Record<BillingCycle, number | undefined>> = {
  monthly: 1,
  quarterly: 3,
  semiannually: 6,
  annually: 12,
  biennially: 24,
  triennially: 36,
  one_time: undefined,
};

/** Length of the cycle in months; undefined for `one_time`, which never ends. */
export function monthsOf(cycle: BillingCycle): number | undefined {
  return monthsPerCycle[cycle];
}

/**
 * The same day and time `months` later, in UTC; the last day of the month when it has no such day.
 * Count from the first day of the subscription and not from the last period: Jan 31 is followed by Feb 28, then by Mar 31.
 */
export function addMonths(anchor: Date, months: number): Date {
  const result = new Date(anchor);
  result.setUTCDate(1);
  result.setUTCMonth(result.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(result.getUTCFullYear(), result.getUTCMonth() + 1, 0)).getUTCDate();
  result.setUTCDate(Math.min(anchor.getUTCDate(), lastDay));
  return result;
}

/** Period number `index` (the first is 0) of a subscription that began at `anchor`; undefined for `one_time`. */
export function periodAt(anchor: Date, cycle: BillingCycle, index: number): Period | undefined {
  const months = monthsOf(cycle);
  if (months === undefined) return undefined;
  return { start: addMonths(anchor, months * index), end: addMonths(anchor, months * (index + 1)) };
}

/** What a payment page is told about the cycle; undefined for `one_time`. Vendors count in whole years where they can. */
export function recurrenceOf(cycle: BillingCycle): { interval: 'month' | 'year'; count: number } | undefined {
  const months = monthsOf(cycle);
  if (months === undefined) return undefined;
  return months % 12 === 0 ? { interval: 'year', count: months / 12 } : { interval: 'month', count: months };
}
