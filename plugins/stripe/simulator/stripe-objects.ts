/** Objects as the API shows them, with the fields that somebody reads. Times are seconds since 1970, amounts minor units. */
export interface StripeObject {
  id: string;
  object: string;
  created: number;
  livemode: boolean;
}

export type Metadata = Record<string, string>;

export interface List<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

export interface Product extends StripeObject {
  object: 'product';
  name: string;
  description: string | null;
  active: boolean;
  metadata: Metadata;
}

export interface Recurring {
  interval: 'day' | 'week' | 'month' | 'year';
  interval_count: number;
}

export interface Price extends StripeObject {
  object: 'price';
  active: boolean;
  currency: string;
  unit_amount: number;
  unit_amount_decimal: string;
  type: 'recurring' | 'one_time';
  recurring: Recurring | null;
  product: string;
  metadata: Metadata;
}

export interface Coupon extends StripeObject {
  object: 'coupon';
  name: string | null;
  percent_off: number | null;
  amount_off: number | null;
  currency: string | null;
  duration: 'once' | 'repeating' | 'forever';
  duration_in_months: number | null;
  times_redeemed: number;
  valid: boolean;
  metadata: Metadata;
}

export interface Customer extends StripeObject {
  object: 'customer';
  email: string | null;
  name: string | null;
  metadata: Metadata;
}

export interface CheckoutSession extends StripeObject {
  object: 'checkout.session';
  mode: 'subscription' | 'payment';
  status: 'open' | 'complete' | 'expired';
  payment_status: 'paid' | 'unpaid' | 'no_payment_required';
  url: string | null;
  ui_mode: 'hosted_page';
  client_reference_id: string | null;
  customer: string | null;
  customer_creation: 'always' | 'if_required' | null;
  customer_email: string | null;
  customer_details: { email: string | null; name: string | null; address: null; phone: null; tax_ids: [] } | null;
  subscription: string | null;
  invoice: string | null;
  payment_intent: string | null;
  currency: string;
  amount_subtotal: number;
  amount_total: number;
  total_details: { amount_discount: number; amount_tax: number; amount_shipping: number };
  discounts: { coupon: string; promotion_code: null }[];
  automatic_tax: { enabled: false; status: null };
  payment_method_types: string[];
  success_url: string;
  cancel_url: string | null;
  expires_at: number;
  metadata: Metadata;
}

export interface SubscriptionItem extends StripeObject {
  object: 'subscription_item';
  subscription: string;
  price: Price;
  quantity: number;
  current_period_start: number;
  current_period_end: number;
  metadata: Metadata;
}

export interface Subscription extends StripeObject {
  object: 'subscription';
  status: 'incomplete' | 'trialing' | 'active' | 'past_due' | 'unpaid' | 'paused' | 'canceled';
  customer: string;
  currency: string;
  items: List<SubscriptionItem>;
  billing_cycle_anchor: number;
  billing_mode: { type: 'flexible' };
  cancel_at_period_end: boolean;
  cancel_at: number | null;
  canceled_at: number | null;
  ended_at: number | null;
  cancellation_details: { reason: string | null; feedback: null; comment: string | null };
  trial_start: number | null;
  trial_end: number | null;
  latest_invoice: string | null;
  collection_method: 'charge_automatically';
  metadata: Metadata;
}

export interface InvoiceLine {
  id: string;
  object: 'line_item';
  description: string;
  amount: number;
  currency: string;
  quantity: number;
  period: { start: number; end: number };
  pricing: { type: 'price_details'; price_details: { price: string; product: string }; unit_amount_decimal: string };
  parent:
    | {
        type: 'subscription_item_details';
        subscription_item_details: { subscription: string; subscription_item: string; proration: boolean };
      }
    | { type: 'invoice_item_details'; invoice_item_details: { proration: boolean } };
}

export interface Invoice extends StripeObject {
  object: 'invoice';
  number: string | null;
  status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
  billing_reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  customer: string;
  currency: string;
  subtotal: number;
  total: number;
  total_discount_amounts: { amount: number }[];
  amount_due: number;
  amount_paid: number;
  amount_remaining: number;
  attempt_count: number;
  attempted: boolean;
  next_payment_attempt: number | null;
  auto_advance: boolean;
  hosted_invoice_url: string | null;
  period_start: number;
  period_end: number;
  status_transitions: { finalized_at: number | null; paid_at: number | null };
  parent: { type: 'subscription_details'; subscription_details: { subscription: string; metadata: Metadata } };
  lines: List<InvoiceLine>;
  metadata: Metadata;
}

export interface InvoicePayment extends StripeObject {
  object: 'invoice_payment';
  invoice: string;
  amount_paid: number;
  amount_requested: number;
  currency: string;
  status: 'open' | 'paid' | 'canceled';
  payment: { type: 'payment_intent'; payment_intent: string };
}

export interface PaymentIntent extends StripeObject {
  object: 'payment_intent';
  status: 'requires_payment_method' | 'succeeded';
  amount: number;
  amount_received: number;
  currency: string;
  customer: string | null;
  latest_charge: string | null;
  last_payment_error: { type: 'card_error'; code: 'card_declined'; decline_code: string; message: string } | null;
  metadata: Metadata;
}

export interface Charge extends StripeObject {
  object: 'charge';
  status: 'succeeded';
  amount: number;
  amount_refunded: number;
  refunded: boolean;
  disputed: boolean;
  paid: boolean;
  currency: string;
  customer: string | null;
  payment_intent: string;
  metadata: Metadata;
}

export interface Refund extends StripeObject {
  object: 'refund';
  status: 'succeeded';
  amount: number;
  currency: string;
  charge: string;
  payment_intent: string;
  reason: string | null;
  metadata: Metadata;
}

export interface Dispute extends StripeObject {
  object: 'dispute';
  status: 'needs_response' | 'won' | 'lost';
  amount: number;
  currency: string;
  charge: string;
  payment_intent: string;
  reason: 'fraudulent';
  is_charge_refundable: boolean;
  metadata: Metadata;
}

export interface PortalSession extends StripeObject {
  object: 'billing_portal.session';
  customer: string;
  return_url: string | null;
  url: string;
}

export interface StripeEvent extends StripeObject {
  object: 'event';
  api_version: string;
  type: string;
  data: { object: StripeObject };
  pending_webhooks: number;
  request: null;
}
