import { randomBytes } from 'node:crypto';
import { PortError } from '@keelson/core';
import { argon2id } from 'hash-wasm';

/** OWASP Password Storage Cheat Sheet. Dovecot verifies with libsodium, which knows one lane only. */
const cost = { memorySize: 19_456, iterations: 2, parallelism: 1, hashLength: 32 };

/**
 * A password as Dovecot keeps it: Argon2id (RFC 9106) behind the name of its scheme.
 * @throws PortError `invalid-input` when it is too short, too long, or cannot be typed into a mail program
 * @see https://doc.dovecot.org/2.3/configuration_manual/authentication/password_schemes/
 */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < 8 || password.length > 256) {
    throw new PortError('invalid-input', 'A password of a mailbox has 8 to 256 characters.');
  }
  // eslint-disable-next-line no-control-regex -- IMAP cannot carry them in a log-in
  if (/[\u0000-\u001f\u007f]/.test(password)) {
    throw new PortError('invalid-input', 'A password of a mailbox has no control characters.');
  }
  return `{ARGON2ID}${await argon2id({ ...cost, password, salt: randomBytes(16), outputType: 'encoded' })}`;
}
