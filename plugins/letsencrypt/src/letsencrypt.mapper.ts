import { X509Certificate, createPrivateKey } from 'node:crypto';
import {
  PortError,
  renewalCheckMs,
  retryAfter,
  type Challenge,
  type IssuedCertificate,
  type RenewalWindow,
} from '@keelson/core';
import { problemFrom } from './letsencrypt.errors.js';
import type { AcmeAuthorization, AcmeChallenge, AcmeDirectory, AcmeOrder } from './letsencrypt.types.js';

type Fields = Record<string, unknown>;

/** @throws PortError `invalid-config` when it is no directory of an ACME authority */
export function directoryFrom(value: unknown): AcmeDirectory {
  const { newNonce, newAccount, newOrder, revokeCert, renewalInfo, meta } = (value ?? {}) as Fields;
  if (![newNonce, newAccount, newOrder, revokeCert].every(isUrl)) {
    throw new PortError(
      'invalid-config',
      'There is no certificate authority at this address: check the directory URL.',
    );
  }
  const { termsOfService, profiles } = (meta ?? {}) as Fields;
  return {
    newNonce,
    newAccount,
    newOrder,
    revokeCert,
    ...(isUrl(renewalInfo) ? { renewalInfo } : {}),
    meta: {
      ...(typeof termsOfService === 'string' ? { termsOfService } : {}),
      ...(typeof profiles === 'object' && profiles !== null ? { profiles: Object.keys(profiles) } : {}),
    },
  } as AcmeDirectory;
}

const orderStates = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;

/** @throws PortError `internal` */
export function orderFrom(value: unknown): AcmeOrder {
  const { status, authorizations, finalize, certificate, error } = (value ?? {}) as Fields;
  const known = orderStates.find((state) => state === status);
  if (known === undefined || !isUrl(finalize) || !Array.isArray(authorizations) || !authorizations.every(isUrl)) {
    throw unexpected('order');
  }
  const problem = problemFrom(error);
  return {
    status: known,
    authorizations,
    finalize,
    ...(isUrl(certificate) ? { certificate } : {}),
    ...(problem === undefined ? {} : { error: problem }),
  };
}

const authorizationStates = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;

/** @throws PortError `internal` */
export function authorizationFrom(value: unknown): AcmeAuthorization {
  const { status, identifier, challenges } = (value ?? {}) as Fields;
  const known = authorizationStates.find((state) => state === status);
  const domain = ((identifier ?? {}) as Fields)['value'];
  if (known === undefined || typeof domain !== 'string' || !Array.isArray(challenges)) {
    throw unexpected('authorization');
  }
  return { status: known, domain, challenges: challenges.flatMap(challengeFrom) };
}

/** Kinds that look otherwise, as later standards may bring them, are passed over. */
function challengeFrom(value: unknown): AcmeChallenge[] {
  const { type, url, status, token, error } = (value ?? {}) as Fields;
  // RFC 8555 §8.1: base64url. It becomes part of a path and of a record, so nothing else may pass.
  const whole = typeof type === 'string' && isUrl(url) && typeof status === 'string' && isToken(token);
  const problem = problemFrom(error);
  return whole ? [{ type, url, status, token, ...(problem === undefined ? {} : { error: problem }) }] : [];
}

/**
 * What must be put in place.
 * @param proof the key authorization (RFC 8555 §8.1) for `http-01`, its digest (§8.4) for `dns-01`
 */
export function challengeOf(method: Challenge['type'], domain: string, token: string, proof: string): Challenge {
  return method === 'http-01'
    ? { type: method, domain, path: `/.well-known/acme-challenge/${token}`, body: proof }
    : { type: method, domain, recordName: `_acme-challenge.${domain}`, recordValue: proof };
}

/**
 * The certificate that an authority handed out as a chain of PEM blocks.
 * @returns undefined when it is for another private key
 * @throws PortError `unavailable` when it is no chain
 */
export function issuedFrom(chain: string, privateKeyPem: string): IssuedCertificate | undefined {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(blocks[0] ?? '');
  } catch {
    throw new PortError('unavailable', 'The certificate authority gave no clear answer.');
  }
  if (!leaf.checkPrivateKey(createPrivateKey(privateKeyPem))) return undefined;
  return {
    certificatePem: `${blocks[0]}\n`,
    chainPem: blocks
      .slice(1)
      .map((block) => `${block}\n`)
      .join(''),
    privateKeyPem,
    serial: leaf.serialNumber.toLowerCase(),
    notBefore: new Date(leaf.validFrom),
    notAfter: new Date(leaf.validTo),
  };
}

/** The first certificate in the text. @throws PortError `invalid-input` */
export function certificateIn(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new PortError('invalid-input', 'This is not a certificate.');
  }
}

/** What the authority answers about renewal (RFC 9773 §4.2). @throws PortError `internal` */
export function renewalFrom(
  value: unknown,
  retryAfterHeader: string | undefined,
  now: Date,
): RenewalWindow & { explanationUrl?: string } {
  const { suggestedWindow, explanationURL } = (value ?? {}) as Fields;
  const window = (suggestedWindow ?? {}) as Fields;
  const [start, end] = [window['start'], window['end']].map((time) => new Date(String(time))) as [Date, Date];
  if (!(start.getTime() < end.getTime())) throw unexpected('renewal window');
  const wait = retryAfter(retryAfterHeader, now.getTime()) ?? renewalCheckMs;
  return {
    start,
    end,
    checkAfter: new Date(now.getTime() + wait),
    ...(isUrl(explanationURL) ? { explanationUrl: explanationURL } : {}),
  };
}

/** When to ask again: what the authority says, in bounds, or a few seconds. */
export function askAgain(retryAfterHeader: string | undefined, now: Date): Date {
  const wait = retryAfter(retryAfterHeader, now.getTime()) ?? 3_000;
  return new Date(now.getTime() + Math.min(Math.max(wait, 1_000), 3_600_000));
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value);
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,256}$/.test(value);
}

function unexpected(what: string): PortError {
  return new PortError('internal', 'The certificate authority answered in an unexpected way.', {
    details: { vendor: { message: `the ${what} is not as RFC 8555 says` } },
  });
}
