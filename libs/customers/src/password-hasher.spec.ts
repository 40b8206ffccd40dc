import { describe, expect, it } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { PasswordHasher } from './password-hasher.service.js';

const hasher = new PasswordHasher();

describe('PasswordHasher', () => {
  it('makes argon2id hashes of the cost that the cheat sheets ask for, salted', async () => {
    const [one, two] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('tells the right password from a wrong one, and takes no nonsense for a hash', async () => {
    const hashed = await hasher.hash('correct horse');
    expect(await hasher.verify(hashed, 'correct horse')).toBe(true);
    expect(await hasher.verify(hashed, 'Correct horse')).toBe(false);
    expect(await hasher.verify('not a hash', 'correct horse')).toBe(false);
  });

  it('does not cut long passwords', async () => {
    const long = 'x'.repeat(200);
    const hashed = await hasher.hash(long);
    expect(await hasher.verify(hashed, long)).toBe(true);
    expect(await hasher.verify(hashed, long.slice(0, 199))).toBe(false);
  });

  it('notices hashes of another cost', async () => {
    expect(hasher.isOutdated(await hash('x', { memoryCost: 19_456, timeCost: 2 }))).toBe(true);
    expect(hasher.isOutdated(await hasher.hash('x'))).toBe(false);
  });
});
