import type { Money } from '../money.types.js';
import { definePort } from './port.js';

export interface CheckoutLine {
  name: string;
  description?: string;
  /** Minor units of the checkout's currency, before discount and tax. */
  unitAmount: number;
  quantity: number;
  /** Absent: paid once. */
  recurring?: { interval: 'month' | 'year'; count: number };
  /** A price kept at the vendor; used instead of amount and name when given. */
  vendorPriceId?: string;
}

export interface CheckoutSpec {
  /** Our id of the checkout; also the repetition key: the same reference never makes a second page. */
  reference: string;
  mode: 'subscription' | 'payment';
  currency: string;
  lines: CheckoutLine[];
  /** Taken off the first payment. */
  discount?: { label: string; percentOff: number } | { label: string; amountOff: number };
  email: string;
  /** The vendor's id of a customer that is known there. */
  vendorCustomerId?: string;
  trialDays?: number;
  /** May hold `{CHECKOUT_SESSION_ID}`, which the vendor replaces by the id of the page. */
  successUrl: string;
  cancelUrl: string;
  /** Copied to the page and to what comes of it (subscription, payment). */
  metadata: Record<string, string>;
  expiresAt?: Date;
}

export interface Checkout {
  id: string;
  /** Where the customer pays; undefined once finished. */
  url?: string;
  status: 'open' | 'complete' | 'expired';
  /** `not-required`: a free trial or nothing to pay. */
  paymentStatus: 'paid' | 'unpaid' | 'not-required';
  reference?: string;
  total: Money;
  /** Minor units. */
  discountAmount: number;
  taxAmount: number;
  vendorCustomerId?: string;
  vendorSubscriptionId?: string;
  vendorInvoiceId?: string;
  vendorPaymentId?: string;
  email?: string;
  name?: string;
  metadata: Record<string, string>;
  live: boolean;
}

export interface PaymentSubscription {
  id: string;
  status: 'incomplete' | 'trialing' | 'active' | 'past-due' | 'unpaid' | 'paused' | 'cancelled';
  vendorCustomerId: string;
  currentPeriodStart?: Date;
  currentPeriodEnd?: Date;
  cancelAtPeriodEnd: boolean;
  endedAt?: Date;
  metadata: Record<string, string>;
  items: { id: string; vendorPriceId?: string; unitAmount: number; quantity: number }[];
}

export interface PaymentInvoice {
  id: string;
  number?: string;
  status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
  vendorSubscriptionId?: string;
  vendorCustomerId?: string;
  total: Money;
  paid: Money;
  attemptCount: number;
  nextAttemptAt?: Date;
  /** The time that is paid for. */
  periodStart?: Date;
  periodEnd?: Date;
  hostedUrl?: string;
}

export interface Payment {
  id: string;
  status: 'succeeded' | 'processing' | 'failed' | 'cancelled' | 'requires-action';
  amount: Money;
  refunded: number;
  vendorCustomerId?: string;
  vendorInvoiceId?: string;
  metadata: Record<string, string>;
}

/** Something happened at the vendor. It is a hint: the object is read again before anything is done. */
export interface PaymentEvent {
  /** Unique per vendor. */
  id: string;
  /** The vendor's own name of the event, for the log. */
  type: string;
  /** What to read again; undefined for events that Keelson does not act on. */
  subject?: { kind: 'checkout' | 'subscription' | 'invoice' | 'payment' | 'refund' | 'dispute'; id: string };
  createdAt: Date;
  live: boolean;
}

export interface RefundSpec {
  /** Our id of the refund; also the repetition key. */
  reference: string;
  vendorPaymentId: string;
  /** Minor units; absent: everything that is left. */
  amount?: number;
  reason?: 'duplicate' | 'fraudulent' | 'requested-by-customer';
}

export interface Refund {
  id: string;
  status: 'pending' | 'succeeded' | 'failed' | 'cancelled';
  amount: Money;
  /** The payment that it takes back. */
  vendorPaymentId?: string;
  /** Our id of the refund; undefined for one that was made at the vendor by hand. */
  reference?: string;
}

/** Takes money through a payment page and says what became of it. */
export interface PaymentPort {
  /** Resolves when the vendor can be reached with these credentials. Throws `invalid-config` when they are refused. */
  testConnection(): Promise<void>;
  /** Makes a payment page, or returns the one made for this reference. */
  createCheckout(spec: CheckoutSpec): Promise<Checkout>;
  /** Throws `not-found`. */
  getCheckout(id: string): Promise<Checkout>;
  /**
   * Verifies signature and age over the exact bytes received, then reads the event. Throws `invalid-input` when either is
   * wrong, without saying which. No network.
   * @param body raw request body
   * @param headers request headers, names in lower case
   */
  parseWebhook(body: Uint8Array, headers: Record<string, string>): Promise<PaymentEvent>;
  /** Throws `not-found`. */
  getSubscription(id: string): Promise<PaymentSubscription>;
  /** Throws `not-found`. */
  getInvoice(id: string): Promise<PaymentInvoice>;
  /** Throws `not-found`. */
  getPayment(id: string): Promise<Payment>;
  /** Moves the subscription to another price. Repeating it changes nothing. */
  changeSubscription(
    id: string,
    change: { lines: CheckoutLine[]; proration: 'none' | 'next-invoice' | 'now' },
  ): Promise<PaymentSubscription>;
  /** Ends the subscription now or at the end of what is paid. A cancelled one is success. */
  cancelSubscription(id: string, when: 'now' | 'period-end'): Promise<PaymentSubscription>;
  /** Gives money back, or returns the refund made for this reference. Throws `wrong-state` when more is asked than is left. */
  refund(spec: RefundSpec): Promise<Refund>;
  /** Throws `not-found`. */
  getRefund(id: string): Promise<Refund>;
  /** A page where the customer keeps cards and invoices. The URL is a secret. */
  createPortalLink(vendorCustomerId: string, returnUrl: string): Promise<string>;
}

export type PaymentExtras = {
  'off-session-charge': {
    /** Charges a saved method. `reference` is the repetition key. */
    chargeOffSession(charge: {
      reference: string;
      vendorCustomerId: string;
      amount: Money;
      description: string;
    }): Promise<Payment>;
  };
  tax: {
    /** Whether the vendor adds tax on its page. */
    calculatesTax(): Promise<boolean>;
  };
  disputes: {
    getDispute(
      id: string,
    ): Promise<{ id: string; vendorPaymentId: string; status: 'open' | 'won' | 'lost'; amount: Money }>;
  };
};

export const paymentPort = definePort<PaymentPort, PaymentExtras>({
  id: 'payment',
  version: 1,
  methods: [
    'testConnection',
    'createCheckout',
    'getCheckout',
    'parseWebhook',
    'getSubscription',
    'getInvoice',
    'getPayment',
    'changeSubscription',
    'cancelSubscription',
    'refund',
    'getRefund',
    'createPortalLink',
  ],
  capabilities: {
    'off-session-charge': ['chargeOffSession'],
    tax: ['calculatesTax'],
    disputes: ['getDispute'],
  },
  reads: [
    'testConnection',
    'getCheckout',
    'parseWebhook',
    'getSubscription',
    'getInvoice',
    'getPayment',
    'getRefund',
    'calculatesTax',
    'getDispute',
  ],
});
