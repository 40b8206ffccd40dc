import { invalid } from './api-error.js';
import { fieldsIn, integerOf, listOf, metadataOf, refuseUnknown, textOf, type Fields } from './form-fields.js';
import { priceOf } from './prices.js';
import type { CheckoutSession, Coupon, Customer, Product } from './stripe-objects.js';
import { seconds, token, type CheckoutDraft, type StripeStore } from './stripe-store.js';

const known = [
  ...[
    'mode',
    'line_items',
    'discounts',
    'customer',
    'customer_email',
    'customer_creation',
    'client_reference_id',
    'metadata',
  ],
  ...[
    'success_url',
    'cancel_url',
    'expires_at',
    'subscription_data',
    'payment_intent_data',
    'ui_mode',
    'allow_promotion_codes',
  ],
  ...[
    'payment_method_collection',
    'automatic_tax',
    'tax_id_collection',
    'billing_address_collection',
    'customer_update',
    'locale',
  ],
];

/**
 * Makes a hosted page from the parameters of `POST /v1/checkout/sessions`.
 * @param pageBase address below which the pages are
 */
export function createSession(store: StripeStore, fields: Fields, pageBase: string): CheckoutSession {
  if (fields.payment_method_types !== undefined) {
    throw invalid(
      'payment_method_types is no longer accepted; use dynamic payment methods.',
      'payment_method_types',
      'parameter_unknown',
    );
  }
  refuseUnknown(fields, known);
  const { mode } = fields;
  if (mode !== 'subscription' && mode !== 'payment')
    throw invalid('Invalid mode: must be one of payment or subscription', 'mode');
  const draft = draftOf(store, fields, mode);
  const currency = currencyOf(draft);
  const { customer, email } = payerOf(store, fields);
  const id = `cs_test_${token(56)}`;
  const metadata = metadataOf(fields.metadata);
  const coupons = couponsOf(store, fields);
  const session = store.put<CheckoutSession>({
    ...store.head('checkout.session', 'cs_test'),
    id,
    mode,
    status: 'open',
    payment_status: 'unpaid',
    url: `${pageBase}/c/pay/${id}`,
    ui_mode: 'hosted_page',
    client_reference_id: textOf(fields.client_reference_id) ?? null,
    customer,
    customer_creation: mode === 'payment' ? (fields.customer_creation === 'always' ? 'always' : 'if_required') : null,
    customer_email: email,
    customer_details: email === null ? null : { email, name: null, address: null, phone: null, tax_ids: [] },
    subscription: null,
    invoice: null,
    payment_intent: null,
    currency,
    ...amountsOf(draft, coupons),
    discounts: coupons.map((coupon) => ({ coupon: coupon.id, promotion_code: null })),
    automatic_tax: { enabled: false, status: null },
    payment_method_types: ['card'],
    success_url: urlOf(fields, 'success_url'),
    cancel_url: fields.cancel_url === undefined ? null : urlOf(fields, 'cancel_url'),
    expires_at: expiryOf(fields),
    metadata,
  });
  store.state.drafts[id] = draft;
  return session;
}

function draftOf(store: StripeStore, fields: Fields, mode: 'subscription' | 'payment'): CheckoutDraft {
  const items = listOf(fields.line_items);
  if (items.length === 0) throw invalid('Missing required param: line_items.', 'line_items', 'parameter_missing');
  const lines = items.map((item, index) => {
    const price = priceOf(store, item, `line_items[${index}]`, true);
    const product = store.get<Product>('product', price.product);
    const quantity = integerOf(item.quantity, `line_items[${index}][quantity]`, 1) ?? 1;
    return { price, quantity, name: product.name, description: product.description };
  });
  const recurring = lines.filter(({ price }) => price.recurring !== null).length;
  if (mode === 'payment' && recurring > 0) {
    throw invalid(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
    );
  }
  if (mode === 'subscription' && recurring === 0) {
    throw invalid('You must provide at least one recurring price in `subscription` mode when using prices.');
  }
  if (recurring > 20 || lines.length - recurring > 20)
    throw invalid('At most 20 recurring and 20 one-time prices are allowed.', 'line_items');
  const subscription = fieldsIn(fields.subscription_data);
  const trialDays = integerOf(subscription.trial_period_days, 'subscription_data[trial_period_days]', 1);
  return {
    lines,
    ...(trialDays === undefined ? {} : { trialDays }),
    subscriptionMetadata: metadataOf(subscription.metadata, 'subscription_data[metadata]'),
    paymentMetadata: metadataOf(fieldsIn(fields.payment_intent_data).metadata, 'payment_intent_data[metadata]'),
  };
}

function currencyOf({ lines }: CheckoutDraft): string {
  const currencies = new Set(lines.map(({ price }) => price.currency));
  if (currencies.size > 1) throw invalid('All prices must use the same currency.', 'line_items');
  return [...currencies][0] ?? 'usd';
}

function payerOf(store: StripeStore, fields: Fields): { customer: string | null; email: string | null } {
  const customer = textOf(fields.customer);
  const email = textOf(fields.customer_email) ?? null;
  if (customer !== undefined && email !== null) {
    throw invalid('You may only specify one of these parameters: customer, customer_email.', 'customer');
  }
  if (email !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
    throw invalid(`Invalid email address: ${email}`, 'customer_email', 'email_invalid');
  }
  if (customer === undefined) return { customer: null, email };
  return { customer, email: store.get<Customer>('customer', customer, 'customer').email };
}

function couponsOf(store: StripeStore, fields: Fields): Coupon[] {
  const discounts = listOf(fields.discounts);
  if (discounts.length > 1) throw invalid('You may only specify one discount.', 'discounts');
  return discounts.map(({ coupon }) => store.get<Coupon>('coupon', textOf(coupon) ?? '', 'discounts[0][coupon]'));
}

/** What is due when the page is paid: a trial postpones the recurring lines. */
export function dueLines({ lines, trialDays }: CheckoutDraft): CheckoutDraft['lines'] {
  return trialDays === undefined ? lines : lines.filter(({ price }) => price.recurring === null);
}

function amountsOf(draft: CheckoutDraft, coupons: readonly Coupon[]) {
  const subtotal = dueLines(draft).reduce((sum, { price, quantity }) => sum + price.unit_amount * quantity, 0);
  const discount = coupons.reduce((sum, coupon) => sum + discountOf(coupon, subtotal), 0);
  return {
    amount_subtotal: subtotal,
    amount_total: subtotal - discount,
    total_details: { amount_discount: discount, amount_tax: 0, amount_shipping: 0 },
  };
}

/** What a coupon takes off an amount; never more than the amount. */
export function discountOf(coupon: Coupon, amount: number): number {
  return Math.min(amount, coupon.amount_off ?? Math.round((amount * (coupon.percent_off ?? 0)) / 100));
}

function urlOf(fields: Fields, param: string): string {
  const text = textOf(fields[param]);
  if (text === undefined) throw invalid(`Missing required param: ${param}.`, param, 'parameter_missing');
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw invalid('Not a valid URL', param, 'url_invalid');
  return text;
}

function expiryOf(fields: Fields): number {
  const now = seconds();
  const given = integerOf(fields.expires_at, 'expires_at');
  if (given === undefined) return now + 24 * 3600;
  // A minute of grace on either side, for clocks that differ.
  if (given < now + 29 * 60 || given > now + 24 * 3600 + 60) {
    throw invalid(
      'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.',
      'expires_at',
    );
  }
  return given;
}

/** Closes an open page for good. */
export function expireSession(store: StripeStore, id: string): CheckoutSession {
  const session = store.get<CheckoutSession>('checkout.session', id);
  if (session.status !== 'open') {
    throw invalid(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
    );
  }
  session.status = 'expired';
  session.url = null;
  store.emit('checkout.session.expired', session);
  return session;
}

/** Closes every open page whose time is over. */
export function expireDueSessions(store: StripeStore): void {
  const due = store
    .all<CheckoutSession>('checkout.session')
    .filter((one) => one.status === 'open' && one.expires_at <= seconds());
  for (const { id } of due) expireSession(store, id);
  if (due.length > 0) store.save();
}
