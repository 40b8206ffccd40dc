import type { VendorDetails } from '../errors/port-error.js';
import { definePort } from './port.js';

export interface CertificateSpec {
  /**
   * Our id of this one order, new for every attempt and every renewal: a reference has at most one order, ever. Letters,
   * digits, `.`, `_` and `-`, at most 100.
   */
  reference: string;
  /** Names in A-labels, the first one the common name where the authority still writes one. `*.example.com` is a wildcard. */
  domains: string[];
  /** How the authority sees that we hold the names. Wildcards need `dns-01`. */
  method: 'http-01' | 'dns-01';
  /** PEM of the certificate that this one follows. Authorities that know renewals exempt them from their limits. */
  replaces?: string;
}

/** What must be in place before the authority may look. */
export type Challenge =
  /** `GET http://<domain><path>` on port 80 answers 200 with exactly `body`. */
  | { type: 'http-01'; domain: string; path: string; body: string }
  /** The TXT set at `recordName` holds `recordValue`, among others: several challenges may share a name. */
  | { type: 'dns-01'; domain: string; recordName: string; recordValue: string };

export interface IssuedCertificate {
  /** The certificate of the names. */
  certificatePem: string;
  /** The authority's intermediate certificates, in order, without the root. */
  chainPem: string;
  /** PKCS #8. A secret. */
  privateKeyPem: string;
  /** Hexadecimal, lower case. */
  serial: string;
  notBefore: Date;
  notAfter: Date;
}

export type CertificateState =
  | {
      state: 'pending';
      reference: string;
      /** Those that the authority has not accepted yet. Empty: nothing is left to be put in place. */
      challenges: Challenge[];
      /** Asking `checkCertificate` earlier is of no use. */
      checkAfter: Date;
    }
  | { state: 'issued'; reference: string; certificate: IssuedCertificate }
  | {
      state: 'failed';
      reference: string;
      /** One sentence that a customer understands. */
      reason: string;
      /** For operators only. */
      vendor?: VendorDetails;
    };

/** Why a certificate is given up (RFC 5280 §5.3.1): its key leaked, another took its place, or the site is no more. */
export type RevocationReason = 'key-compromise' | 'superseded' | 'cessation-of-operation';

export interface RenewalWindow {
  /** In the past when the certificate should be renewed at once. */
  start: Date;
  end: Date;
  /** The authority may move the window: ask again from then on. */
  checkAfter: Date;
}

/**
 * Orders certificates from an authority. Nothing waits inside a call.
 *
 * The way: `startCertificate`; put its challenges in place and see that they are visible; `checkCertificate`, not before
 * `checkAfter`, until it is no longer pending; take the challenges away. Every step may be repeated, also by another process:
 * an order that is under way is resumed and never placed a second time, and its private key stays the same. Keep what was
 * issued: it is handed out again only as long as the authority remembers the order, which is some days.
 */
export interface SslPort {
  /** Resolves when the authority can be reached with this account. Throws `invalid-config` when it is refused. */
  testConnection(): Promise<void>;
  /**
   * Places the order of this reference, or says how far it is. Never makes the authority look for challenges.
   *
   * A name that a wildcard of the same order covers needs no challenge of its own. Throws `wrong-state` when the reference was
   * used for other names or another method, `rate-limited` with the time to wait when an order now would break the
   * authority's limits, `invalid-input` for names that no certificate can have, and `unsupported` for wildcards without
   * that capability.
   */
  startCertificate(spec: CertificateSpec): Promise<CertificateState>;
  /**
   * Says how far the order is, and moves it on. **The call means: the challenges are in place.** The authority looks for those that it
   * has not accepted, and one look that fails ends the order: it is `failed` for good, and another try needs another reference.
   *
   * Throws `not-found` for a reference that was never started, and `rate-limited` as `startCertificate` does.
   */
  checkCertificate(reference: string): Promise<CertificateState>;
  /**
   * When to renew: choose one moment inside at random. The end lies before the certificate's, and where the authority
   * says nothing else, at two thirds of its life (half of it when it lives less than ten days). Throws `invalid-input` for
   * what is no certificate.
   */
  renewalWindow(certificatePem: string): Promise<RenewalWindow>;
  /**
   * Makes the certificate invalid at once. A revoked or expired one is success. Throws `not-found` for one that this account did not
   * obtain and `invalid-input` for what is no certificate. Without a reason the authority publishes none.
   */
  revokeCertificate(certificatePem: string, reason?: RevocationReason): Promise<void>;
}

export type SslExtras = {
  /** Orders wildcards. Adds no method. */
  wildcard: object;
  'renewal-info': {
    /** What the authority itself says (RFC 9773). Throws `not-found` for a certificate that is not of this authority. */
    getRenewalInfo(certificatePem: string): Promise<RenewalWindow & { explanationUrl?: string }>;
  };
};

export const sslPort = definePort<SslPort, SslExtras>({
  id: 'ssl',
  version: 1,
  methods: ['testConnection', 'startCertificate', 'checkCertificate', 'renewalWindow', 'revokeCertificate'],
  capabilities: { wildcard: [], 'renewal-info': ['getRenewalInfo'] },
  reads: ['testConnection', 'renewalWindow', 'getRenewalInfo'],
  deadlines: { startCertificate: 60_000, checkCertificate: 60_000 },
});
