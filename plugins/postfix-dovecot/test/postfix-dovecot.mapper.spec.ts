import { describe, expect, it } from '@jest/globals';
import { addressFrom, domainFrom, mailboxOf, quotaFrom, targetsFrom } from '../src/postfix-dovecot.mapper.js';

const invalid = expect.objectContaining({ code: 'invalid-input' });

describe('an address of ours', () => {
  it.each([['admin@bee.example'], ['a.b-c_d1@xn--bcher-kva.example'], ['0@a.b.example']])('may be %s', (text) => {
    expect(addressFrom(text)).toEqual({ address: text, domain: text.slice(text.indexOf('@') + 1) });
  });

  it.each([
    [''],
    ['admin'],
    ['@bee.example'],
    ['admin@'],
    ['admin@bee'],
    ['Admin@bee.example'],
    ['admin@Bee.example'],
    ['ann+shop@bee.example'],
    ['a..b@bee.example'],
    ['.a@bee.example'],
    ['a b@bee.example'],
    ['a@b@bee.example'],
    ['../x@bee.example'],
    ["'; DROP TABLE mail_boxes; --@bee.example"],
    ['%d@bee.example'],
    ['ann@bee.example\n'],
    [`${'a'.repeat(65)}@bee.example`],
    [`a@${'a.'.repeat(130)}example`],
  ])('is never %j', (text) => {
    expect(() => addressFrom(text)).toThrow(invalid);
  });
});

describe('a domain', () => {
  it.each([
    [''],
    ['bee'],
    ['-bee.example'],
    ['bee-.example'],
    ['bee..example'],
    ['bee.example.'],
    ['192.0.2.1.'],
    ['bée.example'],
  ])('is never %j', (text) => {
    expect(() => domainFrom(text)).toThrow(invalid);
  });
});

describe('targets of a forward', () => {
  it('are addresses anywhere, each once', () => {
    const targets = ['Ann.Lee+shop@Elsewhere.example', "o'neil@b.example", 'Ann.Lee+shop@Elsewhere.example'];
    expect(targetsFrom(targets)).toEqual(targets.slice(0, 2));
  });

  it.each([
    ['|/bin/sh'],
    ['/var/mail/x@b.example'],
    ['a@b.example,c@d.example'],
    ['a@b.example c@d.example'],
    ['"a b"@b.example'],
    ['a@[192.0.2.1]'],
    ['a'],
    ['@b.example'],
  ])('are never %j', (target) => {
    expect(() => targetsFrom(['fine@b.example', target])).toThrow(invalid);
  });
});

describe('a quota', () => {
  it.each([[-1], [1.5], [Number.NaN], [2 ** 31]])('is never %d', (quotaMb) => {
    expect(() => quotaFrom(quotaMb)).toThrow(invalid);
  });
});

describe('a mailbox', () => {
  it('is unlimited without a quota, and empty where Dovecot has not counted yet', () => {
    const row = { address: 'a@b.example', quota_mb: null, suspended: false, used_bytes: null };
    expect(mailboxOf(row)).toEqual({ address: 'a@b.example', quotaMb: undefined, usedMb: 0, suspended: false });
    expect(mailboxOf({ ...row, quota_mb: 5, suspended: true, used_bytes: '1572864' })).toMatchObject({
      quotaMb: 5,
      usedMb: 1.5,
      suspended: true,
    });
  });
});
