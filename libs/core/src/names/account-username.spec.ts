import { describe, expect, it } from '@jest/globals';
import type { UsernameRules } from '../ports/provisioner.port.js';
import { deriveUsername } from './account-username.js';

const panel: UsernameRules = {
  minLength: 1,
  maxLength: 16,
  pattern: /^[a-z][a-z0-9]*$/,
  reserved: ['root', 'admin'],
  forbiddenPrefixes: ['test', 'exa'],
  uniquePrefixLength: 8,
};
const service = (index: number) => `0198c2a4-0000-7000-8000-${String(index).padStart(12, '0')}`;

describe('deriveUsername', () => {
  it('gives the same name at every repetition, recognisable by the domain', () => {
    const name = deriveUsername(service(1), 'shopfront.com', panel);
    expect(name).toBe(deriveUsername(service(1), 'shopfront.com', panel));
    expect(name).toMatch(/^sh[a-z0-9]{6}$/);
  });

  it('gives other candidates for further attempts', () => {
    const names = Array.from({ length: 20 }, (_, attempt) =>
      deriveUsername(service(1), 'shopfront.com', panel, attempt),
    );
    expect(new Set(names).size).toBe(20);
  });

  it('keeps 5,000 services of one domain apart in the part that must be unique', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => deriveUsername(service(index), 'shopfront.com', panel));
    expect(new Set(names.map((name) => name.slice(0, 8))).size).toBe(5_000);
  });

  it.each(['test-shop.com', 'example.com', '123.com', 'xn--bcher-kva.de', 'a.com', '--.com'])(
    'obeys the rules for %s',
    (domain) => {
      for (let index = 0; index < 200; index += 1) {
        const name = deriveUsername(service(index), domain, panel);
        expect(name).toMatch(/^[a-z][a-z0-9]{7}$/);
        expect(name).not.toMatch(/^(test|exa)/);
      }
    },
  );

  it('uses up to 16 characters where nothing shorter must be unique, and fits any bounds', () => {
    expect(deriveUsername(service(1), 'shop.com', { ...panel, uniquePrefixLength: undefined, maxLength: 32 })).toMatch(
      /^sho.{13}$/,
    );
    expect(deriveUsername(service(1), 'shop.com', { ...panel, maxLength: 5 })).toHaveLength(5);
    expect(deriveUsername(service(1), 'shop.com', { ...panel, minLength: 12 })).toHaveLength(12);
  });

  it('never gives a reserved name', () => {
    const taken = deriveUsername(service(1), 'shop.com', panel);
    expect(deriveUsername(service(1), 'shop.com', { ...panel, reserved: [taken] })).not.toBe(taken);
  });

  it('says so when no name can satisfy the rules', () => {
    expect(() => deriveUsername(service(1), 'shop.com', { ...panel, pattern: /^[A-Z]+$/ })).toThrow(
      'No account name satisfies the rules of this server.',
    );
  });
});
