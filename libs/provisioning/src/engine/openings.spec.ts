import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Openings } from './openings.js';

describe('Openings', () => {
  it('lets in the next when one says so, in the order of their coming', async () => {
    const openings = new Openings();
    const came: string[] = [];
    const leaves: Record<string, () => void> = {};
    const all = ['a', 'b', 'c'].map(async (name) => {
      leaves[name] = await openings.enter();
      came.push(name);
    });
    await all[0];
    expect(came).toEqual(['a']);
    leaves['a']?.();
    leaves['a']?.();
    await all[1];
    expect(came).toEqual(['a', 'b']);
    leaves['b']?.();
    await all[2];
    expect(came).toEqual(['a', 'b', 'c']);
  });

  it('does not wait for one that does not get on', async () => {
    const openings = new Openings();
    await openings.enter();
    let entered = false;
    const second = openings.enter().then(() => (entered = true));
    await sleep(20);
    expect(entered).toBe(false);
    await second;
    expect(entered).toBe(true);
  });
});
