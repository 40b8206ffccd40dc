import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  PortError,
  type Checkout,
  type CheckoutLine,
  type CheckoutSpec,
  type Money,
  type Payment,
  type PaymentEvent,
  type PaymentInvoice,
  type PaymentSubscription,
  type Refund,
} from '@keelson/core';
import { MemoryCalls } from './memory-calls.js';

/** A dispute, as the capability `disputes` shows it. */
export interface MemoryDispute {
  id: string;
  vendorPaymentId: string;
  status: 'open' | 'won' | 'lost';
  amount: Money;
}

interface Page {
  spec: CheckoutSpec;
  checkout: Checkout;
}

const dayMs = 86_400_000;
const toleranceMs = 300_000;

/** A payment provider in memory: what its API holds, and what customers, banks and time do to it. */
export class MemoryPaymentVendor {
  readonly calls = new MemoryCalls();
  readonly accessKey = 'memory-access-key-0123456789';
  readonly webhookSecret = 'memory-webhook-secret-0123456789';
  readonly pages = new Map<string, Page>();
  readonly customers = new Set<string>();
  readonly subscriptions = new Map<string, PaymentSubscription>();
  readonly invoices = new Map<string, PaymentInvoice>();
  readonly payments = new Map<string, Payment>();
  readonly refunds = new Map<string, Refund>();
  readonly disputes = new Map<string, MemoryDispute>();
  private count = 0;

  newId(kind: string): string {
    this.count += 1;
    return `${kind}_${this.count}`;
  }

  /** Pays the page as a customer does. A paid page stays as it is. */
  pay(checkoutId: string): void {
    const { spec, checkout } = found(this.pages, checkoutId);
    if (checkout.status !== 'open') return;
    const customer = spec.vendorCustomerId ?? this.newId('customer');
    this.customers.add(customer);
    const { total } = checkout;
    if (spec.mode === 'subscription') this.subscribe(spec, checkout, customer);
    if (total.amount > 0) {
      const id = this.newId('payment');
      const invoice = checkout.vendorInvoiceId === undefined ? {} : { vendorInvoiceId: checkout.vendorInvoiceId };
      const metadata = spec.mode === 'payment' ? { ...spec.metadata } : {};
      this.payments.set(id, {
        id,
        status: 'succeeded',
        amount: total,
        refunded: 0,
        vendorCustomerId: customer,
        ...invoice,
        metadata,
      });
      checkout.vendorPaymentId = id;
    }
    checkout.vendorCustomerId = customer;
    checkout.status = 'complete';
    checkout.paymentStatus = total.amount > 0 ? 'paid' : 'not-required';
    delete checkout.url;
  }

  private subscribe(spec: CheckoutSpec, checkout: Checkout, customer: string): void {
    const start = new Date();
    const recurring = spec.lines.filter((line) => line.recurring !== undefined);
    const ends = recurring.map((line) => afterMonths(start, monthsOf(line)).getTime());
    const end =
      spec.trialDays === undefined ? new Date(Math.min(...ends)) : new Date(start.getTime() + spec.trialDays * dayMs);
    const subscription: PaymentSubscription = {
      id: this.newId('subscription'),
      status: spec.trialDays === undefined ? 'active' : 'trialing',
      vendorCustomerId: customer,
      currentPeriodStart: start,
      currentPeriodEnd: end,
      cancelAtPeriodEnd: false,
      metadata: { ...spec.metadata },
      items: recurring.map((line) => this.itemOf(line)),
    };
    this.subscriptions.set(subscription.id, subscription);
    const invoice: PaymentInvoice = {
      id: this.newId('invoice'),
      status: 'paid',
      vendorSubscriptionId: subscription.id,
      vendorCustomerId: customer,
      total: checkout.total,
      paid: checkout.total,
      attemptCount: checkout.total.amount > 0 ? 1 : 0,
      periodStart: start,
      periodEnd: end,
    };
    this.invoices.set(invoice.id, invoice);
    checkout.vendorSubscriptionId = subscription.id;
    checkout.vendorInvoiceId = invoice.id;
  }

  itemOf({ unitAmount, quantity, vendorPriceId }: CheckoutLine): PaymentSubscription['items'][number] {
    return { id: this.newId('item'), unitAmount, quantity, ...(vendorPriceId === undefined ? {} : { vendorPriceId }) };
  }

  /** The page's time runs out. */
  expire(checkoutId: string): void {
    const { checkout } = found(this.pages, checkoutId);
    checkout.status = 'expired';
    delete checkout.url;
  }

  /** The customer's bank takes a payment back. Returns the dispute's id. */
  dispute(paymentId: string): string {
    const { amount } = found(this.payments, paymentId);
    const id = this.newId('dispute');
    this.disputes.set(id, { id, vendorPaymentId: paymentId, status: 'open', amount });
    return id;
  }

  /** A signed webhook; without a subject, one of a type that nobody acts on. */
  webhook(about: PaymentEvent['subject'], signedAt: Date): { body: Buffer; headers: Record<string, string> } {
    const event = {
      id: this.newId('event'),
      type: about === undefined ? 'unheard-of' : `${about.kind}.changed`,
      subject: about,
      at: signedAt.getTime(),
      note: 'Käse & Brot ✓',
    };
    const body = Buffer.from(JSON.stringify(event, null, 2));
    const signature = sign(this.webhookSecret, signedAt.getTime(), body).toString('hex');
    return { body, headers: { 'memory-signature': `${signedAt.getTime()}.${signature}` } };
  }
}

/** Whether the header signs these bytes with the secret, within 300 s of now in either direction. */
export function isSigned(secret: string, header: string | undefined, body: Uint8Array, now: Date): boolean {
  const [, at, signature] = /^(\d{1,16})\.([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (at === undefined || signature === undefined) return false;
  if (Math.abs(now.getTime() - Number(at)) > toleranceMs) return false;
  return timingSafeEqual(sign(secret, Number(at), body), Buffer.from(signature, 'hex'));
}

function sign(secret: string, at: number, body: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${at}.`).update(body).digest();
}

/** @throws PortError `not-found` */
export function found<T>(among: ReadonlyMap<string, T>, id: string): T {
  const one = among.get(id);
  if (one === undefined) throw new PortError('not-found', 'The payment provider does not know this object.');
  return one;
}

function monthsOf({ recurring }: CheckoutLine): number {
  return (recurring?.count ?? 1) * (recurring?.interval === 'year' ? 12 : 1);
}

/** The same day so many months later, or the last day of a month that is shorter. */
function afterMonths(date: Date, months: number): Date {
  const result = new Date(date);
  result.setUTCMonth(date.getUTCMonth() + months);
  if (result.getUTCDate() !== date.getUTCDate()) result.setUTCDate(0);
  return result;
}
