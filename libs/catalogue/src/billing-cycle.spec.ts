import { describe, expect, it } from '@jest/globals';
import { billingCycles, parseBillingCycle } from './billing-cycle.js';

describe('parseBillingCycle', () => {
  it.each(billingCycles)('knows %s by its own name', (cycle) => {
    expect(parseBillingCycle(cycle)).toBe(cycle);
  });

  it.each([
    ['yearly', 'annually'],
    ['biennial', 'biennially'],
    ['triennial', 'triennially'],
    [' Yearly ', 'annually'],
  ])('takes %p for %s', (text, cycle) => {
    expect(parseBillingCycle(text)).toBe(cycle);
  });

  it.each(['', 'weekly', 'constructor', '__proto__', 'monthly annually'])('knows no cycle %p', (text) => {
    expect(parseBillingCycle(text)).toBeUndefined();
  });
});
