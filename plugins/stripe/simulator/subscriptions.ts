import { invalid } from './api-error.js';
import { listOf as fieldsList, integerOf, metadataOf, refuseUnknown, textOf, type Fields } from './form-fields.js';
import { issueInvoice, recurringLine, settleInvoice, failInvoice } from './invoices.js';
import { periodEnd, priceOf } from './prices.js';
import type { Invoice, Metadata, Price, Recurring, Subscription, SubscriptionItem } from './stripe-objects.js';
import { listOf, seconds, type StripeStore } from './stripe-store.js';

/** Begins a subscription; its first invoice is the caller's business. */
export function startSubscription(
  store: StripeStore,
  of: { customer: string; lines: { price: Price; quantity: number }[]; trialDays?: number; metadata: Metadata },
): Subscription {
  const now = seconds();
  const trialEnd = of.trialDays === undefined ? null : now + of.trialDays * 86_400;
  const anchor = trialEnd ?? now;
  const head = store.head('subscription', 'sub');
  const items = of.lines.map(({ price, quantity }) =>
    itemOf(store, head.id, price, quantity, {
      start: now,
      end: trialEnd ?? periodEnd(now, recurringOf(price), anchor),
    }),
  );
  return store.put<Subscription>({
    ...head,
    status: trialEnd === null ? 'active' : 'trialing',
    customer: of.customer,
    currency: of.lines[0]?.price.currency ?? 'usd',
    items: listOf(items, `/v1/subscription_items?subscription=${head.id}`),
    billing_cycle_anchor: anchor,
    billing_mode: { type: 'flexible' },
    cancel_at_period_end: false,
    cancel_at: null,
    canceled_at: null,
    ended_at: null,
    cancellation_details: { reason: null, feedback: null, comment: null },
    trial_start: trialEnd === null ? null : now,
    trial_end: trialEnd,
    latest_invoice: null,
    collection_method: 'charge_automatically',
    metadata: of.metadata,
  });
}

function itemOf(
  store: StripeStore,
  subscription: string,
  price: Price,
  quantity: number,
  period: { start: number; end: number },
): SubscriptionItem {
  return {
    ...store.head('subscription_item', 'si'),
    subscription,
    price,
    quantity,
    current_period_start: period.start,
    current_period_end: period.end,
    metadata: {},
  };
}

function recurringOf(price: Price): Recurring {
  return price.recurring ?? { interval: 'month', interval_count: 1 };
}

/**
 * The end of the period has come: begins the next one with an invoice, or ends a subscription that was to end then.
 * @returns the invoice, undefined when the subscription ended
 */
export function renewSubscription(store: StripeStore, id: string, outcome: 'paid' | 'failed'): Invoice | undefined {
  const subscription = store.get<Subscription>('subscription', id);
  if (subscription.status === 'canceled') throw invalid('A canceled subscription does not renew.');
  if (subscription.cancel_at_period_end) {
    endSubscription(store, subscription);
    return undefined;
  }
  for (const item of subscription.items.data) {
    item.current_period_start = item.current_period_end;
    item.current_period_end = periodEnd(
      item.current_period_start,
      recurringOf(item.price),
      subscription.billing_cycle_anchor,
    );
  }
  const lines = subscription.items.data.map((item) =>
    recurringLine(store, subscription, item, item.price.unit_amount * item.quantity),
  );
  const invoice = issueInvoice(store, { subscription, lines, discount: 0, reason: 'subscription_cycle' });
  if (outcome === 'paid') settleInvoice(store, invoice);
  else failInvoice(store, invoice);
  subscription.status = outcome === 'paid' ? 'active' : 'past_due';
  store.emit('customer.subscription.updated', subscription);
  return invoice;
}

/** An open invoice is paid by a later attempt. */
export function retryInvoice(store: StripeStore, id: string): void {
  const invoice = store.get<Invoice>('invoice', id);
  if (invoice.status !== 'open') throw invalid(`The invoice is ${invoice.status}.`);
  settleInvoice(store, invoice);
  const subscription = store.get<Subscription>('subscription', invoice.parent.subscription_details.subscription);
  if (subscription.status !== 'past_due') return;
  subscription.status = 'active';
  store.emit('customer.subscription.updated', subscription);
}

export function endSubscription(store: StripeStore, subscription: Subscription): Subscription {
  const now = seconds();
  subscription.status = 'canceled';
  subscription.canceled_at ??= now;
  subscription.ended_at = now;
  subscription.cancellation_details.reason = 'cancellation_requested';
  store.emit('customer.subscription.deleted', subscription);
  return subscription;
}

const updatable = ['items', 'proration_behavior', 'cancel_at_period_end', 'metadata'];

/** `POST /v1/subscriptions/:id`. */
export function updateSubscription(store: StripeStore, id: string, fields: Fields): Subscription {
  const subscription = store.get<Subscription>('subscription', id);
  refuseUnknown(fields, updatable);
  if (subscription.status === 'canceled' && Object.keys(fields).some((name) => name !== 'metadata')) {
    throw invalid('A canceled subscription can only update its cancellation_details and metadata.');
  }
  if (fields.cancel_at_period_end !== undefined)
    setCancelAtPeriodEnd(subscription, fields.cancel_at_period_end === 'true');
  subscription.metadata = { ...subscription.metadata, ...metadataOf(fields.metadata) };
  if (fields.items !== undefined) changeItems(store, subscription, fields);
  store.emit('customer.subscription.updated', subscription);
  return subscription;
}

function setCancelAtPeriodEnd(subscription: Subscription, cancel: boolean): void {
  const ends = subscription.items.data.map((item) => item.current_period_end);
  subscription.cancel_at_period_end = cancel;
  subscription.canceled_at = cancel ? seconds() : null;
  subscription.cancel_at = cancel ? Math.max(...ends) : null;
}

function changeItems(store: StripeStore, subscription: Subscription, fields: Fields): void {
  const before = perPeriod(subscription);
  for (const [index, change] of fieldsList(fields.items).entries())
    changeItem(store, subscription, change, `items[${index}]`);
  if (fields.proration_behavior !== 'always_invoice' || subscription.status === 'trialing') return;
  const item = subscription.items.data[0];
  const difference = perPeriod(subscription) - before;
  if (item === undefined || difference <= 0) return;
  const { current_period_start: start, current_period_end: end } = item;
  const left = Math.max(0, Math.min(1, (end - seconds()) / (end - start)));
  const line = recurringLine(store, subscription, item, Math.round(difference * left), true);
  settleInvoice(
    store,
    issueInvoice(store, { subscription, lines: [line], discount: 0, reason: 'subscription_update' }),
  );
}

function perPeriod(subscription: Subscription): number {
  return subscription.items.data.reduce((sum, item) => sum + item.price.unit_amount * item.quantity, 0);
}

function changeItem(store: StripeStore, subscription: Subscription, change: Fields, param: string): void {
  const { items } = subscription;
  const id = textOf(change.id);
  const existing = items.data.find((item) => item.id === id);
  if (id !== undefined && existing === undefined)
    throw invalid(`No such subscription item: '${id}'`, `${param}[id]`, 'resource_missing');
  if (existing !== undefined && change.deleted === 'true') {
    items.data = items.data.filter((item) => item !== existing);
    return;
  }
  const keepsPrice = existing !== undefined && change.price === undefined && change.price_data === undefined;
  const price = keepsPrice ? existing.price : priceOf(store, change, param, false);
  if (price.recurring === null)
    throw invalid(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      param,
    );
  const quantity = integerOf(change.quantity, `${param}[quantity]`, 1);
  const start = existing?.current_period_start ?? seconds();
  const sameRhythm =
    existing !== undefined && JSON.stringify(existing.price.recurring) === JSON.stringify(price.recurring);
  const end = sameRhythm ? existing.current_period_end : periodEnd(seconds(), price.recurring, seconds());
  if (existing === undefined) items.data.push(itemOf(store, subscription.id, price, quantity ?? 1, { start, end }));
  else {
    Object.assign(existing, { price, quantity: quantity ?? existing.quantity, current_period_end: end });
    if (!sameRhythm) existing.current_period_start = seconds();
  }
}
