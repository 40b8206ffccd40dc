import { describe, expect, it } from '@jest/globals';
import { PortError } from '../errors/port-error.js';
import { lookOrCreate } from './look-or-create.js';

const taken = new PortError('already-exists', 'It exists already.');
const creating =
  (made: unknown[], result: string | Error = 'created') =>
  async () => {
    made.push(result);
    if (result instanceof Error) throw result;
    return result;
  };

/** Answers one look after the other. */
const looks = (...answers: (string | undefined)[]) => {
  const left = [...answers];
  return async () => left.shift();
};

describe('lookOrCreate', () => {
  it('creates nothing when something is there', async () => {
    const made: unknown[] = [];
    expect(await lookOrCreate(looks('present'), creating(made))).toBe('present');
    expect(made).toEqual([]);
  });

  it('creates what is absent', async () => {
    expect(await lookOrCreate(looks(undefined), creating([]))).toBe('created');
  });

  it('finds what another call made meanwhile', async () => {
    expect(await lookOrCreate(looks(undefined, 'theirs'), creating([], taken))).toBe('theirs');
  });

  it('hands the refusal on when it exists where we do not see it, and every other failure at once', async () => {
    await expect(lookOrCreate(looks(undefined, undefined), creating([], taken))).rejects.toBe(taken);
    const lost = new PortError('outcome-unknown', 'The answer was lost.');
    await expect(lookOrCreate(looks(undefined, 'theirs'), creating([], lost))).rejects.toBe(lost);
  });
});
