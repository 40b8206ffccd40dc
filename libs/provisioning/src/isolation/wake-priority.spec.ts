import { describe, expect, it } from '@jest/globals';
import { rankByCustomer, taskPriorities, wakePriority } from './wake-priority.js';

const { interactive, bulk } = taskPriorities;

describe('the priority of a wake-up', () => {
  it('lets the first task of each customer go before the second of any', () => {
    expect(wakePriority(interactive, 0)).toBeLessThan(wakePriority(interactive, 1));
  });

  it('lets interactive work go before bulk, however much a customer has queued', () => {
    expect(wakePriority(interactive, 1_000_000)).toBeLessThan(wakePriority(1, 0));
    expect(wakePriority(10, 1_000_000)).toBeLessThan(wakePriority(11, 0));
  });

  it('lets what was begun, which has none, go before whatever has not', () => {
    expect(wakePriority(interactive, 0)).toBeGreaterThan(0);
  });

  it('stays within what the queue takes', () => {
    expect(wakePriority(bulk * 1_000, 1_000_000)).toBeLessThanOrEqual(2_097_152);
  });
});

describe('the rank of a task', () => {
  it('counts those of the same customer and priority before it', () => {
    const tasks = [
      { customerId: 'a', priority: 0 },
      { customerId: 'a', priority: 0 },
      { customerId: 'b', priority: 0 },
      { customerId: 'a', priority: 1 },
    ];
    expect(rankByCustomer(tasks).map(({ ahead }) => ahead)).toEqual([0, 1, 0, 0]);
  });
});
