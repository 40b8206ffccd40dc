import { definePort } from './port.js';

export interface CertificateSpec {
  /** Our id of the certificate; a repetition with the same reference finds the same order. */
  reference: string;
  /** Names, the first one the common name. */
  domains: string[];
  method: 'http-01' | 'dns-01';
}

/** What must be in place before the authority can look. */
export type Challenge =
  | { type: 'http-01'; domain: string; path: string; body: string }
  | { type: 'dns-01'; domain: string; recordName: string; recordValue: string };

export interface IssuedCertificate {
  certificatePem: string;
  chainPem: string;
  privateKeyPem: string;
  serial: string;
  notBefore: Date;
  notAfter: Date;
}

/** Long work: put the challenges in place, then ask again with `reference` not before `checkAfter`. */
export type CertificateState =
  | { state: 'pending'; reference: string; challenges: Challenge[]; checkAfter: Date }
  | { state: 'issued'; reference: string; certificate: IssuedCertificate }
  | { state: 'failed'; reference: string; reason: string };

/** Orders certificates from an authority. An order that is under way is resumed, never placed a second time. */
export interface SslPort {
  /** Resolves when the authority can be reached with this account. Throws `invalid-config` when it is refused. */
  testConnection(): Promise<void>;
  /** Places the order, or returns the one that is under way for this reference. Throws `rate-limited` with the time to wait. */
  startCertificate(spec: CertificateSpec): Promise<CertificateState>;
  /** Tells the authority that the challenges are in place, where needed, and says how far the order is. */
  checkCertificate(reference: string): Promise<CertificateState>;
  /** When to renew: any moment inside is right. */
  renewalWindow(certificatePem: string): Promise<{ start: Date; end: Date }>;
  /** A revoked or expired certificate is success. */
  revokeCertificate(certificatePem: string): Promise<void>;
}

export type SslExtras = {
  wildcard: { supportsWildcard(): Promise<true> };
  'renewal-info': {
    getRenewalInfo(certificatePem: string): Promise<{ start: Date; end: Date; explanationUrl?: string }>;
  };
};

export const sslPort = definePort<SslPort, SslExtras>({
  id: 'ssl',
  version: 1,
  methods: ['testConnection', 'startCertificate', 'checkCertificate', 'renewalWindow', 'revokeCertificate'],
  capabilities: { wildcard: ['supportsWildcard'], 'renewal-info': ['getRenewalInfo'] },
  reads: ['testConnection', 'renewalWindow', 'supportsWildcard', 'getRenewalInfo'],
});
