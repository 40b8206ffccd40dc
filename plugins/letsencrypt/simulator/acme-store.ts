import { randomBytes } from 'node:crypto';
import { StateFile, type AuthorityKeys } from '@keelson/testing/simulator';
import type { JWK } from 'jose';
import type { Problem } from './acme-problem.js';

export interface Account {
  id: string;
  jwk: JWK;
  /** RFC 7638. */
  thumbprint: string;
  contact: string[];
  status: 'valid' | 'deactivated';
}

export interface Challenge {
  id: string;
  type: 'http-01' | 'dns-01' | 'tls-alpn-01';
  status: 'pending' | 'valid' | 'invalid';
  token: string;
  validated?: string;
  error?: Problem;
}

export interface Authorization {
  id: string;
  accountId: string;
  domain: string;
  wildcard: boolean;
  /** Of the order that it was made for; decides how long it serves again. */
  profile?: string;
  status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  expires: number;
  challenges: Challenge[];
}

export interface Order {
  id: string;
  accountId: string;
  names: string[];
  status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  expires: number;
  createdAt: number;
  authorizations: string[];
  profile?: string;
  replaces?: string;
  /** Serial number of the certificate. */
  certificate?: string;
  /** While `processing`: the request, base64url. */
  csr?: string;
  error?: Problem;
}

export interface Certificate {
  /** Hexadecimal, lower case. */
  serial: string;
  accountId: string;
  names: string[];
  pem: string;
  issuedAt: number;
  notAfter: number;
  /** RFC 5280 §5.3.1. */
  revocationReason?: number;
  /** RFC 9773 §4.1. */
  renewalId: string;
  renewed: boolean;
  /** Whether it renewed another and so counts against no limit. */
  renewal: boolean;
  revokedAt?: number;
}

export interface AcmeState {
  keys?: AuthorityKeys;
  accounts: Record<string, Account>;
  orders: Record<string, Order>;
  authorizations: Record<string, Authorization>;
  certificates: Record<string, Certificate>;
  /** Looks that failed. */
  failures: { accountId: string; domain: string; at: number }[];
}

/** What the authority holds. */
export class AcmeStore {
  private readonly file: StateFile<AcmeState>;

  constructor(home: string | undefined) {
    this.file = new StateFile<AcmeState>(home, 'letsencrypt', {
      accounts: {},
      orders: {},
      authorizations: {},
      certificates: {},
      failures: [],
    });
  }

  get state(): AcmeState {
    return this.file.data;
  }

  save(): void {
    this.file.save();
  }

  newId(): string {
    return randomBytes(8).toString('hex');
  }

  ordersOf(accountId: string): Order[] {
    return Object.values(this.state.orders).filter((order) => order.accountId === accountId);
  }
}

/** The same set of names has the same text. */
export function setOf(names: readonly string[]): string {
  return [...names].sort().join(' ');
}
