import { describe, expect, it, jest } from '@jest/globals';
import { currentCall, runCall } from './call.js';

describe('the call under way', () => {
  it('is the same for a second copy of this package, as an external plugin may bring it', async () => {
    jest.resetModules();
    const copy = await import('./call.js');
    expect(copy.currentCall).not.toBe(currentCall);
    const { signal } = new AbortController();
    await runCall({ signal, idempotencyKey: 'one' }, async () => {
      expect(copy.currentCall()).toEqual({ signal, idempotencyKey: 'one' });
    });
    expect(copy.currentCall().idempotencyKey).toBeUndefined();
  });
});
