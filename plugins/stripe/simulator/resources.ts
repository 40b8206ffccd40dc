import { pageOf, type Api, type ApiCall } from './api.js';
import { ApiError, invalid } from './api-error.js';
import { createSession, expireSession } from './checkout-sessions.js';
import { fieldsIn, integerOf, metadataOf, refuseUnknown, textOf, type Fields } from './form-fields.js';
import { makeRefund } from './payments.js';
import { makePrice, makeProduct } from './prices.js';
import type {
  CheckoutSession,
  Coupon,
  Customer,
  Invoice,
  InvoicePayment,
  PortalSession,
  Refund,
  StripeEvent,
  StripeObject,
  Subscription,
} from './stripe-objects.js';
import type { StripeStore } from './stripe-store.js';
import { endSubscription, updateSubscription } from './subscriptions.js';

/** Kinds that can be read by id, with the path that they live under. */
const readable: Record<string, string> = {
  'checkout/sessions': 'checkout.session',
  coupons: 'coupon',
  products: 'product',
  prices: 'price',
  customers: 'customer',
  subscriptions: 'subscription',
  invoices: 'invoice',
  invoice_payments: 'invoice_payment',
  payment_intents: 'payment_intent',
  charges: 'charge',
  refunds: 'refund',
  disputes: 'dispute',
  events: 'event',
};

/** Serves the operations of the API. @param pageBase address below which the hosted pages are; known once listening */
export function serveResources(api: Api, store: StripeStore, pageBase: () => string): void {
  for (const [path, kind] of Object.entries(readable)) {
    api.on('GET', `/v1/${path}/:id`, ({ id }) => store.get(kind, id));
  }
  serveCheckout(api, store, pageBase);
  serveCatalogue(api, store);
  serveBilling(api, store);
  serveEvents(api, store);
}

function serveCheckout(api: Api, store: StripeStore, pageBase: () => string): void {
  const url = '/v1/checkout/sessions';
  api.on('POST', url, ({ fields }) => createSession(store, fields, pageBase()));
  api.on('POST', `${url}/:id/expire`, ({ id }) => expireSession(store, id));
  api.on('GET', url, ({ fields }) =>
    pageOf(
      matching<CheckoutSession>(store, 'checkout.session', fields, [
        'status',
        'customer',
        'subscription',
        'payment_intent',
      ]),
      fields,
      url,
    ),
  );
  api.on('POST', '/v1/billing_portal/sessions', ({ fields }) => {
    refuseUnknown(fields, ['customer', 'return_url']);
    const customer = store.get<Customer>('customer', textOf(fields.customer) ?? '', 'customer').id;
    const head = store.head('billing_portal.session', 'bps');
    return store.put<PortalSession>({
      ...head,
      customer,
      return_url: textOf(fields.return_url) ?? null,
      url: `${pageBase()}/p/session/${head.id}`,
    });
  });
}

function serveCatalogue(api: Api, store: StripeStore): void {
  api.on('POST', '/v1/products', ({ fields }) => {
    refuseUnknown(fields, ['id', 'name', 'description', 'metadata']);
    refuseTaken(store, 'Product', textOf(fields.id));
    return makeProduct(store, fields, 'product');
  });
  api.on('POST', '/v1/prices', ({ fields }) => {
    refuseUnknown(fields, ['currency', 'unit_amount', 'recurring', 'product', 'product_data', 'metadata']);
    return makePrice(store, fields, 'price', true);
  });
  api.on('POST', '/v1/coupons', ({ fields }) => {
    refuseUnknown(fields, [
      'id',
      'name',
      'percent_off',
      'amount_off',
      'currency',
      'duration',
      'duration_in_months',
      'metadata',
    ]);
    refuseTaken(store, 'Coupon', textOf(fields.id));
    return store.put(couponOf(store, fields));
  });
  api.on('POST', '/v1/customers', ({ fields }) => {
    refuseUnknown(fields, ['email', 'name', 'metadata']);
    const customer = store.put<Customer>({
      ...store.head('customer', 'cus'),
      email: textOf(fields.email) ?? null,
      name: textOf(fields.name) ?? null,
      metadata: metadataOf(fields.metadata),
    });
    store.emit('customer.created', customer);
    return customer;
  });
  api.on('GET', '/v1/customers', ({ fields }) =>
    pageOf(matching<Customer>(store, 'customer', fields, ['email']), fields, '/v1/customers'),
  );
}

function couponOf(store: StripeStore, fields: Fields): Coupon {
  const percent = textOf(fields.percent_off);
  const amount = integerOf(fields.amount_off, 'amount_off', 1);
  if ((percent === undefined) === (amount === undefined))
    throw invalid('You must pass one of percent_off or amount_off.');
  if (percent !== undefined && !(Number(percent) > 0 && Number(percent) <= 100)) {
    throw invalid('percent_off must be greater than 0 and at most 100.', 'percent_off');
  }
  if (amount !== undefined && textOf(fields.currency) === undefined) {
    throw invalid('You must pass currency when passing amount_off.', 'currency', 'parameter_missing');
  }
  const name = textOf(fields.name) ?? null;
  if (name !== null && name.length > 40) throw invalid('Invalid string: must be at most 40 characters', 'name');
  const head = store.head('coupon', 'co');
  const duration = textOf(fields.duration) ?? 'once';
  if (duration !== 'once' && duration !== 'repeating' && duration !== 'forever')
    throw invalid('Invalid duration', 'duration');
  return {
    ...head,
    id: textOf(fields.id) ?? head.id,
    name,
    percent_off: percent === undefined ? null : Number(percent),
    amount_off: amount ?? null,
    currency: textOf(fields.currency) ?? null,
    duration,
    duration_in_months: integerOf(fields.duration_in_months, 'duration_in_months', 1) ?? null,
    times_redeemed: 0,
    valid: true,
    metadata: metadataOf(fields.metadata),
  };
}

function serveBilling(api: Api, store: StripeStore): void {
  const list = <T extends StripeObject>(path: string, kind: T['object'], filters: readonly string[]) =>
    api.on('GET', `/v1/${path}`, ({ fields }) =>
      pageOf(matching<T>(store, kind, fields, filters), fields, `/v1/${path}`),
    );
  list<Subscription>('subscriptions', 'subscription', ['customer', 'status']);
  list<Invoice>('invoices', 'invoice', ['customer', 'status']);
  list<Refund>('refunds', 'refund', ['payment_intent', 'charge']);

  api.on('POST', '/v1/subscriptions/:id', ({ id, fields }) => updateSubscription(store, id, fields));
  api.on('DELETE', '/v1/subscriptions/:id', ({ id }) => {
    const subscription = store.get<Subscription>('subscription', id);
    if (subscription.status !== 'canceled') return endSubscription(store, subscription);
    throw new ApiError(404, {
      type: 'invalid_request_error',
      code: 'resource_missing',
      message: `No such subscription: '${id}'`,
      param: 'id',
    });
  });
  api.on('GET', '/v1/invoice_payments', ({ fields }) => {
    const payment = textOf(fieldsIn(fields.payment).payment_intent);
    const found = matching<InvoicePayment>(store, 'invoice_payment', fields, ['invoice', 'status']);
    const wanted = found.filter((one) => payment === undefined || one.payment.payment_intent === payment);
    return pageOf(wanted, fields, '/v1/invoice_payments');
  });
  api.on('POST', '/v1/refunds', ({ fields }) => {
    refuseUnknown(fields, ['payment_intent', 'amount', 'reason', 'metadata']);
    const amount = integerOf(fields.amount, 'amount', 1);
    const reason = textOf(fields.reason);
    return makeRefund(store, textOf(fields.payment_intent) ?? '', {
      ...(amount === undefined ? {} : { amount }),
      ...(reason === undefined ? {} : { reason }),
      metadata: metadataOf(fields.metadata),
    });
  });
}

function serveEvents(api: Api, store: StripeStore): void {
  api.on('GET', '/v1/events', ({ fields }: ApiCall) => {
    const { delivery_success: delivered, type } = fields;
    const since = integerOf(fieldsIn(fields.created).gte, 'created[gte]') ?? 0;
    const events = store
      .all<StripeEvent>('event')
      .filter((event) => event.created >= since && (type === undefined || event.type === type))
      .filter((event) => delivered === undefined || (event.pending_webhooks === 0) === (delivered === 'true'));
    return pageOf(events, fields, '/v1/events');
  });
}

/** Objects of a kind whose fields equal the filters that the query gives. */
function matching<T extends StripeObject>(
  store: StripeStore,
  kind: T['object'],
  fields: Fields,
  filters: readonly string[],
): T[] {
  const wanted = filters.flatMap((name) => (textOf(fields[name]) === undefined ? [] : [[name, fields[name]] as const]));
  return store
    .all<T>(kind)
    .filter((one) =>
      wanted.every(([name, value]) => value === 'all' || (one as unknown as Record<string, unknown>)[name] === value),
    );
}

function refuseTaken(store: StripeStore, kind: string, id: string | undefined): void {
  if (id === undefined || !Object.hasOwn(store.state.objects, id)) return;
  throw invalid(`${kind} already exists.`, 'id', 'resource_already_exists');
}
