import { describe, expect, it } from '@jest/globals';
import { Openings } from './openings.js';

describe('openings', () => {
  it('let in so many at a time, the others in their order, each when a place is given back', async () => {
    const openings = new Openings(2);
    const entered: string[] = [];
    const enter = async (name: string) => {
      const leave = await openings.enter();
      entered.push(name);
      return leave;
    };
    const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map(enter);
    (await first)?.();
    await third;
    expect(entered).toEqual(['a', 'b', 'c']);
    (await second)?.();
    await fourth;
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
  });

  it('give a place back once, however often they are told', async () => {
    const openings = new Openings(1);
    const leave = await openings.enter();
    leave();
    leave();
    await openings.enter();
    const late = openings.enter().then(() => 'in');
    expect(await Promise.race([late, new Promise((resolve) => setImmediate(() => resolve('out')))])).toBe('out');
  });
});
