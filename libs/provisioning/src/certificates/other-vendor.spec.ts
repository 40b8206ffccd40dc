import { describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { pauseOf, verdictOf } from '../isolation/isolation-policy.js';
import { atOtherVendor } from './other-vendor.js';

describe('a vendor beside the one of the step', () => {
  it('answers as ever', async () => {
    expect(await atOtherVendor(() => Promise.resolve('made'))).toBe('made');
  });

  it.each([
    ['is down', new PortError('unavailable', 'Down.')],
    ['breaks off', new PortError('outcome-unknown', 'Gone.')],
    ['wants a pause', new PortError('rate-limited', 'Slowly.', { retryAfterMs: 60_000 })],
  ])('that %s does not close the gate of the step', async (_what, error) => {
    const failed = await atOtherVendor(() => Promise.reject(error)).catch((thrown: unknown) => thrown as PortError);
    expect(failed).toMatchObject({ code: error.code, message: error.message, retryAfterMs: error.retryAfterMs });
    const { code: errorCode, alone } = failed;
    expect(verdictOf({ errorCode, alone })).not.toBe('failure');
    expect(pauseOf({ state: 'waiting', errorCode, alone, delayMs: 60_000 })).toBeUndefined();
    if (errorCode !== 'rate-limited') expect(verdictOf({ errorCode })).toBe('failure');
  });
});
