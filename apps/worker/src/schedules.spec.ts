import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Schedules } from './schedules.js';

describe('the schedules of a worker', () => {
  let calls: number;
  let work: () => Promise<void>;

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
    calls = 0;
    work = () => Promise.resolve();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function start(schedules = true): Schedules {
    const started = new Schedules({ schedules });
    started.every(1_000, 'looking', () => {
      calls += 1;
      return work();
    });
    started.onApplicationBootstrap();
    return started;
  }
  const pass = () => jest.advanceTimersByTimeAsync(1_000);

  it('look at once, then turn by turn, until the worker ends', async () => {
    const schedules = start();
    expect(calls).toBe(1);
    await pass();
    await pass();
    expect(calls).toBe(3);
    schedules.onApplicationShutdown();
    await pass();
    expect(calls).toBe(3);
  });

  it('do not begin a second time while the first goes on, and survive a failure', async () => {
    let fail = (_error: Error) => {};
    work = () => new Promise((_, reject) => (fail = reject));
    const schedules = start();
    await pass();
    expect(calls).toBe(1);
    fail(new Error('the database is away'));
    await pass();
    expect(calls).toBe(2);
    schedules.onApplicationShutdown();
  });

  it('do nothing where they are switched off', async () => {
    start(false);
    await pass();
    expect(calls).toBe(0);
  });
});
