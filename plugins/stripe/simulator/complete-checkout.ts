import { ApiError, invalid } from './api-error.js';
import { dueLines } from './checkout-sessions.js';
import { issueInvoice, oneTimeLine, recurringLine, settleInvoice } from './invoices.js';
import { declinePayment, openPayment, succeedPayment } from './payments.js';
import type { CheckoutSession, Customer, PaymentIntent } from './stripe-objects.js';
import type { CheckoutDraft, StripeStore } from './stripe-store.js';
import { startSubscription } from './subscriptions.js';

/** What the customer types on the page. */
export interface PaymentForm {
  card?: string;
  name?: string;
}

const payingCard = '4242424242424242';
const decliningCard = '4000000000009995';

/**
 * Pays the page, as a customer does. Only now customer, subscription, invoice and payment come to be.
 * A page that is complete already stays as it is.
 * @throws ApiError 402 when the card is refused (the page stays open), 400 when the page is closed or the card is no card
 */
export function completeCheckout(store: StripeStore, id: string, form: PaymentForm): CheckoutSession {
  const session = store.get<CheckoutSession>('checkout.session', id);
  const draft = store.state.drafts[id];
  if (session.status === 'complete') return session;
  if (session.status === 'expired' || draft === undefined) throw invalid('This payment page has expired.');
  if (needsCard(session)) chargeable(store, session, draft, form.card);
  const customer = customerOf(store, session, form.name);
  session.customer = customer;
  if (session.mode === 'subscription') subscribe(store, session, draft, customer ?? '');
  else payOnce(store, session, draft);
  session.status = 'complete';
  session.url = null;
  session.payment_status = session.amount_total > 0 ? 'paid' : 'no_payment_required';
  session.customer_details = {
    email: session.customer_details?.email ?? session.customer_email,
    name: form.name ?? null,
    address: null,
    phone: null,
    tax_ids: [],
  };
  store.emit('checkout.session.completed', session);
  return session;
}

/** Subscriptions keep a card for later even when nothing is due now. */
export function needsCard(session: CheckoutSession): boolean {
  return session.mode === 'subscription' || session.amount_total > 0;
}

function chargeable(
  store: StripeStore,
  session: CheckoutSession,
  draft: CheckoutDraft,
  given: string | undefined,
): void {
  const card = (given ?? '').replace(/[\s-]/g, '');
  if (card === payingCard) return;
  if (card !== decliningCard) {
    throw new ApiError(400, {
      type: 'card_error',
      code: 'incorrect_number',
      message: `Your card number is incorrect. This page takes the test cards ${payingCard} (pays) and ${decliningCard} (declined).`,
    });
  }
  if (session.amount_total > 0) declinePayment(store, paymentOf(store, session, draft));
  throw new ApiError(402, {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds. Try a different card.',
  });
}

function paymentOf(store: StripeStore, session: CheckoutSession, draft: CheckoutDraft): PaymentIntent {
  const begun =
    draft.paymentIntent === undefined ? undefined : store.find<PaymentIntent>('payment_intent', draft.paymentIntent);
  const payment =
    begun ??
    openPayment(store, {
      amount: session.amount_total,
      currency: session.currency,
      customer: session.customer,
      metadata: draft.paymentMetadata,
    });
  draft.paymentIntent = payment.id;
  payment.customer = session.customer;
  return payment;
}

function customerOf(store: StripeStore, session: CheckoutSession, name: string | undefined): string | null {
  if (session.customer !== null) return session.customer;
  if (session.mode === 'payment' && session.customer_creation !== 'always') return null;
  const customer = store.put<Customer>({
    ...store.head('customer', 'cus'),
    email: session.customer_email,
    name: name ?? null,
    metadata: {},
  });
  store.emit('customer.created', customer);
  return customer.id;
}

function payOnce(store: StripeStore, session: CheckoutSession, draft: CheckoutDraft): void {
  if (session.amount_total === 0) return;
  const payment = paymentOf(store, session, draft);
  succeedPayment(store, payment);
  session.payment_intent = payment.id;
}

function subscribe(store: StripeStore, session: CheckoutSession, draft: CheckoutDraft, customer: string): void {
  const subscription = startSubscription(store, {
    customer,
    lines: draft.lines.filter(({ price }) => price.recurring !== null),
    ...(draft.trialDays === undefined ? {} : { trialDays: draft.trialDays }),
    metadata: draft.subscriptionMetadata,
  });
  store.emit('customer.subscription.created', subscription);
  const trial = draft.trialDays !== undefined;
  const lines = [
    ...subscription.items.data.map((item) =>
      recurringLine(store, subscription, item, trial ? 0 : item.price.unit_amount * item.quantity),
    ),
    ...dueLines(draft)
      .filter(({ price }) => price.recurring === null)
      .map(({ price, quantity }) => oneTimeLine(store, price, quantity)),
  ];
  const discount = session.total_details.amount_discount;
  const invoice = issueInvoice(store, { subscription, lines, discount, reason: 'subscription_create' });
  settleInvoice(store, invoice, session.amount_total > 0 ? paymentOf(store, session, draft) : undefined);
  session.subscription = subscription.id;
  session.invoice = invoice.id;
}
