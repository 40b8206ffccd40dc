import type { Money } from '../money.types.js';
import type { DsRecord } from './dns.port.js';
import { definePort } from './port.js';
import type { Page } from './provisioner.port.js';

export interface Availability {
  domain: string;
  /** False also for names that this vendor cannot register. */
  available: boolean;
  /** Set when the registry asks more than the list price. */
  premium?: { price: Money };
}

export interface RegistrantContact {
  firstName: string;
  lastName: string;
  company?: string;
  email: string;
  /** E.164, such as `+49.301234567`. */
  phone: string;
  street: string;
  city: string;
  state: string;
  postalCode: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
}

export interface DomainRegistrationSpec {
  domain: string;
  years: number;
  contact: RegistrantContact;
  nameservers: string[];
  privacy: boolean;
  autoRenew: boolean;
  /** Most that the whole registration may cost. Without it, names that cost more than the list price are refused. */
  maximumPrice?: Money;
}

export interface DomainSummary {
  /** A-labels, lower case. */
  domain: string;
  /** Midnight UTC of the date of expiry. */
  expiresAt: Date;
}

export interface RegisteredDomain extends DomainSummary {
  /** `suspended`: off the net until the registrant verifies the e-mail address or corrects the contact. */
  state: 'active' | 'pending' | 'suspended' | 'expired' | 'redemption';
  /** Host names, lower case, in the registrar's order. */
  nameservers: string[];
  locked: boolean;
  privacy: boolean;
  autoRenew: boolean;
  /** What the vendor replaced by its own defaults. Set by `registerDomain` only: correct it, the money is spent. */
  replaced?: ('nameservers' | 'contact')[];
}

/** Long work: ask again with `reference` not before `checkAfter`. */
export type TransferState =
  | { state: 'pending'; reference: string; checkAfter: Date; waitingFor: 'registrar' | 'registrant' | 'registry' }
  | { state: 'completed'; reference: string; domain: RegisteredDomain }
  | {
      state: 'failed';
      reference: string;
      /** A sentence that the registrant understands. */
      reason: string;
      /** What the registrant can do so that `startTransfer` takes the same transfer up again. */
      remedy?: 'auth-code' | 'unlock' | 'wait';
    };

/**
 * Registers and keeps domain names. Money is spent here: after `outcome-unknown` from a method that spends, the caller asks
 * `findDomain` and never simply repeats.
 */
export interface RegistrarPort {
  /** Resolves when the vendor can be reached with these credentials. Throws `invalid-config` when they are refused. */
  testConnection(): Promise<void>;
  /** One answer a name, in the order asked. */
  checkAvailability(domains: string[]): Promise<Availability[]>;
  /**
   * Registers, or returns the domain when this account already holds it. Throws `already-exists` when someone else does, `no-funds`,
   * and `wrong-state` when it costs more than `maximumPrice`, or more than the list price and no maximum is given.
   */
  registerDomain(spec: DomainRegistrationSpec): Promise<RegisteredDomain>;
  /**
   * Renews from the expiry we know. Throws `wrong-state`, and spends nothing, when the domain expires at another date; so a
   * repetition of a renewal that went through never pays twice. Throws `not-found`, `no-funds`.
   */
  renewDomain(domain: string, years: number, currentExpiry: Date): Promise<RegisteredDomain>;
  /**
   * Starts a transfer in, or returns the one under way, or `completed` when this account already holds the domain. One that failed and
   * has a remedy is taken up again with this auth code and not paid twice. The domain arrives with privacy where its ending
   * knows it, without auto-renewal and with the name servers it had.
   *
   * Throws `no-funds`, `wrong-state` when the domain cannot be transferred now or costs more than the list price, and `invalid-input`
   * for an auth code that is none; one that only the registry finds wrong shows as `failed` later.
   */
  startTransfer(domain: string, authCode: string, contact: RegistrantContact): Promise<TransferState>;
  /** How the transfer stands. Throws `not-found` for an unknown reference. */
  checkTransfer(reference: string): Promise<TransferState>;
  /** The domain, or undefined when this account does not hold it. */
  findDomain(domain: string): Promise<RegisteredDomain | undefined>;
  /** Every domain of this account, each once; `findDomain` tells the rest. */
  listDomains(cursor?: string): Promise<Page<DomainSummary>>;
  /** After the call the domain is delegated to exactly these hosts, at least two. Throws `not-found`, `invalid-input`. */
  putNameservers(domain: string, nameservers: string[]): Promise<void>;
  /** The registrant. Throws `not-found`. */
  getContacts(domain: string): Promise<RegistrantContact>;
  /** Makes it the contact of this domain in every role, and of no other domain. Throws `not-found`, `invalid-input`. */
  putContacts(domain: string, contact: RegistrantContact): Promise<void>;
  /** Transfer lock. Confirms when it is so already; throws `not-found`. So do the next two. */
  setLock(domain: string, on: boolean): Promise<void>;
  /** Keeps the registrant out of WHOIS. Throws `unsupported` for endings that do not know it. */
  setPrivacy(domain: string, on: boolean): Promise<void>;
  setAutoRenew(domain: string, on: boolean): Promise<void>;
  /** What is left on the account that registrations are paid from. */
  getBalance(): Promise<Money>;
}

export interface TldPrice {
  /** Without the leading dot. */
  tld: string;
  register: Money;
  renew: Money;
  transfer: Money;
}

export interface GlueRecord {
  /** Absolute name, lower case: `ns1.example.com`. */
  host: string;
  /** IPv4 and IPv6. */
  addresses: string[];
}

export type RegistrarExtras = {
  'auth-code': {
    /** Sends the code to the registrant, or returns it where the vendor shows it. Throws `not-found`. */
    requestAuthCode(domain: string): Promise<{ authCode?: string }>;
  };
  dnssec: {
    /** After the call the registry holds exactly these; none: the domain is not signed. New ones are added before old ones go. */
    putDsRecords(domain: string, records: DsRecord[]): Promise<void>;
    /** What the registry holds, in no order. Throws `not-found`. */
    listDsRecords(domain: string): Promise<DsRecord[]>;
  };
  'glue-records': {
    /** Makes the host, which lies below a domain of this account, known to the registry with exactly these addresses. */
    putGlueRecord(host: string, addresses: string[]): Promise<void>;
    /** An absent one is success. */
    removeGlueRecord(host: string): Promise<void>;
    /** The hosts below a domain. Throws `not-found`. */
    listGlueRecords(domain: string): Promise<GlueRecord[]>;
  };
  'host-records': {
    listHostRecords(domain: string): Promise<{ name: string; type: string; value: string; ttl: number }[]>;
  };
  'price-list': {
    /** What this account pays, a year, for every ending that the vendor sells. */
    listPrices(): Promise<TldPrice[]>;
  };
  restore: { restoreDomain(domain: string): Promise<RegisteredDomain> };
};

export const registrarPort = definePort<RegistrarPort, RegistrarExtras>({
  id: 'registrar',
  version: 1,
  methods: [
    'testConnection',
    'checkAvailability',
    'registerDomain',
    'renewDomain',
    'startTransfer',
    'checkTransfer',
    'findDomain',
    'listDomains',
    'putNameservers',
    'getContacts',
    'putContacts',
    'setLock',
    'setPrivacy',
    'setAutoRenew',
    'getBalance',
  ],
  capabilities: {
    'auth-code': ['requestAuthCode'],
    dnssec: ['putDsRecords', 'listDsRecords'],
    'glue-records': ['putGlueRecord', 'removeGlueRecord', 'listGlueRecords'],
    'host-records': ['listHostRecords'],
    'price-list': ['listPrices'],
    restore: ['restoreDomain'],
  },
  reads: [
    'testConnection',
    'checkAvailability',
    'checkTransfer',
    'findDomain',
    'listDomains',
    'getContacts',
    'getBalance',
    'listDsRecords',
    'listGlueRecords',
    'listHostRecords',
    'listPrices',
  ],
  // Each looks before and after it spends: up to five requests.
  deadlines: { registerDomain: 90_000, renewDomain: 90_000, startTransfer: 90_000 },
});
