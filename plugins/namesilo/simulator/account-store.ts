import { randomBytes } from 'node:crypto';
import { StateFile } from '@keelson/testing/simulator';

/** A domain in the account. */
export interface SimulatedDomain {
  created: string;
  /** `YYYY-MM-DD`, like every date of the API. */
  expires: string;
  locked: boolean;
  private: boolean;
  autoRenew: boolean;
  nameservers: string[];
  /** Ids of contacts by role. */
  contacts: Record<string, string>;
  dsRecords: { digest: string; keyTag: string; digestType: string; alg: string }[];
  /** Host relative to the domain → addresses. */
  hosts: Record<string, string[]>;
  /** Reason of a suspension, in the words of `getDomainInfo`. */
  suspended?: string;
}

export interface SimulatedTransfer {
  auth: string;
  submittedAt: number;
  private: boolean;
  autoRenew: boolean;
  contacts: Record<string, string>;
  /** Why the registry gave it up, in the words of `checkTransferStatus`. Stays until the transfer is taken up again. */
  failed?: string;
  /** When the domain arrived. */
  completedAt?: number;
}

/** A domain that another registrar keeps. */
export interface ForeignDomain {
  authCode: string;
  locked: boolean;
  expires: string;
}

export interface SimulatedOrder {
  operation: string;
  domain: string;
  /** US cents. */
  amount: number;
}

interface AccountState {
  apiKey: string;
  balance: number;
  /** How far the account's clock is ahead of ours, in milliseconds. */
  ahead: number;
  domains: Record<string, SimulatedDomain>;
  transfers: Record<string, SimulatedTransfer>;
  foreign: Record<string, ForeignDomain>;
  premium: Record<string, number>;
  contacts: Record<string, Record<string, string>>;
  nextContact: number;
  orders: SimulatedOrder[];
}

/** Registration, transfer and renewal in US cents a year. */
export interface TldPrices {
  registration: number;
  transfer: number;
  renew: number;
}

/** What is sold, a little cheaper than an installation's first catalogue sells it on. `.example` and `.test` stand in for endings that nobody can register names below. */
export const prices: Readonly<Record<string, TldPrices>> = {
  com: { registration: 1129, transfer: 1129, renew: 1329 },
  net: { registration: 1279, transfer: 1279, renew: 1479 },
  org: { registration: 1079, transfer: 1079, renew: 1379 },
  io: { registration: 3499, transfer: 4799, renew: 4799 },
  dev: { registration: 1299, transfer: 1299, renew: 1499 },
  app: { registration: 1399, transfer: 1399, renew: 1599 },
  info: { registration: 399, transfer: 1399, renew: 1799 },
  de: { registration: 555, transfer: 555, renew: 755 },
  'co.uk': { registration: 655, transfer: 655, renew: 855 },
  cloud: { registration: 899, transfer: 1799, renew: 1999 },
  online: { registration: 199, transfer: 2299, renew: 2799 },
  eu: { registration: 655, transfer: 655, renew: 655 },
  us: { registration: 729, transfer: 929, renew: 929 },
  'com.au': { registration: 1299, transfer: 0, renew: 1299 },
  makeup: { registration: 575_000, transfer: 575_000, renew: 575_000 },
  example: { registration: 999, transfer: 899, renew: 1099 },
  test: { registration: 999, transfer: 899, renew: 1099 },
};

export const defaultNameservers = ['NS1.DNSOWL.COM', 'NS2.DNSOWL.COM', 'NS3.DNSOWL.COM'];
const dayMs = 24 * 3_600_000;
/** The registry looks at the auth code and the lock after this, and hands the domain over after five days. */
const registryChecksMs = 3_600_000;
const transferMs = 5 * dayMs;

/** A refusal in the API's own code and words. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    detail: string,
  ) {
    super(detail);
  }
}

/** The account: what it holds, what it costs, and what time makes of it. */
export class AccountStore {
  private readonly file: StateFile<AccountState>;

  constructor(home: string | undefined) {
    this.file = new StateFile<AccountState>(home, 'namesilo', {
      apiKey: randomBytes(12).toString('hex'),
      balance: 1_000_000,
      ahead: 0,
      domains: {},
      transfers: {},
      foreign: {},
      premium: {},
      contacts: { '1000001': defaultContact },
      nextContact: 1_000_002,
      orders: [],
    });
    this.file.save();
  }

  get state(): AccountState {
    return this.file.data;
  }

  save(): void {
    this.file.save();
  }

  now(): number {
    return Date.now() + this.state.ahead;
  }

  /** What became of domains and transfers by now. */
  settle(): void {
    const { domains, transfers } = this.state;
    for (const [name, transfer] of Object.entries(transfers)) {
      const status = this.transferStatus(name);
      if (status === 'Transfer Completed' && transfer.completedAt === undefined) this.receive(name, transfer);
      else if (transfer.completedAt === undefined && status !== 'Pending at Registry') transfer.failed = status;
    }
    for (const [name, domain] of Object.entries(domains)) {
      const cost = this.pricesOf(name).renew;
      if (this.daysExpired(domain) >= 0 && domain.autoRenew && cost <= this.state.balance) {
        this.pay('autoRenew', name, cost);
        domain.expires = yearsLater(domain.expires, 1);
      }
      if (this.daysExpired(domain) > 75) delete domains[name];
    }
    this.save();
  }

  /** The domain, if the account holds it. @throws Refusal 200 */
  domain(name: string): SimulatedDomain {
    const domain = this.state.domains[name];
    if (domain === undefined) throw new Refusal(200, 'Domain is not active, or does not belong to this user');
    return domain;
  }

  statusOf(domain: SimulatedDomain): string {
    const days = this.daysExpired(domain);
    if (days < 0) return domain.suspended ?? 'Active';
    if (days < 30) return 'Expired (grace period)';
    return days < 60 ? 'Expired (restore period)' : 'Expired (pending delete)';
  }

  /** Where the transfer stands, in the words of `checkTransferStatus`. */
  transferStatus(name: string): string {
    const transfer = this.state.transfers[name];
    if (transfer === undefined) throw new Refusal(266, 'No such transfer');
    if (transfer.completedAt !== undefined) return 'Transfer Completed';
    if (transfer.failed !== undefined) return transfer.failed;
    const foreign = this.foreignDomain(name);
    const age = this.now() - transfer.submittedAt;
    if (age < registryChecksMs) return 'Pending at Registry';
    if (foreign === undefined) return 'Domain Transferred Elsewhere';
    if (transfer.auth !== foreign.authCode) return 'Incorrect Authorization Code';
    if (foreign.locked) return 'Domain is Locked';
    return age < transferMs ? 'Pending at Registry' : 'Transfer Completed';
  }

  /** A name that another registrar keeps: one of those set up, or any that starts with `taken` (auth code `auth-<domain>`). */
  foreignDomain(name: string): ForeignDomain | undefined {
    if (this.state.domains[name] !== undefined) return undefined;
    const invented = { authCode: `auth-${name}`, locked: false, expires: dateText(this.now() + 200 * dayMs) };
    return this.state.foreign[name] ?? (name.startsWith('taken') ? invented : undefined);
  }

  /** @throws Refusal 267 for an ending that is not sold */
  pricesOf(name: string): TldPrices {
    const known = prices[tldOf(name)];
    if (known === undefined) throw new Refusal(267, 'Invalid domain or unsupported TLD');
    return known;
  }

  /** Cents of the first year; premium names are those set up, and any that starts with `premium`. */
  registrationPrice(name: string): { amount: number; premium: boolean } {
    const { registration } = this.pricesOf(name);
    const amount = this.state.premium[name] ?? (name.startsWith('premium') ? registration * 100 : undefined);
    return { amount: amount ?? registration, premium: amount !== undefined };
  }

  /** Cents; premium names are those set up. */
  transferPrice(name: string): { amount: number; premium: boolean } {
    const amount = this.state.premium[name];
    return { amount: amount ?? this.pricesOf(name).transfer, premium: amount !== undefined };
  }

  /** @throws Refusal 119 */
  pay(operation: string, domain: string, amount: number): void {
    if (amount > this.state.balance) throw new Refusal(119, 'Insufficient account funds');
    this.state.balance -= amount;
    this.state.orders.push({ operation, domain, amount });
  }

  private receive(name: string, transfer: SimulatedTransfer): void {
    const foreign = this.foreignDomain(name);
    const { private: hidden, autoRenew, contacts } = transfer;
    this.state.domains[name] = {
      ...newDomain(dateText(this.now()), yearsLater(foreign?.expires ?? dateText(this.now()), 1)),
      private: hidden,
      autoRenew,
      contacts,
    };
    transfer.completedAt = this.now();
    delete this.state.foreign[name];
  }

  private daysExpired({ expires }: SimulatedDomain): number {
    return Math.floor((this.now() - Date.parse(`${expires}T00:00:00Z`)) / dayMs);
  }
}

export function newDomain(created: string, expires: string): SimulatedDomain {
  const own = { locked: false, private: false, autoRenew: false, nameservers: [...defaultNameservers] };
  return { created, expires, ...own, contacts: {}, dsRecords: [], hosts: {} };
}

export function tldOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

export function dateText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The same day in a later year; 29 February becomes 28 February. */
export function yearsLater(date: string, years: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year + years, month, 0)).getUTCDate();
  return dateText(Date.UTC(year + years, month - 1, Math.min(day, last)));
}

const defaultContact = {
  nickname: 'Default',
  company: 'Example Hosting',
  first_name: 'Olive',
  last_name: 'Owner',
  address: '1 Sandbox Road',
  address2: '',
  city: 'Phoenix',
  state: 'AZ',
  zip: '85001',
  country: 'US',
  email: 'owner@hosting.example',
  phone: '480-555-1212',
  fax: '',
};
