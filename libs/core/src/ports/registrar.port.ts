import type { Money } from '../money.types.js';
import type { DsRecord } from './dns.port.js';
import { definePort } from './port.js';
import type { Page } from './provisioner.port.js';

export interface Availability {
  domain: string;
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
  /** Refuse when the price is above this. */
  maximumPrice?: Money;
}

export interface RegisteredDomain {
  domain: string;
  state: 'active' | 'pending' | 'expired' | 'redemption';
  /** UTC date of expiry. */
  expiresAt: Date;
  nameservers: string[];
  locked: boolean;
  privacy: boolean;
  autoRenew: boolean;
}

/** Long work: ask again with `reference` not before `checkAfter`. */
export type TransferState =
  | { state: 'pending'; reference: string; checkAfter: Date; waitingFor: 'registrar' | 'registrant' | 'registry' }
  | { state: 'completed'; reference: string; domain: RegisteredDomain }
  | { state: 'failed'; reference: string; reason: string };

/**
 * Registers and keeps domain names. Money is spent here: after `outcome-unknown` from a method that spends, the caller asks
 * `findDomain` and never simply repeats.
 */
export interface RegistrarPort {
  /** Resolves when the vendor can be reached with these credentials. Throws `invalid-config` when they are refused. */
  testConnection(): Promise<void>;
  /** One answer a name, in the order asked. */
  checkAvailability(domains: string[]): Promise<Availability[]>;
  /** Registers, or returns the domain when this account already holds it. Throws `already-exists` when someone else does, `no-funds`. */
  registerDomain(spec: DomainRegistrationSpec): Promise<RegisteredDomain>;
  /** Renews from the expiry we know. Throws `wrong-state`, and spends nothing, when the domain expires at another date. */
  renewDomain(domain: string, years: number, currentExpiry: Date): Promise<RegisteredDomain>;
  /** Starts a transfer in, or returns the one under way. Throws `no-funds`, `invalid-input` for a bad auth code. */
  startTransfer(domain: string, authCode: string, contact: RegistrantContact): Promise<TransferState>;
  checkTransfer(reference: string): Promise<TransferState>;
  /** The domain, or undefined when this account does not hold it. */
  findDomain(domain: string): Promise<RegisteredDomain | undefined>;
  listDomains(cursor?: string): Promise<Page<RegisteredDomain>>;
  putNameservers(domain: string, nameservers: string[]): Promise<void>;
  getContacts(domain: string): Promise<RegistrantContact>;
  putContacts(domain: string, contact: RegistrantContact): Promise<void>;
  setLock(domain: string, on: boolean): Promise<void>;
  setPrivacy(domain: string, on: boolean): Promise<void>;
  setAutoRenew(domain: string, on: boolean): Promise<void>;
  getBalance(): Promise<Money>;
}

export interface TldPrice {
  /** Without the leading dot. */
  tld: string;
  register: Money;
  renew: Money;
  transfer: Money;
}

export type RegistrarExtras = {
  'auth-code': {
    /** Sends the code to the registrant, or returns it where the vendor shows it. */
    requestAuthCode(domain: string): Promise<{ authCode?: string }>;
  };
  dnssec: { putDsRecords(domain: string, records: DsRecord[]): Promise<void> };
  'glue-records': {
    putGlueRecord(host: string, addresses: string[]): Promise<void>;
    removeGlueRecord(host: string): Promise<void>;
  };
  'host-records': {
    listHostRecords(domain: string): Promise<{ name: string; type: string; value: string; ttl: number }[]>;
  };
  'price-list': { listPrices(): Promise<TldPrice[]> };
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
    dnssec: ['putDsRecords'],
    'glue-records': ['putGlueRecord', 'removeGlueRecord'],
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
    'listHostRecords',
    'listPrices',
  ],
});
