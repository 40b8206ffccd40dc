import { randomInt } from 'node:crypto';

/** No `I`, `O`, `0` or `1`: keys are read aloud and typed. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Keys issued elsewhere have a fourth group. */
const form = /^NP(?:-[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{4}){3,4}$/;

/** A new key `NP-XXXX-XXXX-XXXX` from the system's random source: 60 bits. */
export function newLicenceKey(): string {
  const group = () => Array.from({ length: 4 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  return `NP-${group()}-${group()}-${group()}`;
}

/** Whether the text has the form of a key. Says nothing about whether there is one. */
export function isLicenceKey(text: string): boolean {
  return form.test(text);
}
