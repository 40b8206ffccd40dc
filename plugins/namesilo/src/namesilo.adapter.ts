import {
  isPortError,
  normaliseDomain,
  PortError,
  type Availability,
  type CapabilityMethods,
  type CapabilityOf,
  type Clock,
  type DomainRegistrationSpec,
  type DomainSummary,
  type DsRecord,
  type GlueRecord,
  type Money,
  type Page,
  type RegisteredDomain,
  type RegistrantContact,
  type RegistrarPort,
  type registrarPort,
  type TldPrice,
  type TransferState,
} from '@keelson/core';
import {
  contactFrom,
  contactIdFrom,
  contactIdsFrom,
  contactParametersOf,
  sameContact,
} from './namesilo-contact.mapper.js';
import {
  addressesOf,
  authCodeOf,
  hostOf,
  nameserversOf,
  pageOf,
  privacyKnown,
  refuseUnlessFor,
  yearsOf,
} from './namesilo-input.mapper.js';
import { NameSiloTransfers } from './namesilo-transfers.js';
import { NameSiloClient, unlessAbsent } from './namesilo.client.js';
import type { NameSiloSettings } from './namesilo.config.js';
import { contactReplaced, nameserversReplaced } from './namesilo.errors.js';
import {
  addressParametersOf,
  availabilityOf,
  balanceFrom,
  domainFrom,
  domainPageFrom,
  dsParametersOf,
  dsRecordsFrom,
  glueRecordsFrom,
  nameserverParametersOf,
  offersFrom,
  pricesFrom,
  type Offer,
} from './namesilo.mapper.js';

export const nameSiloCapabilities = [
  'auth-code',
  'dnssec',
  'glue-records',
  'price-list',
] as const satisfies readonly CapabilityOf<typeof registrarPort>[];

/** How many names go into one request; the vendor states no limit. */
const namesPerRequest = 50;
const domainsPerPage = 100;

type Capability = (typeof nameSiloCapabilities)[number];

/**
 * The registrar port on NameSilo. Its API knows no repetition keys, so whatever spends looks first whether it is done already, and
 * afterwards whether it is done now.
 */
export class NameSiloAdapter implements RegistrarPort, CapabilityMethods<typeof registrarPort, Capability> {
  private readonly client: NameSiloClient;
  private readonly transfers: NameSiloTransfers;

  constructor(
    private readonly settings: NameSiloSettings,
    clock: Clock,
  ) {
    this.client = new NameSiloClient(settings);
    this.transfers = new NameSiloTransfers(this.client, settings, clock, (domain) => this.findDomain(domain));
  }

  async testConnection(): Promise<void> {
    await this.client.read('getAccountBalance');
  }

  async checkAvailability(domains: string[]): Promise<Availability[]> {
    const names = domains.map(normaliseDomain);
    const offers = await this.offers(names);
    return names.map((name) => availabilityOf(name, offers.get(name)));
  }

  async registerDomain(spec: DomainRegistrationSpec): Promise<RegisteredDomain> {
    const domain = normaliseDomain(spec.domain);
    const years = yearsOf(spec.years);
    const nameservers = nameserversOf(spec.nameservers);
    const contact = contactParametersOf(spec.contact);
    const held = await this.findDomain(domain);
    if (held !== undefined) return held;
    const order = {
      domain,
      years,
      payment_id: this.settings.paymentId,
      private: spec.privacy && privacyKnown(domain) ? 1 : 0,
      auto_renew: spec.autoRenew ? 1 : 0,
      ...nameserverParametersOf(nameservers),
      ...contact,
    };
    return this.orAdopt(domain, async () => {
      const offer = (await this.offers([domain])).get(domain);
      refuseUnlessFor(offer, years, spec.maximumPrice);
      const { code } = await this.client.act('registerDomain', order);
      const registered = await this.paidFor(domain, () => true);
      if (code === nameserversReplaced) return { ...registered, replaced: ['nameservers'] };
      return code === contactReplaced ? { ...registered, replaced: ['contact'] } : registered;
    });
  }

  async renewDomain(domain: string, years: number, currentExpiry: Date): Promise<RegisteredDomain> {
    const name = normaliseDomain(domain);
    const parameters = { domain: name, years: yearsOf(years), payment_id: this.settings.paymentId };
    const held = await this.findDomain(name);
    if (held === undefined) throw new PortError('not-found', 'The domain is not in this account.');
    if (dateOf(held.expiresAt) !== dateOf(currentExpiry)) {
      throw new PortError('wrong-state', `The domain expires on ${dateOf(held.expiresAt)}: it was not renewed again.`);
    }
    await this.client.act('renewDomain', parameters);
    return this.paidFor(name, ({ expiresAt }) => expiresAt > held.expiresAt);
  }

  async startTransfer(domain: string, authCode: string, contact: RegistrantContact): Promise<TransferState> {
    return this.transfers.start(normaliseDomain(domain), authCodeOf(authCode), contactParametersOf(contact));
  }

  async checkTransfer(reference: string): Promise<TransferState> {
    return this.transfers.get(normaliseDomain(reference));
  }

  async findDomain(domain: string): Promise<RegisteredDomain | undefined> {
    const name = normaliseDomain(domain);
    const reply = await unlessAbsent(this.client.read('getDomainInfo', { domain: name }));
    return reply === undefined ? undefined : domainFrom(reply, name);
  }

  async listDomains(cursor?: string): Promise<Page<DomainSummary>> {
    const page = pageOf(cursor);
    return domainPageFrom(await this.client.read('listDomains', { page, pageSize: domainsPerPage }), page);
  }

  async putNameservers(domain: string, nameservers: string[]): Promise<void> {
    const parameters = nameserverParametersOf(nameserversOf(nameservers));
    await this.client.act('changeNameServers', { domain: normaliseDomain(domain), ...parameters });
  }

  async getContacts(domain: string): Promise<RegistrantContact> {
    const [registrant] = await this.contactIds(normaliseDomain(domain));
    return this.contact(registrant);
  }

  async putContacts(domain: string, contact: RegistrantContact): Promise<void> {
    const name = normaliseDomain(domain);
    const parameters = contactParametersOf(contact);
    const ids = await this.contactIds(name);
    const kept = sameContact(await this.contact(ids[0]), contact) ? ids[0] : undefined;
    if (kept !== undefined && ids.length === 4 && ids.every((id) => id === kept)) return;
    // A profile may be shared by other domains: changing it would change them too.
    const id = kept ?? contactIdFrom(await this.client.act('contactAdd', parameters));
    const roles = { registrant: id, administrative: id, technical: id, billing: id };
    await this.client.act('contactDomainAssociate', { domain: name, ...roles });
  }

  async setLock(domain: string, on: boolean): Promise<void> {
    await this.client.act(on ? 'domainLock' : 'domainUnlock', { domain: normaliseDomain(domain) });
  }

  async setPrivacy(domain: string, on: boolean): Promise<void> {
    const name = normaliseDomain(domain);
    if (on && !privacyKnown(name)) {
      throw new PortError('unsupported', 'Domains with this ending cannot hide their registrant.');
    }
    await this.client.act(on ? 'addPrivacy' : 'removePrivacy', { domain: name });
  }

  async setAutoRenew(domain: string, on: boolean): Promise<void> {
    await this.client.act(on ? 'addAutoRenewal' : 'removeAutoRenewal', { domain: normaliseDomain(domain) });
  }

  async getBalance(): Promise<Money> {
    return balanceFrom(await this.client.read('getAccountBalance'));
  }

  /** The code is e-mailed to the administrative contact, and never answered. */
  async requestAuthCode(domain: string): Promise<{ authCode?: string }> {
    await this.client.act('retrieveAuthCode', { domain: normaliseDomain(domain) });
    return {};
  }

  async listDsRecords(domain: string): Promise<DsRecord[]> {
    return dsRecordsFrom(await this.client.read('dnsSecListRecords', { domain: normaliseDomain(domain) }));
  }

  async putDsRecords(domain: string, records: DsRecord[]): Promise<void> {
    const name = normaliseDomain(domain);
    const present = await this.listDsRecords(name);
    const keyOf = (record: DsRecord) => Object.values(dsParametersOf(record)).join(' ');
    const lacking = (list: DsRecord[]) => (record: DsRecord) => !list.some((other) => keyOf(other) === keyOf(record));
    for (const record of records.filter(lacking(present))) {
      await this.client.act('dnsSecAddRecord', { domain: name, ...dsParametersOf(record) });
    }
    for (const record of present.filter(lacking(records))) {
      await this.client.act('dnsSecDeleteRecord', { domain: name, ...dsParametersOf(record) });
    }
  }

  async listGlueRecords(domain: string): Promise<GlueRecord[]> {
    const name = normaliseDomain(domain);
    return glueRecordsFrom(await this.client.read('listRegisteredNameServers', { domain: name }), name);
  }

  async putGlueRecord(host: string, addresses: string[]): Promise<void> {
    const { name, domain, label } = hostOf(host);
    const wanted = addressesOf(addresses);
    const present = (await this.listGlueRecords(domain)).find((record) => record.host === name);
    if (present !== undefined && sameSet(present.addresses, wanted)) return;
    const parameters = { domain, new_host: label, ...addressParametersOf(wanted) };
    if (present === undefined) await this.client.act('addRegisteredNameServer', parameters);
    else await this.client.act('modifyRegisteredNameServer', { current_host: label, ...parameters });
  }

  async removeGlueRecord(host: string): Promise<void> {
    const { name, domain, label } = hostOf(host);
    const reply = await unlessAbsent(this.client.read('listRegisteredNameServers', { domain }));
    if (reply === undefined || !glueRecordsFrom(reply, domain).some((record) => record.host === name)) return;
    await this.client.act('deleteRegisteredNameServer', { domain, current_host: label });
  }

  async listPrices(): Promise<TldPrice[]> {
    return pricesFrom(await this.client.read('getPrices', { retail_prices: 0 }));
  }

  private async offers(names: readonly string[]): Promise<Map<string, Offer>> {
    const offers = new Map<string, Offer>();
    for (let start = 0; start < names.length; start += namesPerRequest) {
      const domains = names.slice(start, start + namesPerRequest).join(',');
      const reply = await this.client.read('checkRegisterAvailability', { domains });
      for (const [name, offer] of offersFrom(reply)) offers.set(name, offer);
    }
    const silent = names.find((name) => !offers.has(name));
    if (silent === undefined) return offers;
    throw new PortError('unavailable', `Whether ${silent} can be registered is not known right now.`);
  }

  /** What the account holds after it paid. Not to be seen yet, or not to be read: the caller looks again, and never pays again. */
  private async paidFor(domain: string, isDone: (held: RegisteredDomain) => boolean): Promise<RegisteredDomain> {
    const message = 'The registrar took the order and does not show its effect yet; it is being checked.';
    let held: RegisteredDomain | undefined;
    try {
      held = await this.findDomain(domain);
    } catch (cause) {
      throw new PortError('outcome-unknown', message, {
        cause,
        ...(isPortError(cause) ? { details: cause.details } : {}),
      });
    }
    if (held !== undefined && isDone(held)) return held;
    throw new PortError('outcome-unknown', message);
  }

  /** The result of the order; when it is refused, the domain that we hold all the same, as an order before this one went through. */
  private async orAdopt(domain: string, order: () => Promise<RegisteredDomain>): Promise<RegisteredDomain> {
    try {
      return await order();
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.policy.repeat !== 'never') throw thrown;
      const held = await this.findDomain(domain);
      if (held === undefined) throw thrown;
      return held;
    }
  }

  private async contactIds(domain: string): Promise<string[]> {
    return contactIdsFrom(await this.client.read('getDomainInfo', { domain }));
  }

  private async contact(id: string | undefined): Promise<RegistrantContact> {
    const contact =
      id === undefined ? undefined : contactFrom(await this.client.read('contactList', { contact_id: id }));
    if (contact === undefined) throw new PortError('internal', 'The registrar shows no contact of the domain.');
    return contact;
  }
}

function dateOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value));
}
