import { describe, expect, it } from '@jest/globals';
import { TermNotOfferedError } from '@keelson/billing';
import { PortError, portErrorCodes } from '@keelson/core';
import { CustomerExistsError } from '@keelson/customers';
import { TaskConflictError } from '@keelson/provisioning';
import { QueryFailedError } from 'typeorm';
import { isDatabaseAway } from '@keelson/database';
import { problemOf } from './problem-mapping.js';

const sqlError = (code: string) => new QueryFailedError('SELECT secret', [], Object.assign(new Error('no'), { code }));
const id = '0198c2a4-0000-7000-8000-000000000001';

describe('problemOf', () => {
  it('tells clients what a refusal of the domain says', () => {
    expect(problemOf(new TermNotOfferedError('basic', 'hourly'))).toMatchObject({
      status: 400,
      options: { code: 'term-not-offered', detail: 'The plan "basic" is not offered with the term "hourly".' },
    });
  });

  it('carries the id that a contract promises', () => {
    expect(problemOf(new CustomerExistsError(id)).options.members).toMatchObject({
      id: expect.stringMatching(/^cust_/),
    });
    expect(problemOf(new TaskConflictError('Running.', id)).options.members).toMatchObject({
      jobId: expect.stringMatching(/^job_/),
    });
    expect(problemOf(new TaskConflictError('Done.')).options.members).toEqual({});
  });

  it('gives every code of a vendor failure a status, and nothing of the vendor', () => {
    for (const code of portErrorCodes) {
      const error = new PortError(code, 'Refused.', { details: { vendor: { message: 'inside', status: 418 } } });
      const { status, options } = problemOf(error);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(options)).not.toContain('inside');
    }
  });

  it('hands on when to come back', () => {
    const { options } = problemOf(new PortError('rate-limited', 'Slow down.', { retryAfterMs: 4_200 }));
    expect(options.headers).toEqual({ 'retry-after': '5' });
  });

  it.each(['08006', '53100', '53300', '57P01', '57P03', '25006', 'ECONNREFUSED', 'ECONNRESET'])(
    'takes %s for a database that is away: 503',
    (code) => {
      expect(problemOf(sqlError(code))).toMatchObject({ status: 503, options: { code: 'database-away' } });
    },
  );

  it.each(['23505', '42P01', '22P02'])('takes %s for a mistake of ours: 500 without a word about it', (code) => {
    expect(isDatabaseAway(sqlError(code))).toBe(false);
    const { status, options } = problemOf(sqlError(code));
    expect(status).toBe(500);
    expect(JSON.stringify(options)).not.toMatch(/SELECT|secret|no"/);
  });

  it.each([undefined, null, 'text', 42, {}, { statusCode: 200 }, new Error('inside')])('survives %p', (thrown) => {
    expect(problemOf(thrown)).toMatchObject({ status: 500, options: { code: 'internal-error' } });
  });
});
