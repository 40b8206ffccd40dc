import { createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PortError, type MailMessage } from '@keelson/core';
import { plainToInstance } from 'class-transformer';
import { SmtpSettings } from '../src/index.js';
import { dkimRecordOf, poolOptionsOf, toNodemailer, toReceipt } from '../src/smtp.mapper.js';

const settings = (change: object = {}) =>
  plainToInstance(SmtpSettings, { host: 'smtp.example.com', port: 587, security: 'starttls', ...change });
const message: MailMessage = {
  messageId: 'step-1@example.com',
  from: { name: 'Sales', address: 'sales@example.com' },
  to: [{ address: 'ann@example.net' }],
  subject: 'Welcome',
  text: 'Hello',
};
const date = new Date('2026-11-20T12:00:00Z');

describe('connection options', () => {
  it('demand encryption for starttls, start with it for tls, and leave it out for none', () => {
    expect(poolOptionsOf(settings())).toMatchObject({ secure: false, requireTLS: true, ignoreTLS: false });
    expect(poolOptionsOf(settings({ security: 'tls' }))).toMatchObject({ secure: true, ignoreTLS: false });
    expect(poolOptionsOf(settings({ security: 'none' }))).toMatchObject({ secure: false, ignoreTLS: true });
  });

  it('bound every phase to seconds, where the library waits minutes', () => {
    expect(poolOptionsOf(settings())).toMatchObject({
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    });
  });

  it('insist on the login when there is one', () => {
    expect(poolOptionsOf(settings())).not.toHaveProperty('auth');
    const auth = { user: 'mailer', pass: 'secret' };
    expect(poolOptionsOf(settings({ username: 'mailer', password: 'secret' }))).toMatchObject({
      auth,
      forceAuth: true,
    });
  });
});

describe('messages', () => {
  it('get the Message-ID in angle brackets, the date given, and an envelope of exactly their recipients', () => {
    const headers = { To: 'eve@example.org', 'X-Department': 'sales' };
    expect(toNodemailer({ ...message, headers }, date)).toMatchObject({
      messageId: '<step-1@example.com>',
      date,
      from: { name: 'Sales', address: 'sales@example.com' },
      envelope: { from: 'sales@example.com', to: ['ann@example.net'] },
    });
  });

  it('are refused with a sentence that names the part and not its content', () => {
    const subject = 'secret\r\nBcc: eve@example.org';
    expect(() => toNodemailer({ ...message, subject }, date)).toThrow(
      new PortError(
        'invalid-input',
        'The message cannot be sent: the subject holds a line break or another control character.',
      ),
    );
  });
});

describe('receipts', () => {
  it('name only those refused for good', () => {
    const info = {
      messageId: '<step-1@example.com>',
      accepted: ['ann@example.net'],
      rejected: ['bob@example.net', 'cid@example.net'],
      rejectedErrors: [
        Object.assign(new Error('451'), { recipient: 'bob@example.net', responseCode: 451, permanent: false }),
        Object.assign(new Error('550'), { recipient: 'cid@example.net', responseCode: 550, permanent: true }),
      ],
      response: '250 2.0.0 Ok: queued as 1',
      envelope: { from: 'sales@example.com', to: [] },
    } as unknown as Parameters<typeof toReceipt>[0];
    expect(toReceipt(info)).toEqual({
      messageId: 'step-1@example.com',
      accepted: ['ann@example.net'],
      rejected: ['cid@example.net'],
      response: '250 2.0.0 Ok: queued as 1',
    });
  });
});

describe('the DKIM record', () => {
  it('is none without a signing key', () => {
    expect(dkimRecordOf(settings())).toBeUndefined();
  });

  it('holds the public key that verifies what the private key signs', () => {
    const dkimPrivateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const record = dkimRecordOf(settings({ dkimDomain: 'Example.com', dkimSelector: 'k1', dkimPrivateKey }));
    expect(record?.name).toBe('k1._domainkey.example.com');
    const published = /^v=DKIM1; k=rsa; p=(.+)$/.exec(record?.value ?? '')?.[1] ?? '';
    const key = createPublicKey({ key: Buffer.from(published, 'base64'), format: 'der', type: 'spki' });
    const signature = createSign('sha256').update('mail').sign(dkimPrivateKey);
    expect(createVerify('sha256').update('mail').verify(key, signature)).toBe(true);
  });
});
