import { describe, expect, it } from '@jest/globals';
import { PortError } from './port-error.js';
import { orNotFound, unlessAbsent } from './unless-absent.js';

describe('unlessAbsent', () => {
  it('hands a result on and takes not-found for undefined', async () => {
    expect(await unlessAbsent(Promise.resolve(7))).toBe(7);
    expect(await unlessAbsent(Promise.reject(new PortError('not-found', 'It is gone.')))).toBeUndefined();
  });

  it('lets every other failure pass', async () => {
    const lost = new PortError('outcome-unknown', 'The answer was lost.');
    await expect(unlessAbsent(Promise.reject(lost))).rejects.toBe(lost);
    await expect(unlessAbsent(Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  });
});

describe('orNotFound', () => {
  it('hands on what was found and throws not-found for nothing', () => {
    expect(orNotFound('', 'There is none.')).toBe('');
    expect(() => orNotFound(undefined, 'There is none.')).toThrow(
      expect.objectContaining({ code: 'not-found', message: 'There is none.' }),
    );
  });
});
