import { describe, expect, it } from '@jest/globals';
import { redact } from './redact.js';

describe('redact', () => {
  it.each([
    ['charge failed for sk_live_51HxyzABCDEF', '51HxyzABCDEF'],
    ['hook whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['Authorization: Bearer abcdef.ghijkl', 'abcdef.ghijkl'],
    ['Authorization: panel root:ABCDEF123456', 'ABCDEF123456'],
    ['{"authorization":"panel root:ABCDEF123456","a":1}', 'ABCDEF123456'],
    ['token root:JSI8RS0VJSI8RS0VJSI8RS0VJSI8RS0V was refused', 'JSI8RS0V'],
    ['GET /api/listDomains?version=1&key=1234567890abcdef&x=1', '1234567890abcdef'],
    ['{"user":"a","password":"hun\\"ter2"}', 'ter2'],
    ['password=hunter2; next', 'hunter2'],
    ['postgres://keelson:hunter2@db:5432/k', 'hunter2'],
    ['https://srv:2087/cpsess1234567890/frontend', '1234567890'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', 'MIIE'],
  ])('hides the secret in %j', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain('***');
  });

  it('leaves ordinary sentences alone', () => {
    const text = 'The zone example.com was created on node_0198c2a4 in 120 ms.';
    expect(redact(text)).toBe(text);
  });
});
