import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BootError } from '../errors/boot-error.js';
import { assertKeyProof, loadKeyring, sealKeyProof } from './keyring-loader.js';

const given = '33'.repeat(32);
const place = { table: 'connections', column: 'settings', id: '1' };
let home: string;
const file = () => join(home, 'keys', 'encryption.key');

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keelson-keys-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe('loadKeyring', () => {
  it('makes a key at the first start, for this user only, and finds it at the next', () => {
    const sealed = loadKeyring({ env: {}, home }).encrypt('hunter2', place);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'keys')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(home, 'keys'))).toEqual(['encryption.key']);
    expect(loadKeyring({ env: {}, home }).decrypt(sealed, place)).toBe('hunter2');
  });

  it('takes back the rights of others on a kept key', () => {
    loadKeyring({ env: {}, home });
    chmodSync(file(), 0o644);
    loadKeyring({ env: {}, home });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('uses ENCRYPTION_KEY and then makes no file', () => {
    loadKeyring({ env: { ENCRYPTION_KEY: given }, home });
    expect(readdirSync(home)).toEqual([]);
  });

  it('still opens what the kept key sealed after ENCRYPTION_KEY was set, and seals with the new one', () => {
    const sealed = loadKeyring({ env: {}, home }).encrypt('hunter2', place);
    const keyring = loadKeyring({ env: { ENCRYPTION_KEY: given }, home });
    expect(keyring.decrypt(sealed, place)).toBe('hunter2');
    expect(keyring.isCurrent(sealed)).toBe(false);
  });

  it('opens with ENCRYPTION_KEY_PREVIOUS during a rotation', () => {
    const sealed = loadKeyring({ env: { ENCRYPTION_KEY: given }, home }).encrypt('hunter2', place);
    const env = { ENCRYPTION_KEY: '44'.repeat(32), ENCRYPTION_KEY_PREVIOUS: given };
    expect(loadKeyring({ env, home }).decrypt(sealed, place)).toBe('hunter2');
  });

  it('refuses a malformed key with one line, and leaves a damaged file as it is', () => {
    expect(() => loadKeyring({ env: { ENCRYPTION_KEY: 'secretbutshort' }, home })).toThrow(
      /^ENCRYPTION_KEY is not a key: [^\n]*$/,
    );
    expect(() => loadKeyring({ env: { ENCRYPTION_KEY: 'secretbutshort' }, home })).not.toThrow(/secretbutshort/);
    loadKeyring({ env: {}, home });
    writeFileSync(file(), 'damaged');
    expect(() => loadKeyring({ env: {}, home })).toThrow(BootError);
    expect(() => loadKeyring({ env: {}, home })).toThrow(/keys\/encryption\.key is not a key/);
    expect(readFileSync(file(), 'utf8')).toBe('damaged');
  });
});

describe('assertKeyProof', () => {
  it('accepts the key that sealed, and that key as the previous one', () => {
    const proof = sealKeyProof(loadKeyring({ env: { ENCRYPTION_KEY: given }, home }));
    const rotated = { ENCRYPTION_KEY: '44'.repeat(32), ENCRYPTION_KEY_PREVIOUS: given };
    expect(() => assertKeyProof(loadKeyring({ env: { ENCRYPTION_KEY: given }, home }), proof)).not.toThrow();
    expect(() => assertKeyProof(loadKeyring({ env: rotated, home }), proof)).not.toThrow();
  });

  it('stops the boot when the key is another one or was lost', () => {
    const before = loadKeyring({ env: { ENCRYPTION_KEY: given }, home });
    const lost = loadKeyring({ env: {}, home });
    expect(() => assertKeyProof(lost, sealKeyProof(before))).toThrow(BootError);
    expect(() => assertKeyProof(lost, sealKeyProof(before))).toThrow(
      new RegExp(
        `^ENCRYPTION_KEY does not open the stored secrets \\(sealed with key ${before.keyId}, given is key ${lost.keyId}\\): set `,
      ),
    );
  });
});
