import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, isSignedWith, signaturesOf } from './licence-signature.js';

const secret = 'a secret of more than thirty-two bytes';
const origin = { ip: '192.0.2.7', userAgent: 'panel/1.0', acceptLanguage: 'en' };
const question = { key: 'NP-ABCD-EFGH-JKLM', timestamp: 1_760_000_000, origin };

describe('the signature of a question about a licence', () => {
  // Expected values were computed with Python's hashlib, hmac and json.
  it('has the fingerprint that a panel computes for itself', () => {
    expect(fingerprintOf(origin)).toBe('14a76dcef1dac9aefbb0cbfa13a555fef648af632731f36fa5c015bac5592be5');
    expect(fingerprintOf({ ip: '192.0.2.7' })).toBe('6f4531c62efdebfebf66e0a32a8b94ff56047c404ff1982753f40ac03a6b7e56');
    expect(fingerprintOf({ ...origin, ip: '::ffff:192.0.2.7' })).toBe(fingerprintOf(origin));
  });

  it('is the HMAC over key, time and fingerprint', () => {
    expect(signaturesOf(secret, question)).toEqual([
      '4b8f580a87009d133464ae1cf89397de44ef02321f6c7f0fc39ca6fce4655b24',
    ]);
    expect(signaturesOf('short secret', question)).toEqual([
      'f4388b20a0a6a8f4f5458b9fd1d72d6ecc2d98c4f384cf73a7cc489cb7f881c9',
    ]);
  });

  it('covers additional data as Python writes them', () => {
    const additionalData = { z: [1, 0.5, true, null], a: { name: 'Grüße 🎉 "x"\n', b: {} }, Z: '\u007f', é: 1 };
    expect(signaturesOf(secret, { ...question, additionalData })[0]).toBe(
      'd2a7444c2ba47814ef1fea6cb49853087b7e465ac124da689bfb4d72f40af590',
    );
  });

  it('covers additional data without blanks too', () => {
    const additionalData = { name: 'Grüße', count: 2 };
    expect(signaturesOf(secret, { ...question, additionalData })[1]).toBe(
      '28eca4067193312756388d1777480cb23c3310b10a83bb7e0b70ca3dd794a541',
    );
  });

  it('counts in any case, and with nothing else changed', () => {
    const [signature = ''] = signaturesOf(secret, question);
    expect(isSignedWith(secret, question, signature)).toBe(true);
    expect(isSignedWith(secret, question, signature.toUpperCase())).toBe(true);
    expect(isSignedWith(secret, { ...question, additionalData: {} }, signature)).toBe(true);
    for (const other of [
      { ...question, key: 'NP-ABCD-EFGH-JKLN' },
      { ...question, timestamp: question.timestamp + 1 },
      { ...question, origin: { ...origin, ip: '192.0.2.8' } },
      { ...question, origin: { ...origin, userAgent: 'panel/1.1' } },
      { ...question, origin: { ...origin, acceptLanguage: 'de' } },
      { ...question, additionalData: { name: 'shop' } },
    ]) {
      expect(isSignedWith(secret, other, signature)).toBe(false);
    }
    for (const wrong of ['', 'nothing', signature.slice(1), `${signature}0`]) {
      expect(isSignedWith(secret, question, wrong)).toBe(false);
    }
    expect(isSignedWith('another secret of more than thirty-two', question, signature)).toBe(false);
  });
});
