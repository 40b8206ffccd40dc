import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A key taken apart. */
export interface ApiKeyParts {
  keyId: string;
  /** 43 characters of base64url over 32 random bytes. */
  secret: string;
}

/**
 * `kln_live_<key id>_<secret>_<crc>`: the prefix lets leak scanners find it, the CRC-32 over all that stands before it tells a
 * mistyped key from a wrong one without asking the database.
 */
const form = /^kln_live_([a-z0-9]{16})_([A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;

/** A new key. The text is the only place where the secret stands. */
export function newApiKey(): ApiKeyParts & { text: string } {
  const keyId = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const head = `kln_live_${keyId}_${secret}`;
  return { keyId, secret, text: `${head}_${checksum(head)}` };
}

/** The parts of a well-formed key with the right checksum; undefined for anything else. */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const [, keyId, secret, crc] = form.exec(text) ?? [];
  if (keyId === undefined || secret === undefined) return undefined;
  return checksum(text.slice(0, text.lastIndexOf('_'))) === crc ? { keyId, secret } : undefined;
}

/** What is stored of a secret: SHA-256, hexadecimal. Enough for 256 random bits (ASVS 5.0, 11.5.1). */
export function apiKeyHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
