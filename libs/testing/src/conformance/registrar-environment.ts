import {
  guardAdapter,
  registrarPort,
  type AdapterOf,
  type CallRecord,
  type CapabilityOf,
  type DomainRegistrationSpec,
  type Money,
  type RegistrantContact,
  type RegistrarPort,
  type TransferState,
} from '@keelson/core';
import type { ConformanceCase, StoppableEnvironment } from './conformance-cases.js';

export type RegistrarCapability = CapabilityOf<typeof registrarPort>;

/** What time, other registrars and the accounts department do at the vendor, beside what the adapter asks. */
export interface RegistrarVendorControl {
  /** A customer of another registrar holds the domain. */
  registerElsewhere(domain: string, authCode: string): Promise<void>;
  /** From now on the domain costs this much for the first year, far above the list price. */
  makePremium(domain: string, price: Money): Promise<void>;
  /** Puts so much on the account, in minor units, whatever was on it. */
  setBalance(amount: number): Promise<void>;
  /** How many times the account has paid. */
  payments(): Promise<number>;
  /** So much time passes that every transfer comes to its end: with the right auth code the domain arrives. */
  finishTransfers(): Promise<void>;
  /** The domain of the account runs out; `redemption`: so long ago that only a restore brings it back. */
  expire(domain: string, state: 'expired' | 'redemption'): Promise<void>;
  /** The vendor does what the next order of this kind asks, but its answer is lost. */
  loseNextAnswer(order: 'registration' | 'renewal' | 'transfer'): void;
  /** Every call takes so long from now on. */
  slowDown(milliseconds: number): void;
}

/** An adapter of the registrar port in front of a vendor whose account is filled and holds no domain. */
export interface RegistrarEnvironment extends StoppableEnvironment {
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: RegistrarPort;
  /** The same with credentials that the vendor refuses. */
  withWrongCredentials: RegistrarPort;
  capabilities: readonly RegistrarCapability[];
  /** An ending that the vendor sells and that knows privacy. The suite's names below it are free. */
  ending: string;
  vendor: RegistrarVendorControl;
  /** Values that may appear in no error and no call record, such as the API key of the connection. */
  secrets: readonly string[];
}

/** A promise of the port; with a capability it is kept by the adapters that declare it. */
export interface RegistrarCase extends ConformanceCase<RegistrarEnvironment> {
  capability?: RegistrarCapability;
}

export type GuardedRegistrar = AdapterOf<typeof registrarPort>;

/** The right auth code of every domain that the suite has registered elsewhere. */
export const authCode = 'r1ght-Auth&Code=+%';

export const registrant: RegistrantContact = {
  firstName: 'Änne',
  lastName: "O'Müller & Söhne",
  company: 'Käse <Brot> GmbH',
  email: 'anne@customer.example',
  phone: '+49.301234567',
  street: 'Straße 1 + 2',
  city: 'Köln',
  state: 'NW',
  postalCode: '50667',
  country: 'DE',
};

export const otherRegistrant: RegistrantContact = {
  firstName: 'Bob',
  lastName: 'Brown',
  email: 'bob@customer.example',
  phone: '+1.4805551212',
  street: '555 N. 1st Street',
  city: 'Anywhere',
  state: 'AZ',
  postalCode: '12345',
  country: 'US',
};

/** The suite's domain of this label. */
export function nameOf({ ending }: Pick<RegistrarEnvironment, 'ending'>, label = 'one'): string {
  return `conformance-${label}.${ending}`;
}

export function specOf(
  environment: Pick<RegistrarEnvironment, 'ending'>,
  label?: string,
  change: Partial<DomainRegistrationSpec> = {},
): DomainRegistrationSpec {
  return {
    domain: nameOf(environment, label),
    years: 1,
    contact: registrant,
    nameservers: ['ns1.names.example', 'ns2.names.example'],
    privacy: true,
    autoRenew: false,
    ...change,
  };
}

/** Guards the adapter with those capabilities that it has; that it has the ones it declares is a case of its own. */
export function guard(
  { adapter, capabilities }: Pick<RegistrarEnvironment, 'adapter' | 'capabilities'>,
  options: { record?: (call: CallRecord) => void } = {},
): GuardedRegistrar {
  const has = (method: string) => typeof (adapter as unknown as Record<string, unknown>)[method] === 'function';
  const present = capabilities.filter((capability) => registrarPort.capabilities[capability].every(has));
  return guardAdapter(adapter, { connection: 'under test', port: registrarPort, capabilities: present, ...options });
}

/** Registers the suite's domain of this label and returns its name. */
export async function newDomain(
  registrar: RegistrarPort,
  environment: Pick<RegistrarEnvironment, 'ending'>,
  label?: string,
): Promise<string> {
  return (await registrar.registerDomain(specOf(environment, label))).domain;
}

/** A domain of somebody else, which this auth code may fetch. */
export async function foreignDomain(environment: RegistrarEnvironment, label = 'foreign'): Promise<string> {
  const domain = nameOf(environment, label);
  await environment.vendor.registerElsewhere(domain, authCode);
  return domain;
}

/** Has the transfer end, and tells how. */
export async function finished(
  environment: RegistrarEnvironment,
  { reference }: TransferState,
): Promise<TransferState> {
  await environment.vendor.finishTransfers();
  return guard(environment).checkTransfer(reference);
}

/** Midnight UTC of the same day in a later year; 29 February becomes 28 February. */
export function yearsAfter(date: Date, years: number): Date {
  const [year, month, day] = [date.getUTCFullYear() + years, date.getUTCMonth(), date.getUTCDate()];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(day, last)));
}
