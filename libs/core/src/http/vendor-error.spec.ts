import { describe, expect, it } from '@jest/globals';
import { vendorError } from './vendor-error.js';

describe('the error that an answer of a vendor means', () => {
  it('is what the table of the plugin says, with what the vendor said for operators', () => {
    const error = vendorError(['already-exists', 'It exists already.'], { acts: true, status: 409, code: 'E7' });
    expect(error).toMatchObject({ code: 'already-exists', message: 'It exists already.' });
    expect(error.details).toEqual({ vendor: { status: 409, code: 'E7' } });
  });

  it('proves nothing where the table is silent', () => {
    expect(vendorError(undefined, { acts: true, status: 500 }).code).toBe('outcome-unknown');
    expect(vendorError(undefined, { acts: false, status: 500 }).code).toBe('unavailable');
  });

  it('keeps texts and numbers of what the vendor said, shortened, and leaves out what is neither', () => {
    const { details } = vendorError(undefined, { acts: false, code: 1061, message: 'x'.repeat(1_000) });
    expect(details.vendor).toEqual({ code: '1061', message: 'x'.repeat(300) });
    expect(vendorError(undefined, { acts: false, code: null, message: ['x'] }).details).toEqual({ vendor: {} });
  });
});
