import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds that a panel's clock may be off, and that a signed question may take to arrive. */
export const signatureWindowSeconds = 300;

/** Where a question comes from, as the server sees it. */
export interface RequestOrigin {
  ip: string;
  userAgent?: string;
  acceptLanguage?: string;
}

/** What the signature of a question is made over. */
export interface SignedQuestion {
  key: string;
  /** Seconds since 1970. */
  timestamp: number;
  origin: RequestOrigin;
  additionalData?: Readonly<Record<string, unknown>>;
}

/**
 * Whether one of the signatures that the question may carry is the one given. Compares in constant time.
 * @param secret shared with the panels
 */
export function isSignedWith(secret: string, question: SignedQuestion, signature: string): boolean {
  const given = digest(signature.toLowerCase());
  return signaturesOf(secret, question).some((expected) => timingSafeEqual(digest(expected), given));
}

/**
 * HMAC-SHA-256, hexadecimal, over `key|timestamp|fingerprint`, and `|` with the additional data when there are any. Panels write
 * these as JSON with sorted keys, either as Python's `json.dumps` does by default or without blanks: both count.
 */
export function signaturesOf(secret: string, { key, timestamp, origin, additionalData }: SignedQuestion): string[] {
  const head = [key, timestamp, fingerprintOf(origin)].join('|');
  const sign = (text: string) => createHmac('sha256', signingKey(secret)).update(text).digest('hex');
  if (additionalData === undefined || Object.keys(additionalData).length === 0) return [sign(head)];
  return [pythonJson, compactJson].map((write) => sign(`${head}|${sortedJson(additionalData, write)}`));
}

/** SHA-256, hexadecimal, over `ip:…|ua:…|lang:…` of which the latter two are the beginnings of hashes. */
export function fingerprintOf({ ip, userAgent = '', acceptLanguage = '' }: RequestOrigin): string {
  const parts = [
    `ip:${ip.replace(/^::ffff:(?=\d+\.)/i, '')}`,
    `ua:${sha256(userAgent).slice(0, 16)}`,
    `lang:${sha256(acceptLanguage).slice(0, 8)}`,
  ];
  return sha256(parts.join('|'));
}

/** Panels hash a secret of fewer than 32 bytes first. */
function signingKey(secret: string): Buffer {
  const bytes = Buffer.from(secret, 'utf8');
  return bytes.length < 32 ? createHash('sha256').update(bytes).digest() : bytes;
}

interface JsonStyle {
  item: string;
  pair: string;
  /** Text beyond ASCII is written as escapes. */
  ascii: boolean;
}

const pythonJson: JsonStyle = { item: ', ', pair: ': ', ascii: true };
const compactJson: JsonStyle = { item: ',', pair: ':', ascii: false };

/** A whole number that was sent with a fraction (`1.0`) is written without one. */
function sortedJson(value: unknown, style: JsonStyle): string {
  if (Array.isArray(value)) return `[${value.map((item) => sortedJson(item, style)).join(style.item)}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value)
      .toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      .map(([name, member]) => `${text(name, style)}${style.pair}${sortedJson(member, style)}`);
    return `{${pairs.join(style.item)}}`;
  }
  if (typeof value === 'string') return text(value, style);
  return JSON.stringify(value);
}

function text(value: string, { ascii }: JsonStyle): string {
  const quoted = JSON.stringify(value);
  if (!ascii) return quoted;
  return quoted.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

/** Of one length, whatever was sent. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
