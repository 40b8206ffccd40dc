import { isIP } from 'node:net';
import {
  canonicalHostName,
  normaliseDomain,
  PortError,
  registrableDomain,
  registrarPort,
  type Availability,
  type CapabilityMethods,
  type CapabilityOf,
  type DomainRegistrationSpec,
  type DomainSummary,
  type DsRecord,
  type GlueRecord,
  type Money,
  type Page,
  type RegisteredDomain,
  type RegistrantContact,
  type RegistrarPort,
  type TldPrice,
  type TransferState,
} from '@keelson/core';
import type { MemoryCall } from './memory-calls.js';
import {
  defaultContact,
  defaultNameservers,
  MemoryRegistrar,
  today,
  yearsFrom,
  type MemoryDomain,
} from './memory-registrar.js';

type Capability = CapabilityOf<typeof registrarPort>;

/** All of them. */
export const memoryRegistrarCapabilities = Object.keys(registrarPort.capabilities) as Capability[];

const pageSize = 3;
const needed = ['firstName', 'lastName', 'street', 'city', 'country', 'email', 'phone'] as const;

/** The reference adapter of the registrar port: what the contract says, over a registrar in memory, with every capability. */
export class MemoryRegistrarAdapter implements RegistrarPort, CapabilityMethods<typeof registrarPort, Capability> {
  /** @param credentials `refused`: the registrar accepts no call of this adapter */
  constructor(
    readonly registrar = new MemoryRegistrar(),
    private readonly credentials: 'accepted' | 'refused' = 'accepted',
  ) {}

  async testConnection(): Promise<void> {
    await this.call('testConnection', undefined, () => undefined);
  }

  async checkAvailability(domains: string[]): Promise<Availability[]> {
    return this.call('checkAvailability', undefined, () =>
      domains.map(normaliseDomain).map((domain) => {
        const { domains: held, foreign, premium } = this.registrar;
        const price = premium.get(domain);
        const available = !held.has(domain) && !foreign.has(domain) && this.priceOf(domain) !== undefined;
        return { domain, available, ...(available && price !== undefined ? { premium: { price } } : {}) };
      }),
    );
  }

  async registerDomain(spec: DomainRegistrationSpec): Promise<RegisteredDomain> {
    return this.call('registerDomain', spec.domain, (call) => {
      const domain = normaliseDomain(spec.domain);
      refuseYears(spec.years);
      refuseContact(spec.contact);
      const nameservers = hostsOf(spec.nameservers);
      const held = this.registrar.domains.get(domain);
      if (held !== undefined) return publicPart(held);
      if (this.registrar.foreign.has(domain)) throw new PortError('already-exists', 'The domain is taken.');
      this.pay('registerDomain', domain, this.costOf(domain, spec));
      call.changed = true;
      const { contact, privacy, autoRenew } = structuredClone(spec);
      const { replaces } = this.registrar;
      const registered: MemoryDomain = {
        domain,
        state: 'active',
        expiresAt: yearsFrom(today(), spec.years),
        nameservers: replaces.includes('nameservers') ? defaultNameservers : nameservers,
        locked: false,
        privacy,
        autoRenew,
        contact: replaces.includes('contact') ? defaultContact : contact,
        dsRecords: [],
        hosts: new Map(),
      };
      this.registrar.domains.set(domain, registered);
      return { ...publicPart(registered), ...(replaces.length > 0 ? { replaced: [...replaces] } : {}) };
    });
  }

  async renewDomain(domain: string, years: number, currentExpiry: Date): Promise<RegisteredDomain> {
    return this.change('renewDomain', domain, (held) => {
      refuseYears(years);
      if (held.state === 'redemption') throw new PortError('wrong-state', 'The domain must be restored first.');
      if (held.expiresAt.getTime() !== currentExpiry.getTime()) {
        throw new PortError('wrong-state', 'The domain expires at another date.');
      }
      this.pay('renewDomain', held.domain, (this.priceOf(held.domain)?.renew.amount ?? 0) * years);
      Object.assign(held, { state: 'active', expiresAt: yearsFrom(held.expiresAt, years) });
      return publicPart(held);
    });
  }

  async startTransfer(domain: string, authCode: string, contact: RegistrantContact): Promise<TransferState> {
    return this.call('startTransfer', domain, (call) => {
      const name = normaliseDomain(domain);
      refuseContact(contact);
      if (!/^[\x21-\x7e]{1,255}$/.test(authCode)) throw new PortError('invalid-input', 'This is no auth code.');
      const known = this.transferState(name);
      if (known !== undefined && known.state !== 'failed') return known;
      if (!this.registrar.foreign.has(name)) throw new PortError('wrong-state', 'Nobody holds the domain.');
      if (this.registrar.premium.has(name)) throw new PortError('wrong-state', 'The transfer costs more than others.');
      if (known === undefined) this.pay('startTransfer', name, this.priceOf(name)?.transfer.amount ?? 0);
      this.registrar.transfers.set(name, { domain: name, authCode, contact: structuredClone(contact) });
      call.changed = true;
      return pending(name);
    });
  }

  async checkTransfer(reference: string): Promise<TransferState> {
    return this.call('checkTransfer', reference, () => {
      const transfer = this.transferState(normaliseDomain(reference));
      if (transfer === undefined) throw new PortError('not-found', 'There is no such transfer.');
      return transfer;
    });
  }

  async findDomain(domain: string): Promise<RegisteredDomain | undefined> {
    return this.call('findDomain', domain, () => {
      const held = this.registrar.domains.get(normaliseDomain(domain));
      return held === undefined ? undefined : publicPart(held);
    });
  }

  async listDomains(cursor = '0'): Promise<Page<DomainSummary>> {
    return this.call('listDomains', undefined, () => {
      const start = Number(cursor);
      const all = [...this.registrar.domains.values()].map(({ domain, expiresAt }) => ({ domain, expiresAt }));
      const items = all.slice(start, start + pageSize);
      return start + pageSize < all.length ? { items, cursor: String(start + pageSize) } : { items };
    });
  }

  async putNameservers(domain: string, nameservers: string[]): Promise<void> {
    await this.change('putNameservers', domain, (held) => {
      held.nameservers = hostsOf(nameservers);
    });
  }

  async getContacts(domain: string): Promise<RegistrantContact> {
    return this.call('getContacts', domain, () => structuredClone(this.require(domain).contact));
  }

  async putContacts(domain: string, contact: RegistrantContact): Promise<void> {
    await this.change('putContacts', domain, (held) => {
      refuseContact(contact);
      held.contact = structuredClone(contact);
    });
  }

  async setLock(domain: string, on: boolean): Promise<void> {
    await this.change('setLock', domain, (held) => {
      held.locked = on;
    });
  }

  async setPrivacy(domain: string, on: boolean): Promise<void> {
    await this.change('setPrivacy', domain, (held) => {
      held.privacy = on;
    });
  }

  async setAutoRenew(domain: string, on: boolean): Promise<void> {
    await this.change('setAutoRenew', domain, (held) => {
      held.autoRenew = on;
    });
  }

  async getBalance(): Promise<Money> {
    return this.call('getBalance', undefined, () => ({ amount: this.registrar.balance, currency: 'USD' }));
  }

  async requestAuthCode(domain: string): Promise<{ authCode?: string }> {
    return this.call('requestAuthCode', domain, () => ({ authCode: `auth-${this.require(domain).domain}` }));
  }

  async putDsRecords(domain: string, records: DsRecord[]): Promise<void> {
    await this.change('putDsRecords', domain, (held) => {
      if (records.some(({ digest }) => !/^([0-9a-f]{2}){20,}$/i.test(digest))) {
        throw new PortError('invalid-input', 'This is no digest.');
      }
      held.dsRecords = records.map((record) => ({ ...record, digest: record.digest.toLowerCase() }));
    });
  }

  async listDsRecords(domain: string): Promise<DsRecord[]> {
    return this.call('listDsRecords', domain, () => structuredClone(this.require(domain).dsRecords));
  }

  async putGlueRecord(host: string, addresses: string[]): Promise<void> {
    const { name, domain } = glueOf(host);
    await this.change('putGlueRecord', domain, ({ hosts }) => {
      if (addresses.length === 0 || addresses.some((address) => isIP(address) === 0)) {
        throw new PortError('invalid-input', 'A host has at least one address.');
      }
      hosts.set(name, [...addresses]);
    });
  }

  async removeGlueRecord(host: string): Promise<void> {
    const { name, domain } = glueOf(host);
    await this.call('removeGlueRecord', domain, (call) => {
      call.changed = this.registrar.domains.get(domain)?.hosts.delete(name) ?? false;
    });
  }

  async listGlueRecords(domain: string): Promise<GlueRecord[]> {
    return this.call('listGlueRecords', domain, () =>
      [...this.require(domain).hosts].map(([host, addresses]) => ({ host, addresses: [...addresses] })),
    );
  }

  async listHostRecords(domain: string): Promise<{ name: string; type: string; value: string; ttl: number }[]> {
    return this.call('listHostRecords', domain, () => [
      { name: this.require(domain).domain, type: 'A', value: '192.0.2.80', ttl: 3_600 },
    ]);
  }

  async listPrices(): Promise<TldPrice[]> {
    return this.call('listPrices', undefined, () => structuredClone(this.registrar.prices));
  }

  async restoreDomain(domain: string): Promise<RegisteredDomain> {
    return this.change('restoreDomain', domain, (held) => {
      if (held.state === 'redemption') {
        this.pay('restoreDomain', held.domain, 8_000);
        Object.assign(held, { state: 'active', expiresAt: yearsFrom(today(), 1) });
      }
      return publicPart(held);
    });
  }

  private call<T>(method: string, subject: string | undefined, act: (call: MemoryCall) => T): Promise<T> {
    return this.registrar.calls.run(method, subject, (call) => {
      if (this.credentials === 'refused') {
        throw new PortError('invalid-config', 'The registrar refuses our credentials.');
      }
      return act(call);
    });
  }

  private change<T>(method: string, domain: string, edit: (held: MemoryDomain) => T): Promise<T> {
    return this.call(method, domain, (call) => {
      const result = edit(this.require(domain));
      call.changed = true;
      return result;
    });
  }

  private require(domain: string): MemoryDomain {
    const held = this.registrar.domains.get(normaliseDomain(domain));
    if (held === undefined) throw new PortError('not-found', 'The domain is not in this account.');
    return held;
  }

  private transferState(domain: string): TransferState | undefined {
    const held = this.registrar.domains.get(domain);
    if (held !== undefined) return { state: 'completed', reference: domain, domain: publicPart(held) };
    const transfer = this.registrar.transfers.get(domain);
    if (transfer === undefined) return undefined;
    return transfer.failure === undefined
      ? pending(domain)
      : { state: 'failed', reference: domain, ...transfer.failure };
  }

  private priceOf(domain: string): TldPrice | undefined {
    return this.registrar.prices.find(({ tld }) => domain.endsWith(`.${tld}`));
  }

  private costOf(domain: string, { years, maximumPrice }: DomainRegistrationSpec): number {
    const listed = this.priceOf(domain);
    if (listed === undefined) throw new PortError('invalid-input', 'The registrar does not sell such names.');
    const premium = this.registrar.premium.get(domain);
    const cost = (premium ?? listed.register).amount + (years - 1) * listed.renew.amount;
    if (maximumPrice !== undefined && maximumPrice.currency !== listed.register.currency) {
      throw new PortError('invalid-input', 'The registrar bills in another currency.');
    }
    if (maximumPrice === undefined ? premium !== undefined : cost > maximumPrice.amount) {
      throw new PortError('wrong-state', 'The domain costs more than the price agreed on.');
    }
    return cost;
  }

  private pay(method: string, domain: string, amount: number): void {
    if (amount > this.registrar.balance) throw new PortError('no-funds', 'The balance does not cover this.');
    this.registrar.balance -= amount;
    this.registrar.payments.push({ method, domain, amount });
  }
}

function publicPart({
  contact: _contact,
  dsRecords: _records,
  hosts: _hosts,
  ...shown
}: MemoryDomain): RegisteredDomain {
  return structuredClone(shown);
}

function pending(reference: string): TransferState {
  return { state: 'pending', reference, checkAfter: new Date(Date.now() + 3_600_000), waitingFor: 'registry' };
}

function refuseYears(years: number): void {
  if (!Number.isInteger(years) || years < 1 || years > 10) throw new PortError('invalid-input', 'This is no term.');
}

function refuseContact(contact: RegistrantContact): void {
  if (needed.some((field) => contact[field].trim() === '')) {
    throw new PortError('invalid-input', 'The registrant lacks what every registry asks for.');
  }
}

function hostsOf(nameservers: string[]): string[] {
  if (nameservers.length < 2) throw new PortError('invalid-input', 'A domain has at least two name servers.');
  return nameservers.map(canonicalHostName);
}

function glueOf(host: string): { name: string; domain: string } {
  const name = canonicalHostName(host);
  const domain = registrableDomain(name);
  if (name === domain) throw new PortError('invalid-input', 'This is no host below a domain.');
  return { name, domain };
}
