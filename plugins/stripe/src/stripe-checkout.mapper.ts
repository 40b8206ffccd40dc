import { createHash } from 'node:crypto';
import type { Stripe } from 'stripe';
import type { CheckoutLine, CheckoutSpec } from '@keelson/core';

/**
 * The parameters of a hosted payment page. The same specification always gives the same parameters, so that a repetition is
 * recognised.
 */
export function sessionParamsOf(spec: CheckoutSpec): Stripe.Checkout.SessionCreateParams {
  const { metadata } = spec;
  const coupon = couponParamsOf(spec);
  return {
    mode: spec.mode,
    client_reference_id: spec.reference,
    line_items: spec.lines.map((line) => sessionLineOf(line, spec.currency)),
    ...(coupon === undefined ? {} : { discounts: [{ coupon: coupon.id }] }),
    ...(spec.vendorCustomerId === undefined ? { customer_email: spec.email } : { customer: spec.vendorCustomerId }),
    success_url: spec.successUrl,
    cancel_url: spec.cancelUrl,
    metadata,
    ...(spec.expiresAt === undefined ? {} : { expires_at: Math.floor(spec.expiresAt.getTime() / 1000) }),
    ...(spec.mode === 'subscription'
      ? {
          subscription_data: {
            metadata,
            ...(spec.trialDays === undefined ? {} : { trial_period_days: spec.trialDays }),
          },
        }
      : {
          payment_intent_data: { metadata },
          ...(spec.vendorCustomerId === undefined ? { customer_creation: 'always' as const } : {}),
        }),
  };
}

function sessionLineOf(line: CheckoutLine, currency: string): Stripe.Checkout.SessionCreateParams.LineItem {
  if (line.vendorPriceId !== undefined) return { price: line.vendorPriceId, quantity: line.quantity };
  const { name, description } = line;
  return {
    price_data: {
      ...amountOf(line, currency),
      product_data: { name, ...(description === undefined ? {} : { description }) },
    },
    quantity: line.quantity,
  };
}

/** Amount, currency and rhythm of a line, as prices are given in line. */
export function amountOf(line: CheckoutLine, currency: string) {
  const { recurring } = line;
  return {
    currency: currency.toLowerCase(),
    unit_amount: line.unitAmount,
    ...(recurring === undefined
      ? {}
      : { recurring: { interval: recurring.interval, interval_count: recurring.count } }),
  };
}

/**
 * The coupon that stands for the discount: payment pages take discounts only as coupons. Its id follows from its content, so
 * that equal discounts share one coupon and none is ever changed.
 */
export function couponParamsOf({
  discount,
  currency,
}: CheckoutSpec): (Stripe.CouponCreateParams & { id: string }) | undefined {
  if (discount === undefined) return undefined;
  const content = {
    duration: 'once' as const,
    name: discount.label.slice(0, 40),
    ...('percentOff' in discount
      ? { percent_off: discount.percentOff }
      : { amount_off: discount.amountOff, currency: currency.toLowerCase() }),
  };
  return { id: contentId('coupon', content), ...content };
}

/** The product of a line that is added to a running subscription, where prices need one that exists. */
export function productParamsOf({ name, description }: CheckoutLine): Stripe.ProductCreateParams & { id: string } {
  const content = { name, ...(description === undefined ? {} : { description }) };
  return { id: contentId('product', content), ...content };
}

function contentId(kind: string, content: object): string {
  return `keelson_${kind}_${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 24)}`;
}

/**
 * The items that turn what a subscription has into the wanted lines, or undefined when it has them already.
 * @param subscription with `items.data.price.product` expanded, so that names can be compared
 */
export function itemChangesOf(
  subscription: Stripe.Subscription,
  lines: readonly CheckoutLine[],
): Stripe.SubscriptionUpdateParams.Item[] | undefined {
  const items = subscription.items.data;
  const { currency } = subscription;
  if (items.length === lines.length && lines.every((line, index) => holds(items[index], line))) return undefined;
  return [
    ...lines.map((line, index) => itemOf(line, currency, items[index]?.id)),
    ...items.slice(lines.length).map(({ id }) => ({ id, deleted: true })),
  ];
}

function itemOf(line: CheckoutLine, currency: string, id: string | undefined): Stripe.SubscriptionUpdateParams.Item {
  const existing = id === undefined ? {} : { id };
  const { quantity } = line;
  if (line.vendorPriceId !== undefined) return { ...existing, price: line.vendorPriceId, quantity };
  const price = amountOf(line, currency) as Stripe.SubscriptionUpdateParams.Item.PriceData;
  return { ...existing, price_data: { ...price, product: productParamsOf(line).id }, quantity };
}

function holds(item: Stripe.SubscriptionItem | undefined, line: CheckoutLine): boolean {
  if (item === undefined || (item.quantity ?? 1) !== line.quantity) return false;
  const { price } = item;
  if (line.vendorPriceId !== undefined) return price.id === line.vendorPriceId;
  const product = typeof price.product === 'object' && !price.product.deleted ? price.product : undefined;
  return (
    price.unit_amount === line.unitAmount &&
    price.recurring?.interval === line.recurring?.interval &&
    price.recurring?.interval_count === line.recurring?.count &&
    product?.name === line.name
  );
}
