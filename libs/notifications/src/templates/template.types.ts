import type { ProductType } from '@keelson/core';

/** Who the mail is from, for every template. */
export interface Brand {
  companyName: string;
  supportEmail: string;
}

/** Names of people and things are plain text; URLs are `http` or `https`. */
export interface WelcomeData {
  customerName?: string;
  productName: string;
  productType: ProductType;
  /** Shown as the customer typed it or in A-labels. */
  domain?: string;
  /** Whether the domain lies with us. When not, the customer has to point it at our name servers. */
  domainIsOurs: boolean;
  /** The customer's own login here. Without a password when the customer chose one at checkout. */
  login: { url: string; userName: string; temporaryPassword?: string };
  /** The hosting panel. */
  panel?: { url?: string; userName: string; password?: string };
  /** Of a product that is a licence. */
  licenceKey?: string;
  nameservers: string[];
  mailbox?: { address: string; password?: string };
}

export interface CredentialsData {
  customerName?: string;
  productName: string;
  domain?: string;
  /** The customer's own login here; its password is known to nobody. */
  login: { url: string; userName: string };
  panel?: { url?: string; userName: string; password?: string };
  /** Of a product that is a licence. */
  licenceKey?: string;
  mailbox?: { address: string; password?: string };
}

export interface PasswordResetData {
  customerName?: string;
  /** Carries the one-time token. */
  resetUrl: string;
  validMinutes: number;
}

export interface ProvisioningDelayedData {
  customerName?: string;
  productName: string;
  domain?: string;
}

export interface OperatorAttentionData {
  /** What needs a person, in a few words. */
  title: string;
  /** Why it stopped and what to do. */
  reason: string;
  /** What it is about, such as job, customer and domain. */
  facts: { name: string; value: string }[];
  /** Where it is dealt with. */
  url?: string;
}

export interface DomainRefusedData {
  customerName?: string;
  domain: string;
  /** What was asked of the registrar. */
  during: 'registration' | 'transfer';
  /** One sentence; names no vendor. */
  reason: string;
  /** What the customer can do so that it goes on; without one the customer decides what becomes of the order. */
  remedy?: 'auth-code' | 'unlock' | 'wait';
}

/** What each template is filled with. */
export interface TemplateData {
  welcome: WelcomeData;
  credentials: CredentialsData;
  'password-reset': PasswordResetData;
  'provisioning-delayed': ProvisioningDelayedData;
  'operator-attention': OperatorAttentionData;
  'domain-refused': DomainRefusedData;
}

export type TemplateName = keyof TemplateData;

/** The three parts of a mail in Mustache (https://mustache.github.io). HTML is put into the common frame. */
export interface MailTemplate<Data> {
  subject: string;
  text: string;
  html: string;
  /** Adds to the data what follows from it. */
  derive?(data: Data & Brand): object;
}
