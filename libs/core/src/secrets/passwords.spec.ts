import { describe, expect, it } from '@jest/globals';
import { generatePassword } from './passwords.js';

describe('generatePassword', () => {
  it('gives 16 characters of all four classes without look-alikes', () => {
    for (let index = 0; index < 500; index += 1) {
      expect(generatePassword()).toMatch(
        /^(?=.*[A-Z])(?=.*[a-z])(?=.*[2-9])(?=.*[-_.+=@])[A-HJ-NP-Za-kmnp-z2-9_.+=@-]{16}$/,
      );
    }
  });

  it('begins and ends with a letter or digit, so that it survives copying out of a sentence', () => {
    for (let index = 0; index < 500; index += 1) expect(generatePassword(24)).toMatch(/^[A-Za-z0-9].{22}[A-Za-z0-9]$/);
  });

  it('does not repeat itself', () => {
    expect(new Set(Array.from({ length: 2000 }, () => generatePassword())).size).toBe(2000);
  });

  it('refuses to make a short one', () => {
    expect(() => generatePassword(11)).toThrow(RangeError);
  });
});
