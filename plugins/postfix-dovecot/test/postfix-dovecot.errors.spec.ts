import { describe, expect, it } from '@jest/globals';
import { databaseError } from '../src/postfix-dovecot.errors.js';

const reported = (code: string, message = 'as Postgres says') =>
  Object.assign(new Error(message), { code, severity: 'ERROR' });
const broken = (code: string, message = 'the socket broke') => Object.assign(new Error(message), { code });

describe('a failure of the database', () => {
  it.each([
    ['28P01', 'invalid-config'],
    ['28000', 'invalid-config'],
    ['3D000', 'invalid-config'],
    ['42501', 'invalid-config'],
    ['42P01', 'invalid-config'],
    ['42703', 'invalid-config'],
    ['53300', 'unavailable'],
    ['57P03', 'unavailable'],
    ['57014', 'unavailable'],
    ['40001', 'unavailable'],
    ['40P01', 'unavailable'],
    ['25006', 'unavailable'],
    ['22021', 'invalid-input'],
    ['23514', 'internal'],
    ['XX000', 'internal'],
    ['57P01', 'outcome-unknown'],
  ])('%s is %s to a statement that acts', (state, code) => {
    const error = databaseError(reported(state), { sent: true, acts: true });
    expect([error.code, error.details.vendor?.code]).toEqual([code, state]);
    expect(error.message).not.toMatch(/postgres|postfix|dovecot/i);
  });

  it('tells the operator to run schema.sql when tables are missing', () => {
    const error = databaseError(reported('42P01', 'relation "mail_boxes" does not exist'), { sent: true, acts: false });
    expect(error.details.vendor?.message).toContain('schema.sql');
  });

  it.each([
    ['a broken socket', broken('ECONNRESET'), 'unavailable', 'unavailable', 'outcome-unknown'],
    ['a closed socket', broken('EPIPE'), 'unavailable', 'unavailable', 'outcome-unknown'],
    ['an end without words', new Error('Connection terminated'), 'unavailable', 'unavailable', 'outcome-unknown'],
    ['a thrown text', 'text', 'unavailable', 'unavailable', 'outcome-unknown'],
  ])('by %s depends on what was sent', (_what, thrown, unsent, reading, acting) => {
    const codes = [
      databaseError(thrown, { sent: false, acts: true }),
      databaseError(thrown, { sent: true, acts: false }),
      databaseError(thrown, { sent: true, acts: true }),
    ].map(({ code }) => code);
    expect(codes).toEqual([unsent, reading, acting]);
  });

  it.each([
    ['ECONNREFUSED', 'unavailable'],
    ['ENOTFOUND', 'unavailable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'invalid-config'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'invalid-config'],
  ])('to connect with %s is %s', (code, expected) => {
    expect(databaseError(broken(code), { sent: false, acts: true }).code).toBe(expected);
  });

  it('is refused credentials when the address has no password', () => {
    const missing = new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string');
    expect(databaseError(missing, { sent: false, acts: false }).code).toBe('invalid-config');
  });
});
