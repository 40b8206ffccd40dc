import { describe, expect, it } from '@jest/globals';
import { redact } from '@keelson/core';
import { newApiKey, parseApiKey } from './api-key-format.js';

describe('API keys', () => {
  it('can be taken apart again, and differ', () => {
    const { text, keyId, secret } = newApiKey();
    expect(text).toMatch(/^kln_live_[0-9a-f]{16}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}$/);
    expect(parseApiKey(text)).toEqual({ keyId, secret });
    expect(newApiKey().text).not.toBe(text);
  });

  it('hold a checksum that finds every mistyped character', () => {
    const { text } = newApiKey();
    for (let index = 0; index < text.length; index += 1) {
      const other = text[index] === 'a' ? 'b' : 'a';
      expect(parseApiKey(text.slice(0, index) + other + text.slice(index + 1))).toBeUndefined();
    }
  });

  it.each(['', 'kln_live', 'kln_test_0123456789abcdef_x_00000000', 'Bearer abc'])('are not %p', (text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });

  it('do not get into logs', () => {
    const { text, secret } = newApiKey();
    expect(redact(`used ${text} today`)).not.toContain(secret.slice(0, 20));
  });
});
