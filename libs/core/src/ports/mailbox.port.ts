import { definePort } from './port.js';

export interface MailboxSpec {
  /** `local@domain`, lower case, A-labels. */
  address: string;
  /** Clear text; never logged. */
  password: string;
  /** Megabytes; undefined = the vendor's default. */
  quotaMb?: number;
  /** Name of the hosting account that the domain belongs to, where mail lives on a panel. */
  account?: string;
}

export interface Mailbox {
  address: string;
  quotaMb?: number;
  usedMb?: number;
  suspended: boolean;
}

/** Keeps mailboxes of customers' domains. Every method is safe to repeat. */
export interface MailboxPort {
  /** Resolves when the vendor can be reached with these credentials. Throws `invalid-config` when they are refused. */
  testConnection(): Promise<void>;
  /**
   * Creates the mailbox, or confirms that it exists; an existing one keeps its password.
   * Throws `not-found` when the domain is unknown to this connection, `invalid-input` for a refused address or password.
   */
  ensureMailbox(spec: MailboxSpec): Promise<Mailbox>;
  /** The mailbox, or undefined. */
  findMailbox(address: string): Promise<Mailbox | undefined>;
  /** Mailboxes of the domain; throws `not-found` when the domain is unknown. */
  listMailboxes(domain: string): Promise<Mailbox[]>;
  /** Throws `not-found`. */
  setPassword(address: string, password: string): Promise<void>;
  /** Removes the mailbox and its mail. An absent mailbox is success. */
  removeMailbox(address: string): Promise<void>;
}

export type MailboxExtras = {
  domains: {
    /**
     * Makes the vendor take mail for the domain, or confirms that it does. Where the capability is absent, domains come to the
     * vendor by another way, such as with a hosting account.
     */
    ensureDomain(domain: string): Promise<void>;
    /** Removes the domain with its mailboxes, their mail and its forwards. An absent domain is success. */
    removeDomain(domain: string): Promise<void>;
  };
  forwards: {
    /** After the call mail for the address goes to exactly these targets; an empty list removes the forward. */
    putForwards(address: string, targets: string[]): Promise<void>;
    listForwards(domain: string): Promise<{ address: string; targets: string[] }[]>;
  };
  quota: {
    /** Megabytes; 0 = unlimited. Throws `not-found`. */
    setQuota(address: string, quotaMb: number): Promise<void>;
  };
  suspend: {
    /** Refuses log-ins but keeps the mail. Throws `not-found`. */
    suspendMailbox(address: string): Promise<void>;
    unsuspendMailbox(address: string): Promise<void>;
  };
};

export const mailboxPort = definePort<MailboxPort, MailboxExtras>({
  id: 'mailbox',
  version: 1,
  methods: ['testConnection', 'ensureMailbox', 'findMailbox', 'listMailboxes', 'setPassword', 'removeMailbox'],
  capabilities: {
    domains: ['ensureDomain', 'removeDomain'],
    forwards: ['putForwards', 'listForwards'],
    quota: ['setQuota'],
    suspend: ['suspendMailbox', 'unsuspendMailbox'],
  },
  reads: ['testConnection', 'findMailbox', 'listMailboxes', 'listForwards'],
});
