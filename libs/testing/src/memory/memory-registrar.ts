import type { DsRecord, Money, RegisteredDomain, RegistrantContact, TldPrice } from '@keelson/core';
import { MemoryCalls } from './memory-calls.js';

/** A domain of a memory registrar, with what is kept beside it. */
export interface MemoryDomain extends RegisteredDomain {
  contact: RegistrantContact;
  dsRecords: DsRecord[];
  /** Host → addresses. */
  hosts: Map<string, string[]>;
}

export interface MemoryTransfer {
  domain: string;
  authCode: string;
  contact: RegistrantContact;
  /** Set by `finishTransfers`. */
  failure?: { reason: string; remedy?: 'auth-code' | 'unlock' | 'wait' };
}

/** A registrar in memory. Any number of adapters may talk to it, as several processes talk to one vendor. */
export class MemoryRegistrar {
  readonly domains = new Map<string, MemoryDomain>();
  /** Transfers under way, and those that failed. */
  readonly transfers = new Map<string, MemoryTransfer>();
  /** Domain → auth code, of customers of other registrars. */
  readonly foreign = new Map<string, string>();
  /** Domain → price of its first year, where that is not the list price. */
  readonly premium = new Map<string, Money>();
  /** What registrations get by the vendor's defaults instead of as asked. */
  replaces: ('nameservers' | 'contact')[] = [];
  /** DS records that domains bring along when they are moved here. */
  readonly signedElsewhere = new Map<string, DsRecord[]>();
  readonly prices: TldPrice[] = ['com', 'net', 'org', 'example', 'test'].map((tld) => ({
    tld,
    register: { amount: 1_000, currency: 'USD' },
    renew: { amount: 1_100, currency: 'USD' },
    transfer: { amount: 900, currency: 'USD' },
  }));
  /** Minor units. */
  balance = 1_000_000;
  /** Everything that was paid, oldest first. */
  readonly payments: { method: string; domain: string; amount: number }[] = [];
  /** Ledger and faults of every call, whichever adapter made it. */
  readonly calls = new MemoryCalls();

  /** Transfers under way come to their end: with the right auth code the domain arrives. */
  finishTransfers(): void {
    for (const [domain, transfer] of this.transfers) {
      if (transfer.authCode === this.foreign.get(domain)) this.receive(transfer);
      else transfer.failure = { reason: 'The auth code is wrong.', remedy: 'auth-code' };
    }
  }

  private receive({ domain, contact }: MemoryTransfer): void {
    this.transfers.delete(domain);
    this.foreign.delete(domain);
    this.domains.set(domain, {
      domain,
      state: 'active',
      expiresAt: yearsFrom(today(), 2),
      nameservers: ['ns1.elsewhere.example', 'ns2.elsewhere.example'],
      locked: false,
      privacy: true,
      autoRenew: false,
      contact,
      dsRecords: this.signedElsewhere.get(domain) ?? [],
      hosts: new Map(),
    });
  }
}

/** What a vendor uses where it does not take what it is given. */
export const defaultNameservers = ['ns1.registrar.example', 'ns2.registrar.example'];
export const defaultContact: RegistrantContact = {
  firstName: 'Default',
  lastName: 'Contact',
  email: 'owner@registrar.example',
  phone: '+1.5555550100',
  street: 'Default Street 1',
  city: 'Anywhere',
  state: 'AZ',
  postalCode: '12345',
  country: 'US',
};

/** Midnight UTC. */
export function today(): Date {
  return new Date(new Date().toISOString().slice(0, 10));
}

/** The same day in a later year; 29 February becomes 28 February. */
export function yearsFrom(date: Date, years: number): Date {
  const [year, month] = [date.getUTCFullYear() + years, date.getUTCMonth()];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(date.getUTCDate(), last)));
}
