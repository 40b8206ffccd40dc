/** What the directory of an authority names (RFC 8555 §7.1.1, RFC 9773 §4, profiles: draft-ietf-acme-profiles). */
export interface AcmeDirectory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  revokeCert: string;
  renewalInfo?: string;
  meta: { termsOfService?: string; profiles?: string[] };
}

/** RFC 8555 §6.7. */
export interface AcmeProblem {
  /** Without `urn:ietf:params:acme:error:`. */
  type: string;
  detail: string;
}

/** RFC 8555 §7.1.3. */
export interface AcmeOrder {
  status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  authorizations: string[];
  finalize: string;
  certificate?: string;
  error?: AcmeProblem;
}

/** RFC 8555 §7.1.4. */
export interface AcmeAuthorization {
  status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  /** Without `*.`. */
  domain: string;
  challenges: AcmeChallenge[];
}

/** RFC 8555 §8. */
export interface AcmeChallenge {
  type: string;
  url: string;
  status: string;
  token: string;
  error?: AcmeProblem;
}
