import { describe, expect, it } from '@jest/globals';
import { smtpError } from '../src/smtp.errors.js';

const failure = (more: object) => Object.assign(new Error('failed'), more);

describe('failures without a reply of the server', () => {
  it.each([
    [{ code: 'ECONNECTION' }, 'unavailable'],
    [{ code: 'ETIMEDOUT', timeoutType: 'GREETING_TIMEOUT' }, 'unavailable'],
    [{ code: 'EDNS', originalCode: 'ENOTFOUND' }, 'unavailable'],
    [{ code: 'ESOCKET', originalCode: 'ECONNREFUSED' }, 'unavailable'],
    [{ code: 'EABORT' }, 'unavailable'],
    [{ code: 'ETLS', command: 'CONN' }, 'unavailable'],
    [{ code: 'ETLS', command: 'STARTTLS' }, 'invalid-config'],
    [{ code: 'ESOCKET', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'invalid-config'],
    [{ code: 'ESOCKET', originalCode: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'invalid-config'],
    [{ code: 'EAUTH' }, 'invalid-config'],
    [{ code: 'EENVELOPE' }, 'invalid-input'],
    [{ code: 'EMESSAGE' }, 'invalid-input'],
    [{ code: 'ESOMETHING' }, 'internal'],
  ])('%j is %s', (more, code) => {
    expect(smtpError(failure(more), false)).toMatchObject({ code });
  });

  it('after the whole message left are outcome-unknown, whatever they are', () => {
    for (const code of ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EABORT', 'EPROTOCOL', 'ETLS']) {
      expect(smtpError(failure({ code }), true)).toMatchObject({ code: 'outcome-unknown' });
    }
  });

  it('that are no errors at all are internal', () => {
    for (const thrown of [undefined, null, 'text', 42, {}]) {
      expect(smtpError(thrown, false)).toMatchObject({ code: 'internal' });
    }
  });
});

describe('replies of the server', () => {
  it.each([
    ['EENVELOPE', 421, 'unavailable'],
    ['EENVELOPE', 451, 'unavailable'],
    ['EMESSAGE', 452, 'unavailable'],
    ['EAUTH', 454, 'unavailable'],
    ['EENVELOPE', 503, 'unavailable'],
    ['EENVELOPE', 550, 'invalid-input'],
    ['EMESSAGE', 552, 'invalid-input'],
    ['EMESSAGE', 554, 'invalid-input'],
    ['EENVELOPE', 530, 'invalid-config'],
    ['EAUTH', 535, 'invalid-config'],
    ['EAUTH', 503, 'invalid-config'],
    ['ETLS', 502, 'invalid-config'],
  ])('%s with %i is %s, even after the whole message left', (code, responseCode, expected) => {
    const permanent = responseCode >= 500 && responseCode !== 503;
    const thrown = failure({ code, responseCode, permanent, response: `${responseCode} words` });
    for (const handedOver of [false, true]) {
      expect(smtpError(thrown, handedOver)).toMatchObject({
        code: expected,
        details: { vendor: { code, status: responseCode, message: `${responseCode} words` } },
      });
    }
  });
});
