import { definePort } from './port.js';

/** What names of accounts a vendor accepts. */
export interface UsernameRules {
  minLength: number;
  maxLength: number;
  /** Every valid name matches it, whole. */
  pattern: RegExp;
  /** Names that the vendor refuses although they match. */
  reserved: readonly string[];
  /** Names that begin so are refused. */
  forbiddenPrefixes: readonly string[];
  /** When set, the first so many characters must be unlike those of any other account. */
  uniquePrefixLength?: number;
}

export interface AccountSpec {
  /** Chosen by the engine from the service id, so that a repetition asks for the same name. */
  username: string;
  /** Main domain, A-labels, lower case. */
  domain: string;
  /** Name of the package (plan) at the vendor. */
  package: string;
  email: string;
  /** Clear text; never logged. */
  password: string;
  /** Id of our service. Kept at the vendor where it has a place for it. */
  externalId: string;
  fullName?: string;
  company?: string;
  phone?: string;
  /** Defaults to `standard`. */
  accountType?: 'standard' | 'reseller' | 'master-reseller';
}

export interface Account {
  /** The vendor's own id; the user name where it has no other. */
  remoteId: string;
  username: string;
  /** Empty where the vendor keeps none and this connection did not make the account. */
  domain: string;
  package?: string;
  email?: string;
  state: 'active' | 'suspended';
  suspendReason?: string;
  /** IPv4 address that the site answers on. */
  ip?: string;
  nameservers?: string[];
  /** Where the customer signs in to the panel. */
  panelUrl?: string;
  externalId?: string;
}

export interface Package {
  name: string;
  /** Megabytes; undefined = unlimited. */
  diskMb?: number;
  /** Megabytes a month; undefined = unlimited. */
  bandwidthMb?: number;
}

/** By exactly one key. */
export type AccountKey = { username: string } | { domain: string } | { externalId: string };

export interface Page<T> {
  items: T[];
  /** Give it to the next call; undefined on the last page. */
  cursor?: string;
}

export interface AccountUsage {
  username: string;
  diskMb: number;
  diskLimitMb?: number;
  bandwidthMb?: number;
  bandwidthLimitMb?: number;
  /** How many the account holds, where the vendor counts them. */
  domains?: number;
  databases?: number;
  mailboxes?: number;
  certificates?: number;
  lastLoginAt?: Date;
  /** Whole days since the account was made. */
  ageDays?: number;
}

/**
 * Creates and keeps hosting accounts on a server.
 *
 * Accounts are named by the engine. A call that ends in `outcome-unknown` may have acted: ask `findAccount` before another.
 */
export interface ProvisionerPort {
  /** Resolves when the vendor can be reached with these credentials. Throws `invalid-config` when they are refused. */
  testConnection(): Promise<void>;
  /** Packages that accounts can be created with. */
  listPackages(): Promise<Package[]>;
  /** Which names `ensureAccount` accepts. */
  usernameRules(): Promise<UsernameRules>;
  /**
   * Creates the account, or returns it when an account of this name, this domain and this e-mail (or external id) exists.
   * Throws `already-exists` when name or domain belongs to another account, `invalid-input` for a name, package or password that
   * the vendor refuses. Never changes an existing account, not even its password.
   */
  ensureAccount(spec: AccountSpec): Promise<Account>;
  /** The account, or undefined when this connection holds none by that key. */
  findAccount(key: AccountKey): Promise<Account | undefined>;
  /** All accounts that these credentials see. */
  listAccounts(cursor?: string): Promise<Page<Account>>;
  /** Suspends, or confirms. Throws `not-found`. */
  suspendAccount(username: string, reason: string): Promise<void>;
  /** Takes a suspension back, or confirms that there is none. Throws `not-found`. */
  unsuspendAccount(username: string): Promise<void>;
  /** Removes the account and all its data. An absent account is success. */
  removeAccount(username: string): Promise<void>;
}

export interface SignOnLink {
  /** Opens the panel without a password, once. A secret. */
  url: string;
  expiresAt?: Date;
}

export interface DatabaseSpec {
  /** Account that owns the database. */
  username: string;
  /** Name without the vendor's prefix. */
  name: string;
  databaseUser: string;
  password: string;
}

export interface Database {
  /** Full names as the vendor made them, prefix included. */
  name: string;
  databaseUser: string;
  host: string;
}

export interface CertificateInstallSpec {
  username: string;
  domain: string;
  certificatePem: string;
  privateKeyPem: string;
  chainPem: string;
}

export type ProvisionerExtras = {
  'change-package': {
    /** Puts the account on the package, or confirms. Throws `not-found`, and `invalid-input` for an unknown package. */
    changePackage(username: string, packageName: string): Promise<void>;
  };
  'change-password': {
    setAccountPassword(username: string, password: string): Promise<void>;
  };
  'change-domain': {
    /** Makes the domain the account's main domain, or confirms. */
    changeDomain(username: string, domain: string): Promise<void>;
  };
  'single-sign-on': {
    createSignOnLink(username: string): Promise<SignOnLink>;
  };
  usage: {
    getUsage(username: string): Promise<AccountUsage>;
  };
  'bulk-usage': {
    listUsage(): Promise<AccountUsage[]>;
  };
  reseller: {
    /** Gives the account the right to hold accounts of its own, or confirms. */
    grantReseller(username: string): Promise<void>;
    revokeReseller(username: string): Promise<void>;
  };
  database: {
    /** Creates database, user and grant, or confirms them and sets the password. */
    ensureDatabase(spec: DatabaseSpec): Promise<Database>;
    findDatabase(username: string, name: string): Promise<Database | undefined>;
    /** Removes database and user. Absent ones are success. */
    removeDatabase(username: string, name: string, databaseUser: string): Promise<void>;
  };
  'certificate-install': {
    /** Installs, or replaces, the certificate of a domain of the account. */
    putCertificate(spec: CertificateInstallSpec): Promise<void>;
    /** Makes the site answer plain HTTP with a redirect to HTTPS, or stops that. */
    setForceHttps(username: string, domain: string, on: boolean): Promise<void>;
  };
};

export const provisionerPort = definePort<ProvisionerPort, ProvisionerExtras>({
  id: 'provisioner',
  version: 1,
  methods: [
    'testConnection',
    'listPackages',
    'usernameRules',
    'ensureAccount',
    'findAccount',
    'listAccounts',
    'suspendAccount',
    'unsuspendAccount',
    'removeAccount',
  ],
  capabilities: {
    'change-package': ['changePackage'],
    'change-password': ['setAccountPassword'],
    'change-domain': ['changeDomain'],
    'single-sign-on': ['createSignOnLink'],
    usage: ['getUsage'],
    'bulk-usage': ['listUsage'],
    reseller: ['grantReseller', 'revokeReseller'],
    database: ['ensureDatabase', 'findDatabase', 'removeDatabase'],
    'certificate-install': ['putCertificate', 'setForceHttps'],
  },
  reads: [
    'testConnection',
    'listPackages',
    'usernameRules',
    'findAccount',
    'listAccounts',
    'getUsage',
    'listUsage',
    'findDatabase',
  ],
  deadlines: { ensureAccount: 150_000, removeAccount: 150_000 },
});
