import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf, validateSettings } from '@keelson/core';
import { LetsEncryptPlugin, LetsEncryptSettings } from '../src/index.js';

const good = { email: 'hostmaster@example.com', termsAgreed: true };

function problems(settings: Record<string, unknown>): string[] {
  const checked = validateSettings(LetsEncryptSettings, settings);
  return checked.ok ? [] : checked.problems.map(({ setting }) => setting);
}

describe('settings of letsencrypt', () => {
  it("need no more than an address and consent, and mean Let's Encrypt then", () => {
    const checked = validateSettings(LetsEncryptSettings, good);
    expect(checked).toMatchObject({
      ok: true,
      settings: { directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory', keyType: 'ec-256' },
    });
  });

  it.each([
    { termsAgreed: 'true' },
    { directoryUrl: 'https://127.0.0.1:14000/dir' },
    { directoryUrl: 'http://localhost:2290/directory' },
    { profile: 'tlsserver' },
    { keyType: 'rsa-2048' },
    { caPem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
  ])('take %j', (settings) => {
    expect(problems({ ...good, ...settings })).toEqual([]);
  });

  it.each([
    ['termsAgreed', false],
    ['termsAgreed', undefined],
    ['email', 'hostmaster'],
    ['directoryUrl', 'acme-v02.api.letsencrypt.org'],
    ['directoryUrl', 'https://user:pass@ca.example/directory'],
    ['profile', 'two words'],
    ['keyType', 'dsa'],
    ['caPem', '/etc/ssl/ca.pem'],
  ])('refuse %s %j', (name, value) => {
    expect(problems({ ...good, [name]: value })).toEqual([name]);
  });

  it('are all described, and none is a secret: the account key is made, not set', () => {
    expect(settingsOf(LetsEncryptSettings).map(({ name }) => name)).toEqual([
      ...['directoryUrl', 'email', 'termsAgreed', 'profile', 'keyType', 'caPem'],
    ]);
    expect(secretsOf(LetsEncryptSettings)).toEqual([]);
  });

  it('belong to a plugin that offers the ssl port', () => {
    expect(manifestOf(LetsEncryptPlugin)).toMatchObject({
      id: 'letsencrypt',
      adapters: [{ port: 'ssl', portVersion: 1, capabilities: ['wildcard', 'renewal-info'] }],
    });
  });
});
