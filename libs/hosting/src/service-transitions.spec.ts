import { describe, expect, it } from '@jest/globals';
import { serviceStatuses, serviceTransitions } from './service-transitions.js';

describe('the states of a service', () => {
  it('lead only to states that exist', () => {
    for (const to of Object.values(serviceTransitions).flat()) expect(serviceStatuses).toContain(to);
  });

  it('end in cancelled and terminated, which every other state can reach', () => {
    const ends = serviceStatuses.filter((status) => serviceTransitions[status].length === 0);
    expect(ends.sort()).toEqual(['cancelled', 'terminated']);
    for (const start of serviceStatuses) {
      const reached = new Set([start]);
      for (const status of reached) serviceTransitions[status].forEach((next) => reached.add(next));
      expect(ends.some((end) => reached.has(end))).toBe(true);
    }
  });

  it('never lead back from removing the data', () => {
    expect(serviceTransitions.terminating).toEqual(['terminated']);
  });
});
