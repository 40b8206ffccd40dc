import { ApiError, invalid } from './api-error.js';
import type { Charge, Dispute, Invoice, InvoicePayment, Metadata, PaymentIntent, Refund } from './stripe-objects.js';
import type { StripeStore } from './stripe-store.js';

/** A payment that waits for a card. */
export function openPayment(
  store: StripeStore,
  of: { amount: number; currency: string; customer: string | null; metadata: Metadata },
): PaymentIntent {
  const payment = store.put<PaymentIntent>({
    ...store.head('payment_intent', 'pi'),
    ...of,
    status: 'requires_payment_method',
    amount_received: 0,
    latest_charge: null,
    last_payment_error: null,
  });
  store.emit('payment_intent.created', payment);
  return payment;
}

export function succeedPayment(store: StripeStore, payment: PaymentIntent): void {
  const charge = store.put<Charge>({
    ...store.head('charge', 'ch'),
    status: 'succeeded',
    amount: payment.amount,
    amount_refunded: 0,
    refunded: false,
    disputed: false,
    paid: true,
    currency: payment.currency,
    customer: payment.customer,
    payment_intent: payment.id,
    metadata: payment.metadata,
  });
  payment.status = 'succeeded';
  payment.amount_received = payment.amount;
  payment.latest_charge = charge.id;
  payment.last_payment_error = null;
  store.emit('charge.succeeded', charge);
  store.emit('payment_intent.succeeded', payment);
}

export function declinePayment(store: StripeStore, payment: PaymentIntent): void {
  payment.last_payment_error = {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  };
  store.emit('payment_intent.payment_failed', payment);
}

/** Ties a payment to the invoice that it pays. */
export function payInvoiceWith(store: StripeStore, invoice: Invoice, payment: PaymentIntent): void {
  const paid = store.put<InvoicePayment>({
    ...store.head('invoice_payment', 'inpay'),
    invoice: invoice.id,
    amount_paid: payment.amount_received,
    amount_requested: payment.amount,
    currency: payment.currency,
    status: 'paid',
    payment: { type: 'payment_intent', payment_intent: payment.id },
  });
  store.emit('invoice_payment.paid', paid);
}

/** Gives money back. @param amount absent: all that is left */
export function makeRefund(
  store: StripeStore,
  paymentId: string,
  { amount, reason, metadata }: { amount?: number; reason?: string; metadata: Metadata },
): Refund {
  const payment = store.get<PaymentIntent>('payment_intent', paymentId, 'payment_intent');
  if (payment.latest_charge === null) {
    throw invalid(`This PaymentIntent (${paymentId}) does not have a successful charge to refund.`, 'payment_intent');
  }
  const charge = store.get<Charge>('charge', payment.latest_charge);
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) {
    throw new ApiError(400, {
      type: 'invalid_request_error',
      code: 'charge_already_refunded',
      message: `Charge ${charge.id} has already been refunded.`,
    });
  }
  if ((amount ?? left) > left) {
    throw invalid(`Refund amount (${String(amount)}) is greater than unrefunded amount on charge (${left})`, 'amount');
  }
  const refund = store.put<Refund>({
    ...store.head('refund', 're'),
    status: 'succeeded',
    amount: amount ?? left,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: payment.id,
    reason: reason ?? null,
    metadata,
  });
  charge.amount_refunded += refund.amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  store.emit('refund.created', refund);
  store.emit('charge.refunded', charge);
  return refund;
}

/** The customer's bank takes the money back, for now. */
export function openDispute(store: StripeStore, paymentId: string): Dispute {
  const payment = store.get<PaymentIntent>('payment_intent', paymentId);
  const charge = store.get<Charge>('charge', payment.latest_charge ?? '');
  charge.disputed = true;
  const dispute = store.put<Dispute>({
    ...store.head('dispute', 'du'),
    status: 'needs_response',
    amount: charge.amount - charge.amount_refunded,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: payment.id,
    reason: 'fraudulent',
    is_charge_refundable: false,
    metadata: {},
  });
  store.emit('charge.dispute.created', dispute);
  store.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

export function closeDispute(store: StripeStore, id: string, outcome: 'won' | 'lost'): void {
  const dispute = store.get<Dispute>('dispute', id);
  dispute.status = outcome;
  if (outcome === 'won') store.emit('charge.dispute.funds_reinstated', dispute);
  store.emit('charge.dispute.closed', dispute);
}
