import { describe, expect, it } from '@jest/globals';
import { megabytesOf } from './megabytes.js';

describe('a size of a panel', () => {
  it.each([
    ['14M', 14],
    ['2.5G', 2560],
    ['1.5 GB', 1536],
    ['512 KiB', 0.5],
    ['1T', 1_048_576],
    ['250', 250],
    ['2GiB', 2048],
    ['512K', 0.5],
    [250.126, 250.13],
    [0, 0],
  ])('%p is %p MB', (size, megabytes) => {
    expect(megabytesOf(size)).toBe(megabytes);
  });

  it.each([['unlimited'], ['none'], ['much'], [''], [null], [undefined], ['-1'], [-1], [Number.NaN], [{}]])(
    '%p is none',
    (size) => {
      expect(megabytesOf(size)).toBeUndefined();
    },
  );
});
