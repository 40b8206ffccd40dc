import { describe, expect, it } from '@jest/globals';
import { PortError } from '../errors/port-error.js';
import { domainForDisplay, isDomain, normaliseDomain, normaliseEmail, registrableDomain } from './domain-name.js';

describe('normaliseDomain', () => {
  it.each([
    ['example.com', 'example.com'],
    ['  WWW.Example.COM. ', 'www.example.com'],
    ['Bücher.de', 'xn--bcher-kva.de'],
    ['faß.de', 'xn--fa-hia.de'],
    ['例え。jp', 'xn--r8jz45g.jp'],
    ['XN--BCHER-KVA.de', 'xn--bcher-kva.de'],
    ['bu\u0308cher.de', 'xn--bcher-kva.de'],
    ['shop.example.co.uk', 'shop.example.co.uk'],
    ['someone.github.io', 'someone.github.io'],
    ['shop1.test', 'shop1.test'],
    [`${'a'.repeat(63)}.com`, `${'a'.repeat(63)}.com`],
  ])('takes %j as %s', (text, name) => {
    expect(normaliseDomain(text)).toBe(name);
    expect(normaliseDomain(name)).toBe(name);
  });

  it.each([
    ['', 'it is empty'],
    ['.', 'it is empty'],
    ['a b.com', 'it holds a character'],
    ['a_b.com', 'it holds a character'],
    ['*.example.com', 'it holds a character'],
    ['https://example.com', 'it holds a character'],
    ['example.com/x', 'it holds a character'],
    ['ex%41mple.com', 'it holds a character'],
    ['user@example.com', 'it holds a character'],
    ['\u202eexample.com', 'it holds a character'],
    ['ex\u200dample.com', 'it holds a character'],
    ['exa\nmple.com', 'it holds a character'],
    ['exa\0mple.com', 'it holds a character'],
    ['xn--a.com', 'it holds a character'],
    ['-a.com', 'a part of it is empty or begins or ends with a hyphen'],
    ['a-.com', 'a part of it is empty or begins or ends with a hyphen'],
    ['a..com', 'a part of it is empty or begins or ends with a hyphen'],
    ['.example.com', 'a part of it is empty or begins or ends with a hyphen'],
    ['ab--c.com', 'hyphens stand where only coded names have them'],
    [`${'a'.repeat(64)}.com`, 'a part of it is longer than 63 characters'],
    [`${'a.'.repeat(126)}com`, 'it is longer than 253 characters'],
    [`${'ü'.repeat(200)}.com`, 'it is longer than|a part of it is longer'],
    ['192.0.2.1', 'it is an address'],
    ['0x7f.1', 'it is an address'],
    ['[2001:db8::1]', 'it holds a character'],
    ['co.uk', 'it is an ending under which names are registered'],
    ['com', 'it is an ending under which names are registered'],
    ['github.io', 'it is an ending under which names are registered'],
    ['test', 'it is an ending under which names are registered'],
    ['localhost', 'its ending does not exist'],
    ['shop.local', 'its ending does not exist'],
    ['example.cmo', 'its ending does not exist'],
  ])('refuses %j', (text, why) => {
    expect(() => normaliseDomain(text)).toThrow(PortError);
    expect(() => normaliseDomain(text)).toThrow(new RegExp(why));
    expect(isDomain(text)).toBe(false);
  });

  it('shows at most a line of what it refused', () => {
    expect(() => normaliseDomain(`a\r\nb${'x'.repeat(10_000)}`)).toThrow(
      /^"a\\r\\nbx{76}" is not a domain name: [^\r\n]{10,60}$/,
    );
  });
});

describe('registrableDomain', () => {
  it('leaves out what lies below the registered name', () => {
    expect(registrableDomain('a.b.example.co.uk')).toBe('example.co.uk');
    expect(registrableDomain('example.com')).toBe('example.com');
    expect(registrableDomain('www.shop1.test')).toBe('shop1.test');
  });
});

describe('domainForDisplay', () => {
  it('shows the name as people write it', () => {
    expect(domainForDisplay('xn--bcher-kva.de')).toBe('bücher.de');
    expect(domainForDisplay('example.com')).toBe('example.com');
  });
});

describe('normaliseEmail', () => {
  it.each([
    [' Max.Mustermann+Shop@Example.COM ', 'max.mustermann+shop@example.com'],
    ['info@Bücher.de', 'info@xn--bcher-kva.de'],
    ['a@mail.internal.example', 'a@mail.internal.example'],
  ])('takes %j as %s', (text, address) => {
    expect(normaliseEmail(text)).toBe(address);
  });

  it.each([
    '',
    'a',
    '@example.com',
    'a@',
    'a@b',
    'a@@example.com',
    'a b@example.com',
    'a@exa mple.com',
    'a@example.com\r\nBcc: b@example.com',
    'ü@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b.'.repeat(130)}com`,
  ])('refuses %j', (text) => {
    expect(() => normaliseEmail(text)).toThrow(/is not an e-mail address\.$/);
  });
});
