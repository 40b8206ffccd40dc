import { createPrivateKey, createPublicKey, generateKeyPair, webcrypto, type X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyType } from './letsencrypt.config.js';

const algorithms = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
} as const;

/** A new private key, PKCS #8 in PEM. */
export async function newPrivateKey(type: KeyType): Promise<string> {
  const generate = promisify(generateKeyPair);
  const { privateKey } =
    type === 'ec-256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 2048, publicExponent: 65_537 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * A certificate request (PKCS #10) for the names, base64url of its DER. Its subject is empty: the names stand in the extension, as
 * a common name holds no more than 64 characters.
 */
export async function certificateRequest(privateKeyPem: string, names: readonly string[]): Promise<string> {
  // The library takes some 11 MB and is needed for minutes a year.
  const { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } = await import('@peculiar/x509');
  const privateKey = createPrivateKey(privateKeyPem);
  const algorithm = privateKey.asymmetricKeyType === 'rsa' ? algorithms.rsa : algorithms.ec;
  const { subtle } = webcrypto;
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys: {
      privateKey: await subtle.importKey(
        'pkcs8',
        privateKey.export({ type: 'pkcs8', format: 'der' }),
        algorithm,
        false,
        ['sign'],
      ),
      publicKey: await subtle.importKey(
        'spki',
        createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
        algorithm,
        true,
        ['verify'],
      ),
    },
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
  });
  return Buffer.from(request.rawData).toString('base64url');
}

/**
 * By what an authority knows a certificate when it comes to renewal (RFC 9773 §4.1); undefined when the certificate names no key
 * of its issuer, so that it cannot be of such an authority.
 */
export async function renewalIdOf(certificate: X509Certificate): Promise<string | undefined> {
  const x509 = await import('@peculiar/x509');
  const parsed = new x509.X509Certificate(certificate.raw);
  const keyId = parsed.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (keyId === undefined) return undefined;
  const parts = [keyId, derInteger(certificate.serialNumber)];
  return parts.map((hex) => Buffer.from(hex, 'hex').toString('base64url')).join('.');
}

/** A positive number's octets in DER: a zero octet stands before a first bit that is one. */
function derInteger(hex: string): string {
  const whole = hex.length % 2 === 0 ? hex : `0${hex}`;
  return parseInt(whole.slice(0, 2), 16) > 0x7f ? `00${whole}` : whole;
}
