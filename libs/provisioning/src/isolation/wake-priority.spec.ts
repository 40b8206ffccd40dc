import { describe, expect, it } from '@jest/globals';
import { taskPriorities, wakePriority } from './wake-priority.js';

const { interactive, bulk } = taskPriorities;

describe('the priority of a wake-up', () => {
  it('lets the first task of each customer go before the second of any', () => {
    expect(wakePriority(interactive, 0)).toBeLessThan(wakePriority(interactive, 1));
  });

  it('is the same for all whose turn has come', () => {
    expect(wakePriority(interactive, -12.3)).toBe(wakePriority(interactive, 0.2));
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
