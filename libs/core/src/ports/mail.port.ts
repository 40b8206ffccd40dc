import { definePort } from './port.js';

export interface MailAddress {
  name?: string;
  address: string;
}

export interface MailMessage {
  /** Message-ID without angle brackets, the same at every repetition, so that a receiver can see a doublet. */
  messageId: string;
  from: MailAddress;
  to: MailAddress[];
  replyTo?: MailAddress;
  subject: string;
  text: string;
  html?: string;
  /** Further headers; no value may hold a line break. */
  headers?: Record<string, string>;
}

export interface MailReceipt {
  messageId: string;
  /** Addresses the server took. */
  accepted: string[];
  /** Addresses the server refused for good. */
  rejected: string[];
  /** The server's last answer, such as `250 2.0.0 Ok: queued as …`. */
  response: string;
}

/**
 * Hands messages to a mail server.
 *
 * Mail knows no repetition key: a message whose answer was lost may arrive twice, with the same Message-ID.
 */
export interface MailPort {
  /** Resolves when the server accepts a session with these credentials. Throws `invalid-config` when they are refused. */
  testConnection(): Promise<void>;
  /**
   * Resolves when the server took responsibility for at least one recipient. Throws `invalid-input` when it refused all for
   * good (5xx) or when a header would break the message, `unavailable` when it asked to come back (4xx) or was not
   * reached, `outcome-unknown` when the answer after the last byte was lost.
   */
  sendMail(message: MailMessage): Promise<MailReceipt>;
}

export type MailExtras = {
  dkim: {
    /** DNS name and TXT value that receivers need for the signatures; undefined when signing is off. */
    findDkimRecord(): Promise<{ name: string; value: string } | undefined>;
  };
};

export const mailPort = definePort<MailPort, MailExtras>({
  id: 'mail',
  version: 1,
  methods: ['testConnection', 'sendMail'],
  capabilities: { dkim: ['findDkimRecord'] },
  reads: ['testConnection', 'findDkimRecord'],
  deadlines: { sendMail: 60_000 },
});
