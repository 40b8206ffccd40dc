import { describe, expect, it } from '@jest/globals';
import { BadDay } from './bad-day.js';
import { FaultSwitches } from './fault-switches.js';

const fates = (day: BadDay, operation: string, calls: number) =>
  Array.from({ length: calls }, () => day.befalls(operation)?.kind);

describe('a bad day', () => {
  it('befalls a small share of the calls, with every misfortune there is', () => {
    const all = fates(new BadDay(7), 'POST /zones', 5_000);
    const struck = all.filter((kind) => kind !== undefined);
    expect(struck.length / all.length).toBeGreaterThan(0.05);
    expect(struck.length / all.length).toBeLessThan(0.1);
    expect([...new Set(struck)].sort()).toEqual(
      ['drop-after', 'drop-before', 'html', 'latency', 'rate-limit', 'rate-limit-silent', 'unavailable'].sort(),
    );
  });

  it('is the same for the same seed, whatever is called in between, and another one for another seed', () => {
    const alone = fates(new BadDay(7), 'createacct', 300);
    const day = new BadDay(7);
    const mixed = Array.from({ length: 300 }, () => {
      day.befalls('listaccts');
      return day.befalls('createacct')?.kind;
    });
    expect(mixed).toEqual(alone);
    expect(fates(new BadDay(8), 'createacct', 300)).not.toEqual(alone);
  });

  it('lets the repetitions of a call that failed through', () => {
    const all = fates(new BadDay(3), 'createacct', 2_000);
    const failed = all.flatMap((kind, index) => (kind === undefined || kind === 'latency' ? [] : [index]));
    expect(failed.length).toBeGreaterThan(50);
    expect(failed.filter((index) => all[index + 1] !== undefined || all[index + 2] !== undefined)).toEqual([]);
  });

  it('stands behind the switches: what a test arranges wins, and clearing that does not end the day', () => {
    const faults = new FaultSwitches({ badDay: 7 });
    faults.set({ kind: 'html', match: 'createacct' });
    expect(Array.from({ length: 200 }, () => faults.take('createacct')?.kind)).toEqual(Array(200).fill('html'));
    faults.clear();
    expect(Array.from({ length: 200 }, () => faults.take('createacct')?.kind).filter(Boolean)).not.toEqual([]);
    expect(faults.active()).toEqual([]);
  });
});
