import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Settings } from '@keelson/core';
import type { DriftService, Reconciler } from '@keelson/provisioning';
import { Logger } from '@nestjs/common';
import { DriftHandlers } from './drift.handlers.js';

describe('the schedule of observations', () => {
  let calls: string[];
  let observe: () => Promise<Set<string>>;

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
    calls = [];
    observe = () => Promise.resolve(new Set(['c1']));
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const start = (schedules = true) => {
    const reconciler = { observeDue: () => (calls.push('observe'), observe()) } as unknown as Reconciler;
    const drift = { applyPolicy: () => (calls.push('repair'), Promise.resolve([])) } as unknown as DriftService;
    const handlers = new DriftHandlers(reconciler, drift, { schedules } as Settings);
    handlers.onModuleInit();
    return handlers;
  };
  const pass = () => jest.advanceTimersByTimeAsync(30_000);

  it('looks for what is due every half minute, and repairs by policy after something was seen', async () => {
    const handlers = start();
    await pass();
    observe = () => Promise.resolve(new Set());
    await pass();
    expect(calls).toEqual(['observe', 'repair', 'observe']);
    handlers.onApplicationShutdown();
    await pass();
    expect(calls).toHaveLength(3);
  });

  it('does not begin a second time while the first goes on, and survives a failure', async () => {
    let fail = (_error: Error) => {};
    observe = () => new Promise((_, reject) => (fail = reject));
    const handlers = start();
    await pass();
    await pass();
    expect(calls).toEqual(['observe']);
    fail(new Error('the database is away'));
    await pass();
    expect(calls).toEqual(['observe', 'observe']);
    handlers.onApplicationShutdown();
  });

  it('does nothing where schedules are switched off', async () => {
    start(false);
    await pass();
    expect(calls).toEqual([]);
  });
});
