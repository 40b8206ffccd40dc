import { describe, expect, it } from '@jest/globals';
import type { EnvelopeErrorCode } from './envelope.js';
import { EnvelopeError, Keyring } from './envelope.js';

const first = '11'.repeat(32);
const second = Buffer.alloc(32, 0x22).toString('base64');
const place = { table: 'connections', column: 'settings', id: '0198c2a4' };

const codeOf = (work: () => unknown): EnvelopeErrorCode | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(EnvelopeError);
    return (error as EnvelopeError).code;
  }
};

describe('Keyring', () => {
  it('opens what it sealed, whatever the text', () => {
    const keyring = Keyring.fromText(first);
    for (const text of ['', 'hunter2', 'ünïcödé 🔑', 'x'.repeat(100_000)]) {
      expect(keyring.decrypt(keyring.encrypt(text, place), place)).toBe(text);
    }
  });

  it('never seals the same text twice alike, and shows neither text nor key', () => {
    const keyring = Keyring.fromText(first);
    const sealed = new Set(Array.from({ length: 100 }, () => keyring.encrypt('hunter2', place)));
    expect(sealed.size).toBe(100);
    const [one = ''] = sealed;
    expect(one).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]{80}\.[\w-]+$/);
    expect(one).not.toContain(Buffer.from('hunter2').toString('base64url'));
    expect(first).not.toContain(keyring.keyId);
  });

  it('takes 64 hexadecimal digits, base64 and base64url of the same 32 bytes as the same key', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const ids = (['hex', 'base64', 'base64url'] as const).map((form) => Keyring.fromText(bytes.toString(form)).keyId);
    expect(new Set(ids).size).toBe(1);
  });

  it.each(['', 'short', 'zz'.repeat(32), '11'.repeat(31), '11'.repeat(33)])(
    'refuses the key %j without repeating it',
    (text) => {
      expect(() => Keyring.fromText(text)).toThrow(RangeError);
      expect(() => Keyring.fromText(text)).toThrow(
        /^an encryption key is 64 hexadecimal digits or base64 of 32 bytes$/,
      );
    },
  );

  it('does not open a text that was moved to another row, column or table', () => {
    const keyring = Keyring.fromText(first);
    const sealed = keyring.encrypt('hunter2', place);
    for (const other of [{ id: '0198c2a5' }, { column: 'notes' }, { table: 'services' }]) {
      expect(codeOf(() => keyring.decrypt(sealed, { ...place, ...other }))).toBe('damaged');
    }
    const joined = { table: 'connections', column: 'settings","0198c2a4', id: '' };
    expect(codeOf(() => keyring.decrypt(sealed, joined))).toBe('damaged');
  });

  it('notices every altered character', () => {
    const keyring = Keyring.fromText(first);
    const sealed = keyring.encrypt('hunter2', place);
    for (let index = 0; index < sealed.length; index += 1) {
      const other = sealed[index] === 'A' ? 'B' : 'A';
      const altered = sealed.slice(0, index) + other + sealed.slice(index + 1);
      const sameBytes = altered
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('hex'))
        .join();
      if (
        sameBytes ===
        sealed
          .split('.')
          .map((part) => Buffer.from(part, 'base64url').toString('hex'))
          .join()
      )
        continue;
      expect(codeOf(() => keyring.decrypt(altered, place))).toMatch(/^(damaged|malformed|unknown-key)$/);
    }
  });

  it.each(['', 'hunter2', 'v2.aaaaaaaa.b.c', 'v1.aaaaaaaa.b', 'v1.a.b.c.d'])(
    'says that %j is not a sealed text',
    (text) => {
      expect(codeOf(() => Keyring.fromText(first).decrypt(text, place))).toBe('malformed');
    },
  );

  it('does not open with the wrong key, and names both keys by id', () => {
    const sealed = Keyring.fromText(first).encrypt('hunter2', place);
    const other = Keyring.fromText(second);
    expect(codeOf(() => other.decrypt(sealed, place))).toBe('unknown-key');
    expect(() => other.decrypt(sealed, place)).toThrow(
      new RegExp(
        `sealed with the key ${Keyring.fromText(first).keyId}, but ENCRYPTION_KEY is ${other.keyId}: set ENCRYPTION_KEY`,
      ),
    );
    expect(() => other.rewrap(sealed, place)).toThrow(EnvelopeError);
  });

  it('rotates: the previous key still opens, rewrap moves to the current one, and repeating rewrap changes nothing', () => {
    const sealed = Keyring.fromText(first).encrypt('hunter2', place);
    const both = Keyring.fromText(second, first);
    expect(both.decrypt(sealed, place)).toBe('hunter2');
    expect(both.isCurrent(sealed)).toBe(false);
    const moved = both.rewrap(sealed, place);
    expect(both.isCurrent(moved)).toBe(true);
    expect(both.rewrap(moved, place)).toBe(moved);
    expect(moved.split('.')[3]).toBe(sealed.split('.')[3]);
    expect(Keyring.fromText(second).decrypt(moved, place)).toBe('hunter2');
    expect(codeOf(() => Keyring.fromText(first).decrypt(moved, place))).toBe('unknown-key');
  });
});
