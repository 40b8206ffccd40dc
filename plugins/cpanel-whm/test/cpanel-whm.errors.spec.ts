import { describe, expect, it } from '@jest/globals';
import { refusalError, statusError } from '../src/cpanel-whm.errors.js';

describe('a refusal in the words of WHM', () => {
  it.each([
    ['(XID ab12cd) This system already has an account named “demo01”.', 'already-exists'],
    ['This system already has a group named “demo01”.', 'already-exists'],
    ['Sorry, a group for that username already exists.', 'already-exists'],
    ['The name of another account on this server has the same initial 8 characters.', 'already-exists'],
    ['The domain “demo.example” already exists in the Apache configuration.', 'already-exists'],
    ['The account user@example.com already exists!', 'already-exists'],
    ['“info” is a reserved username on this system.', 'invalid-input'],
    ['Specified package does not exist.', 'invalid-input'],
    ['The password that you entered has a strength rating of “5”.', 'invalid-input'],
    ['You do not have a user named “demo01”.', 'not-found'],
    ['You do not have access to an account named “demo01”.', 'not-found'],
    ['Account does not exist', 'not-found'],
    ['System user demo01 does not exist!', 'not-found'],
    ['_suspendacct called for a user that does not exist. (demo01)', 'not-found'],
    ['Sorry the user demo01 does not exist', 'not-found'],
    ['Sorry, the user demo01 does not exist. at /usr/local/cpanel/Whostmgr/Passwd.pm line 12.', 'not-found'],
    ['Unable to fetch the cPanel user file for demo01', 'not-found'],
    ['Access denied', 'invalid-config'],
    ['Permission denied', 'invalid-config'],
    ['The disk “/home” is on fire.', 'internal'],
  ])('%s is %s', (reason, code) => {
    const error = refusalError(reason);
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/whm|cpanel/i);
  });

  it('keeps the incident number apart and drops the place in the source', () => {
    const { vendor } = refusalError('(XID ab12cd) It broke at /usr/local/cpanel/Cpanel/X.pm line 7.').details;
    expect(vendor).toEqual({ requestId: 'ab12cd', message: 'It broke' });
  });

  it('does not quote secrets back, and still knows what was meant', () => {
    const error = refusalError('The password that you entered has a strength rating of 3: “hunter22”.', ['hunter22']);
    expect(error.code).toBe('invalid-input');
    expect(error.details.vendor?.message).toContain('“***”');
    expect(refusalError('Account does not exist', ['a']).code).toBe('not-found');
  });

  it('is cut to a size that can be stored', () => {
    expect(refusalError('x'.repeat(1_000_000)).details.vendor?.message).toHaveLength(300);
  });
});

describe('a status that is no answer of WHM', () => {
  it.each([
    [403, 'invalid-config', 'invalid-config'],
    [401, 'invalid-config', 'invalid-config'],
    [301, 'invalid-config', 'invalid-config'],
    [404, 'invalid-config', 'invalid-config'],
    [500, 'outcome-unknown', 'unavailable'],
    [400, 'internal', 'internal'],
  ])('%i is %s for a call that acts and %s for one that reads', (status, acting, reading) => {
    expect([statusError(status, true).code, statusError(status, false).code]).toEqual([acting, reading]);
  });
});
