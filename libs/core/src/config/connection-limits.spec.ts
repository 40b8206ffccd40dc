import { describe, expect, it } from '@jest/globals';
import { ConfigReader } from './config-reader.js';
import { effectiveLimits, limitsProblems, readLimits } from './connection-limits.js';

const read = (value: unknown) => {
  const reader = new ConfigReader();
  return { limits: readLimits(reader, value, 'connections.main.limits'), problems: reader.problems };
};

describe('the limits of a connection', () => {
  it('are none when nothing is written', () => {
    expect(read(undefined)).toEqual({ limits: {}, problems: [] });
  });

  it('may come from variables, as text', () => {
    expect(read({ concurrency: '4', ratePerSecond: '0.5', burst: 2 }).limits).toEqual({
      concurrency: 4,
      ratePerSecond: 0.5,
      burst: 2,
    });
  });

  it.each([
    [{ concurrency: 0 }, 'connections.main.limits.concurrency: must be a whole number above 0'],
    [{ concurrency: 1.5 }, 'connections.main.limits.concurrency: must be a whole number above 0'],
    [{ ratePerSecond: -1 }, 'connections.main.limits.ratePerSecond: must be a number above 0'],
    [{ ratePerSecond: 'fast' }, 'connections.main.limits.ratePerSecond: must be a number above 0'],
    [{ perSecond: 1 }, 'connections.main.limits.perSecond: unknown entry; known: concurrency, ratePerSecond, burst'],
    ['many', 'connections.main.limits: must be a mapping'],
  ])('are refused when they are %j', (value, problem) => {
    expect(read(value).problems).toEqual([problem]);
  });

  it('are those of the plugin where the operator set none', () => {
    const ofPlugin = { concurrency: 10, ratePerSecond: 4, burst: 40 };
    expect(effectiveLimits({}, ofPlugin)).toEqual(ofPlugin);
    expect(effectiveLimits({ concurrency: 3 }, ofPlugin)).toEqual({ ...ofPlugin, concurrency: 3 });
  });

  it('take the burst of one second with a rate of their own', () => {
    expect(effectiveLimits({ ratePerSecond: 2.5 }, { ratePerSecond: 4, burst: 40 })).toEqual({
      ratePerSecond: 2.5,
      burst: 3,
    });
    expect(effectiveLimits({ ratePerSecond: 0.2 })).toEqual({ ratePerSecond: 0.2, burst: 1 });
  });

  it('of a manifest are numbers above 0', () => {
    expect(limitsProblems({ concurrency: 2, ratePerSecond: 0.5 })).toEqual([]);
    expect(limitsProblems({ concurrency: 0.5, ratePerSecond: 0 })).toEqual([
      'its limit concurrency is 0.5: it must be whole and above 0',
      'its limit ratePerSecond is 0: it must be above 0',
    ]);
  });
});
