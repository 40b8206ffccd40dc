import { declinePayment, openPayment, payInvoiceWith, succeedPayment } from './payments.js';
import type {
  Invoice,
  InvoiceLine,
  PaymentIntent,
  Price,
  Product,
  Subscription,
  SubscriptionItem,
} from './stripe-objects.js';
import { listOf, seconds, token, type StripeStore } from './stripe-store.js';

/** A line for one item of a subscription and its current period. */
export function recurringLine(
  store: StripeStore,
  subscription: Subscription,
  item: SubscriptionItem,
  amount: number,
  proration = false,
): InvoiceLine {
  return {
    ...lineOf(store, item.price, item.quantity, amount),
    period: { start: item.current_period_start, end: item.current_period_end },
    parent: {
      type: 'subscription_item_details',
      subscription_item_details: { subscription: subscription.id, subscription_item: item.id, proration },
    },
  };
}

/** A line that is paid once, on the first invoice. */
export function oneTimeLine(store: StripeStore, price: Price, quantity: number): InvoiceLine {
  const now = seconds();
  return {
    ...lineOf(store, price, quantity, price.unit_amount * quantity),
    period: { start: now, end: now },
    parent: { type: 'invoice_item_details', invoice_item_details: { proration: false } },
  };
}

function lineOf(
  store: StripeStore,
  price: Price,
  quantity: number,
  amount: number,
): Omit<InvoiceLine, 'period' | 'parent'> {
  return {
    id: `il_${token(24)}`,
    object: 'line_item',
    description: `${quantity} × ${store.get<Product>('product', price.product).name}`,
    amount,
    currency: price.currency,
    quantity,
    pricing: {
      type: 'price_details',
      price_details: { price: price.id, product: price.product },
      unit_amount_decimal: price.unit_amount_decimal,
    },
  };
}

/** Makes an invoice and finalises it; it is then open. */
export function issueInvoice(
  store: StripeStore,
  of: { subscription: Subscription; lines: InvoiceLine[]; discount: number; reason: Invoice['billing_reason'] },
): Invoice {
  const { subscription, lines, discount } = of;
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0);
  const total = subtotal - discount;
  const now = seconds();
  const head = store.head('invoice', 'in');
  const invoice = store.put<Invoice>({
    ...head,
    number: null,
    status: 'draft',
    billing_reason: of.reason,
    customer: subscription.customer,
    currency: subscription.currency,
    subtotal,
    total,
    total_discount_amounts: discount === 0 ? [] : [{ amount: discount }],
    amount_due: total,
    amount_paid: 0,
    amount_remaining: total,
    attempt_count: 0,
    attempted: false,
    next_payment_attempt: null,
    auto_advance: true,
    hosted_invoice_url: null,
    period_start: now,
    period_end: now,
    status_transitions: { finalized_at: null, paid_at: null },
    parent: {
      type: 'subscription_details',
      subscription_details: { subscription: subscription.id, metadata: { ...subscription.metadata } },
    },
    lines: listOf(lines, `/v1/invoices/${head.id}/lines`),
    metadata: {},
  });
  subscription.latest_invoice = invoice.id;
  store.emit('invoice.created', invoice);
  store.state.invoiceCount += 1;
  invoice.number = `SIM-${String(store.state.invoiceCount).padStart(6, '0')}`;
  invoice.status = 'open';
  invoice.status_transitions.finalized_at = now;
  store.emit('invoice.finalized', invoice);
  return invoice;
}

/** The invoice is paid; one of nothing is paid without a payment. @param payment taken up, when there is one already */
export function settleInvoice(store: StripeStore, invoice: Invoice, payment?: PaymentIntent): void {
  if (invoice.total > 0) {
    const taken = payment ?? openPayment(store, paymentFor(invoice));
    succeedPayment(store, taken);
    payInvoiceWith(store, invoice, taken);
    invoice.attempted = true;
    invoice.attempt_count += 1;
  }
  invoice.status = 'paid';
  invoice.amount_paid = invoice.total;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = seconds();
  store.emit('invoice.paid', invoice);
  store.emit('invoice.payment_succeeded', invoice);
}

/** The card is refused; another attempt follows in three days. */
export function failInvoice(store: StripeStore, invoice: Invoice): void {
  declinePayment(store, openPayment(store, paymentFor(invoice)));
  invoice.attempted = true;
  invoice.attempt_count += 1;
  invoice.next_payment_attempt = seconds() + 3 * 86_400;
  store.emit('invoice.payment_failed', invoice);
}

function paymentFor({ total, currency, customer }: Invoice) {
  return { amount: total, currency, customer, metadata: {} };
}
