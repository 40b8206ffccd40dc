import { describe, expect, it } from '@jest/globals';
import { PortError } from '../errors/port-error.js';
import { isAccountOf, isUsername, plainUsernameRules, requireAccountOf, requireAccountSpec } from './account-spec.js';
import type { Account, AccountSpec, UsernameRules } from './provisioner.port.js';

const rules: UsernameRules = {
  minLength: 3,
  maxLength: 8,
  pattern: /[a-z][a-z0-9]*/,
  reserved: ['root'],
  forbiddenPrefixes: ['test'],
};
const spec: AccountSpec = {
  username: 'k9shop',
  domain: 'shop.example',
  package: 'starter',
  email: 'owner@shop.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_1',
};
const account: Account = {
  remoteId: 'k9shop',
  username: 'k9shop',
  domain: 'shop.example',
  email: 'owner@shop.example',
  state: 'active',
};

describe('the name of an account', () => {
  it.each([['k9shop'], ['abc'], ['abcdefgh']])('may be %s', (name) => {
    expect(isUsername(name, rules)).toBe(true);
  });

  it.each([['ab'], ['abcdefghi'], ['9shop'], ['k9 shop'], ['K9shop'], ['root'], ['tester'], ['']])(
    'may not be "%s"',
    (name) => {
      expect(isUsername(name, rules)).toBe(false);
    },
  );
});

describe('the names of Linux users', () => {
  const plain = plainUsernameRules({ minLength: 4, maxLength: 10 });

  it.each([['k9shop'], ['abcd'], ['a123456789']])('take %s', (name) => {
    expect(isUsername(name, plain)).toBe(true);
  });

  it.each([['abc'], ['a1234567890'], ['1shop'], ['k9_shop'], ['K9shop'], ['root'], ['mysql']])('refuse %s', (name) => {
    expect(isUsername(name, plain)).toBe(false);
  });
});

describe('an account that is asked for', () => {
  it('has a name within the rules, a domain, an address and a password', () => {
    expect(() => requireAccountSpec(spec, rules)).not.toThrow();
    for (const wrong of [{ username: 'root' }, { domain: '' }, { email: '' }, { password: '' }]) {
      expect(() => requireAccountSpec({ ...spec, ...wrong }, rules)).toThrow(PortError);
    }
  });

  it('is of a type that the server has', () => {
    const reseller: AccountSpec = { ...spec, accountType: 'reseller' };
    expect(() => requireAccountSpec(reseller, rules, ['standard', 'reseller'])).not.toThrow();
    expect(() => requireAccountSpec(reseller, rules)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });

  it('is the one of that name and domain which has our id, or the address in whatever case, among others', () => {
    expect(isAccountOf(account, { ...spec, email: 'Owner@Shop.example' })).toBe(true);
    expect(isAccountOf({ ...account, email: 'office@x.example, owner@shop.example' }, spec)).toBe(true);
    expect(isAccountOf({ ...account, email: undefined, externalId: 'srv_1' }, spec)).toBe(true);
  });

  it('is not that of somebody else', () => {
    expect(requireAccountOf(account, spec)).toBe(account);
    expect(() => requireAccountOf(account, { ...spec, domain: 'other.example' })).toThrow(
      expect.objectContaining({ code: 'already-exists' }),
    );
    expect(isAccountOf({ ...account, email: 'x-owner@shop.example' }, spec)).toBe(false);
    expect(isAccountOf({ ...account, domain: 'other.example' }, spec)).toBe(false);
    expect(isAccountOf({ ...account, username: 'k9other' }, spec)).toBe(false);
    expect(isAccountOf({ ...account, email: undefined }, spec)).toBe(false);
  });
});
