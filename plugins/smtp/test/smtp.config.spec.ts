import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf } from '@keelson/core';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { SmtpPlugin, SmtpSettings } from '../src/index.js';

const plain = { host: 'smtp.example.com', port: 587, security: 'starttls' };
const pem = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }) =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();
const rsa = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const dkim = { dkimDomain: 'example.com', dkimSelector: 'keelson', dkimPrivateKey: rsa };

/** What an operator reads about these settings. */
function complaints(settings: object): string[] {
  const found = validateSync(plainToInstance(SmtpSettings, settings), { whitelist: true, forbidNonWhitelisted: true });
  return found.flatMap(({ constraints }) => Object.values(constraints ?? {}));
}

describe('the settings of an SMTP connection', () => {
  it('take a server without login, and one with login and signatures', () => {
    expect(complaints(plain)).toEqual([]);
    expect(complaints({ ...plain, username: 'mailer', password: 'secret', ...dkim })).toEqual([]);
  });

  it('take the port as text, as it comes from an environment variable', () => {
    expect(plainToInstance(SmtpSettings, { ...plain, port: '465' }).port).toBe(465);
    expect(complaints({ ...plain, port: '465' })).toEqual([]);
  });

  it.each([
    ['a URL for a host', { host: 'smtp://smtp.example.com' }, 'host must be a host name or an IP address'],
    ['a port that is none', { port: 'smtp' }, 'port must be an integer number'],
    ['a port out of range', { port: 70_000 }, 'port must not be greater than 65535'],
    ['an unknown security', { security: 'ssl' }, 'security must be one of the following values: tls, starttls, none'],
    ['a user without password', { username: 'mailer' }, 'username needs password beside it'],
    ['a password without user', { password: 'secret' }, 'password needs username beside it'],
    ['a signing key without domain', { ...dkim, dkimDomain: undefined }, 'dkimPrivateKey needs dkimDomain beside it'],
    [
      'a domain to sign for without key',
      { dkimDomain: 'example.com' },
      'needs dkimSelector and dkimPrivateKey beside it',
    ],
    ['a selector of two labels', { ...dkim, dkimSelector: 'a.b' }, 'dkimSelector must be one DNS label'],
    ['a key for an authority', { caPem: rsa }, 'caPem must hold a certificate in PEM'],
  ])('refuse %s', (_what, change, message) => {
    expect(complaints({ ...plain, ...change }).join('\n')).toContain(message);
  });

  it.each([
    ['an Ed25519 key, with which mail would go out unsigned', pem(generateKeyPairSync('ed25519').privateKey)],
    ['an elliptic curve key', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['an RSA key too short to count', pem(generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey)],
    ['text that is no key', 'keelson'],
  ])('refuse to sign with %s', (_what, dkimPrivateKey) => {
    expect(complaints({ ...plain, ...dkim, dkimPrivateKey }).join('\n')).toContain('must be an RSA private key in PEM');
  });

  it('are all described, with password and signing key secret', () => {
    expect(settingsOf(SmtpSettings).map(({ name }) => name)).toEqual([
      'host',
      'port',
      'security',
      'username',
      'password',
      'caPem',
      'servername',
      'dkimDomain',
      'dkimSelector',
      'dkimPrivateKey',
    ]);
    expect(settingsOf(SmtpSettings).every(({ description }) => description.length > 10)).toBe(true);
    expect(secretsOf(SmtpSettings)).toEqual(['password', 'dkimPrivateKey']);
  });

  it('belong to a plugin that offers the mail port with DKIM', () => {
    expect(manifestOf(SmtpPlugin)).toMatchObject({
      id: 'smtp',
      settings: SmtpSettings,
      adapters: [{ port: 'mail', portVersion: 1, capabilities: ['dkim'] }],
    });
  });
});
