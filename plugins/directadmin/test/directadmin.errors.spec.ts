import { describe, expect, it } from '@jest/globals';
import { refusalOf } from '../src/directadmin.errors.js';

const answer = (status: number, body: unknown) => ({
  status,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
  json: () => undefined,
});
const loginPage = '<html><title>DirectAdmin Login</title><form action="/CMD_LOGIN" method="POST"></form></html>';

describe('an answer', () => {
  it.each([
    [{ success: 'User created', result: '' }],
    [{ error: '0', text: 'Saved' }],
    [['starter']],
    [{ exists: '1' }],
    [{}],
  ])('is no refusal when it is %j', (body) => {
    expect(refusalOf(answer(200, body), true)).toBeUndefined();
  });

  it.each([
    ['That domain already exists', 'already-exists'],
    ['That username already exists on the system', 'already-exists'],
    ['That password is not difficult enough', 'invalid-input'],
    ['Unable to find both a certificate and a private key', 'invalid-input'],
    ['You do not own that domain', 'not-found'],
    ["You don't own that domain", 'not-found'],
    ['User does not exist', 'not-found'],
    ['The email is not valid', 'invalid-input'],
    ['Command not allowed for this login key', 'invalid-config'],
    ['Something never seen before', 'internal'],
  ])('"%s" means %s', (details, code) => {
    expect(refusalOf(answer(200, { error: '1', text: 'Error', details }), true)?.code).toBe(code);
    expect(refusalOf(answer(200, { error: 'Error', result: details }), true)?.code).toBe(code);
  });

  it.each([
    [400, 'WEAK_PASSWORD', 'invalid-input'],
    [404, 'NOT_FOUND', 'not-found'],
    [490, 'ALREADY_EXISTS', 'already-exists'],
    [494, 'DATABASE_INVALID_ENTITY_NAME', 'invalid-input'],
    [402, 'LICENSE_OVERUSED', 'invalid-config'],
  ])('with status %i and the type %s means %s', (status, type, code) => {
    expect(refusalOf(answer(status, { type }), true)?.code).toBe(code);
  });

  it.each([
    [200, loginPage],
    [401, loginPage],
    [401, { type: 'UNAUTHORIZED' }],
    [403, { type: 'ACCESS_DENIED' }],
  ])('with status %i that asks to log in means that our credentials are refused', (status, body) => {
    expect(refusalOf(answer(status, body), true)?.code).toBe('invalid-config');
  });

  it.each([
    [404, '<html>nginx</html>'],
    [500, ''],
    [500, { error: 'Something never seen before' }],
    [302, ''],
  ])('with status %i and nothing known in it proves nothing', (status, body) => {
    expect(refusalOf(answer(status, body), true)?.code).toBe('outcome-unknown');
    expect(refusalOf(answer(status, body), false)?.code).toBe('unavailable');
  });
});
