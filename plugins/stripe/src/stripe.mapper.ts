import type { Stripe } from 'stripe';
import type { Checkout, Money, Payment, PaymentInvoice, PaymentSubscription, Refund } from '@keelson/core';

/** Where a refund keeps our id of it. */
export const refundReferenceKey = 'keelson_reference';

const checkoutStatuses: Record<string, Checkout['status']> = { complete: 'complete', expired: 'expired' };
const paidStatuses: Record<string, Checkout['paymentStatus']> = { paid: 'paid', no_payment_required: 'not-required' };
const subscriptionStatuses: Record<string, PaymentSubscription['status']> = {
  incomplete: 'incomplete',
  incomplete_expired: 'cancelled',
  trialing: 'trialing',
  active: 'active',
  past_due: 'past-due',
  unpaid: 'unpaid',
  paused: 'paused',
  canceled: 'cancelled',
};
const paymentStatuses: Record<string, Payment['status']> = {
  succeeded: 'succeeded',
  processing: 'processing',
  canceled: 'cancelled',
  requires_payment_method: 'failed',
};
const refundStatuses: Record<string, Refund['status']> = {
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'cancelled',
};

/** Stripe counts the same minor units as we do, with the currency in lower case. */
export function moneyOf(amount: number | null | undefined, currency: string | null | undefined): Money {
  return { amount: amount ?? 0, currency: (currency ?? '').toUpperCase() };
}

/** @param session as the API answers, with `invoice.payments` expanded where the payment of a subscription is wanted */
export function checkoutOf(session: Stripe.Checkout.Session): Checkout {
  const invoice = typeof session.invoice === 'object' ? session.invoice : undefined;
  return {
    id: session.id,
    ...optional('url', session.url),
    status: checkoutStatuses[session.status ?? ''] ?? 'open',
    paymentStatus: paidStatuses[session.payment_status] ?? 'unpaid',
    ...optional('reference', session.client_reference_id),
    total: moneyOf(session.amount_total, session.currency),
    discountAmount: session.total_details?.amount_discount ?? 0,
    taxAmount: session.total_details?.amount_tax ?? 0,
    ...optional('vendorCustomerId', idOf(session.customer)),
    ...optional('vendorSubscriptionId', idOf(session.subscription)),
    ...optional('vendorInvoiceId', idOf(session.invoice)),
    ...optional('vendorPaymentId', idOf(session.payment_intent) ?? paymentOfInvoice(invoice)),
    ...optional('email', session.customer_details?.email ?? session.customer_email),
    ...optional('name', session.customer_details?.name),
    metadata: { ...session.metadata },
    live: session.livemode,
  };
}

/** The period is that of the item which runs out first: flexible billing lets items run for different times. */
export function subscriptionOf(subscription: Stripe.Subscription): PaymentSubscription {
  const items = subscription.items.data;
  const next = items.reduce<Stripe.SubscriptionItem | undefined>(
    (first, item) => (first === undefined || item.current_period_end < first.current_period_end ? item : first),
    undefined,
  );
  return {
    id: subscription.id,
    status: subscriptionStatuses[subscription.status] ?? 'incomplete',
    vendorCustomerId: idOf(subscription.customer) ?? '',
    ...optional('currentPeriodStart', dateOf(next?.current_period_start)),
    ...optional('currentPeriodEnd', dateOf(next?.current_period_end)),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    ...optional('endedAt', dateOf(subscription.ended_at)),
    metadata: { ...subscription.metadata },
    items: items.map((item) => ({
      id: item.id,
      ...optional('vendorPriceId', item.price.id),
      unitAmount: item.price.unit_amount ?? 0,
      quantity: item.quantity ?? 1,
    })),
  };
}

/** Fields that invoices of API versions before 2025-03-31 carry. Webhook endpoints may still send them. */
interface OldInvoice {
  subscription?: string | { id: string } | null;
}

/** `period_start` of an invoice is not the time that is paid for; that of its lines is. */
export function invoiceOf(invoice: Stripe.Invoice): PaymentInvoice {
  const lines = invoice.lines.data.filter((line) => line.parent?.type !== 'invoice_item_details');
  const starts = lines.map((line) => line.period.start);
  const ends = lines.map((line) => line.period.end);
  const subscription = invoice.parent?.subscription_details?.subscription ?? (invoice as OldInvoice).subscription;
  return {
    id: invoice.id,
    ...optional('number', invoice.number),
    status: invoiceStatusOf(invoice.status),
    ...optional('vendorSubscriptionId', idOf(subscription)),
    ...optional('vendorCustomerId', idOf(invoice.customer)),
    total: moneyOf(invoice.total, invoice.currency),
    paid: moneyOf(invoice.amount_paid, invoice.currency),
    attemptCount: invoice.attempt_count,
    ...optional('nextAttemptAt', dateOf(invoice.next_payment_attempt)),
    ...(lines.length === 0 ? {} : { periodStart: dateOf(Math.min(...starts)), periodEnd: dateOf(Math.max(...ends)) }),
    ...optional('hostedUrl', invoice.hosted_invoice_url),
  };
}

function invoiceStatusOf(status: string | null): PaymentInvoice['status'] {
  return status === 'open' || status === 'paid' || status === 'void' || status === 'uncollectible' ? status : 'draft';
}

/**
 * @param payment with `latest_charge` expanded
 * @param invoiceId the invoice that it pays: payments do not name it since API version 2025-03-31
 */
export function paymentOf(payment: Stripe.PaymentIntent, invoiceId: string | undefined): Payment {
  const charge = typeof payment.latest_charge === 'object' ? payment.latest_charge : undefined;
  return {
    id: payment.id,
    status: paymentStatuses[payment.status] ?? 'requires-action',
    amount: moneyOf(payment.status === 'succeeded' ? payment.amount_received : payment.amount, payment.currency),
    refunded: charge?.amount_refunded ?? 0,
    ...optional('vendorCustomerId', idOf(payment.customer)),
    ...optional('vendorInvoiceId', invoiceId),
    metadata: { ...payment.metadata },
  };
}

export function refundOf(refund: Stripe.Refund): Refund {
  return {
    id: refund.id,
    status: refundStatuses[refund.status ?? ''] ?? 'pending',
    amount: moneyOf(refund.amount, refund.currency),
    ...optional('vendorPaymentId', idOf(refund.payment_intent)),
    ...optional('reference', refund.metadata?.[refundReferenceKey]),
  };
}

export function disputeOf(dispute: Stripe.Dispute): {
  id: string;
  vendorPaymentId: string;
  status: 'open' | 'won' | 'lost';
  amount: Money;
} {
  const won = ['won', 'prevented', 'warning_closed'].includes(dispute.status);
  return {
    id: dispute.id,
    vendorPaymentId: idOf(dispute.payment_intent) ?? '',
    status: won ? 'won' : dispute.status === 'lost' ? 'lost' : 'open',
    amount: moneyOf(dispute.amount, dispute.currency),
  };
}

function paymentOfInvoice(invoice: Stripe.Invoice | null | undefined): string | undefined {
  const paid = invoice?.payments?.data.find((one) => one.status === 'paid');
  return idOf(paid?.payment.payment_intent);
}

/** Id of something that the API gives as an id or, expanded, as the object. */
export function idOf(value: string | { id: string } | null | undefined): string | undefined {
  return (typeof value === 'object' ? value?.id : value) ?? undefined;
}

function dateOf(seconds: number | null | undefined): Date | undefined {
  return seconds === null || seconds === undefined ? undefined : new Date(seconds * 1000);
}

function optional<K extends string, V>(name: K, value: V | null | undefined): { [N in K]?: V } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [N in K]?: V };
}
