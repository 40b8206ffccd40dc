import { describe, expect, it } from '@jest/globals';
import { argon2Verify } from 'hash-wasm';
import { hashPassword } from '../src/password-hash.js';

describe('the hash of a password', () => {
  it('names its scheme and its cost, and fits the password alone', async () => {
    const hash = await hashPassword('S3cure-Wörd');
    expect(hash).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    const phc = hash.slice('{ARGON2ID}'.length);
    expect(await argon2Verify({ password: 'S3cure-Wörd', hash: phc })).toBe(true);
    expect(await argon2Verify({ password: 'S3cure-Word', hash: phc })).toBe(false);
  });

  it('is another each time', async () => {
    expect(await hashPassword('S3cure-Wörd')).not.toBe(await hashPassword('S3cure-Wörd'));
  });

  it.each([['a'], ['sevenlo'], ['x'.repeat(257)], ['with\r\nline end'], ['with\0null char']])(
    'is not made of %j',
    async (password) => {
      await expect(hashPassword(password)).rejects.toMatchObject({ code: 'invalid-input' });
    },
  );
});
