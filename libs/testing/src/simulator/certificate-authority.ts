import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';

type X509 = typeof import('@peculiar/x509');

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const firstMoment = new Date('2020-01-01T00:00:00Z');
const lastMoment = new Date('2040-01-01T00:00:00Z');

/** An authority's keys and certificates as text, so that it survives a restart. */
export interface AuthorityKeys {
  rootPem: string;
  intermediatePem: string;
  /** PKCS #8, base64. */
  intermediateKey: string;
}

export interface IssueRequest {
  /** SPKI, DER. */
  publicKey: Uint8Array;
  domains: readonly string[];
  /** IP addresses that it is for as well. */
  addresses?: readonly string[];
  notBefore: Date;
  notAfter: Date;
  /** Absent: the subject is empty. */
  commonName?: string;
}

/**
 * A certificate authority for tests: a root, one intermediate, and real certificates below it. Nothing trusts its root unless told
 * to. The library behind it is loaded by the first one made.
 */
export class CertificateAuthority {
  private constructor(
    private readonly x509: X509,
    readonly keys: AuthorityKeys,
  ) {}

  /** @param keys those of an authority that goes on; absent: a new one */
  static async create(keys?: AuthorityKeys): Promise<CertificateAuthority> {
    const x509 = await import('@peculiar/x509');
    return new CertificateAuthority(x509, keys ?? (await newKeys(x509)));
  }

  get rootPem(): string {
    return this.keys.rootPem;
  }

  get intermediatePem(): string {
    return this.keys.intermediatePem;
  }

  /** The certificate, PEM, signed by the intermediate. */
  async issue({ publicKey, domains, addresses = [], notBefore, notAfter, commonName }: IssueRequest): Promise<string> {
    const { x509, keys } = this;
    const signingKey = await importKey(keys.intermediateKey);
    const issuer = new x509.X509Certificate(keys.intermediatePem);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      ...(commonName === undefined ? {} : { subject: `CN=${commonName}` }),
      issuer: issuer.subject,
      notBefore,
      notAfter,
      publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          ...domains.map((value) => ({ type: 'dns' as const, value })),
          ...addresses.map((value) => ({ type: 'ip' as const, value })),
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ],
    });
    return pemOf(certificate.rawData);
  }

  /** What a certificate request (PKCS #10, DER) asks for. Throws when it cannot be read or its signature is wrong. */
  async read(request: Uint8Array): Promise<{ publicKey: Uint8Array; domains: string[] }> {
    const { x509 } = this;
    const parsed = new x509.Pkcs10CertificateRequest(request);
    if (!(await parsed.verify())) throw new Error('the signature of the request is wrong');
    const names = parsed.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension);
    return {
      publicKey: new Uint8Array(parsed.publicKey.rawData),
      domains: (names?.names.items ?? []).map(({ value }) => value.toLowerCase()),
    };
  }
}

async function newKeys(x509: X509): Promise<AuthorityKeys> {
  const [root, intermediate] = await Promise.all([newPair(), newPair()]);
  const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
  const name = randomBytes(3).toString('hex');
  const shared = {
    notBefore: firstMoment,
    notAfter: lastMoment,
    signingAlgorithm: algorithm,
    issuer: `CN=Test Root ${name}`,
  };
  const extensions = async (key: webcrypto.CryptoKey) => [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(usages, true),
    await x509.SubjectKeyIdentifierExtension.create(key),
  ];
  const rootCertificate = await x509.X509CertificateGenerator.create({
    ...shared,
    serialNumber: newSerial(),
    subject: shared.issuer,
    publicKey: root.publicKey,
    signingKey: root.privateKey,
    extensions: await extensions(root.publicKey),
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...shared,
    serialNumber: newSerial(),
    subject: `CN=Test Intermediate ${name}`,
    publicKey: intermediate.publicKey,
    signingKey: root.privateKey,
    extensions: await extensions(intermediate.publicKey),
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', intermediate.privateKey);
  return {
    rootPem: pemOf(rootCertificate.rawData),
    intermediatePem: pemOf(certificate.rawData),
    intermediateKey: Buffer.from(key).toString('base64'),
  };
}

function newPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function importKey(base64: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(base64, 'base64'), algorithm, false, ['sign']);
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. Half of them have a first bit that DER must pad. */
function newSerial(): string {
  return randomBytes(16).toString('hex');
}

function pemOf(der: ArrayBuffer): string {
  return new X509Certificate(Buffer.from(der)).toString();
}
