import type { Coupon, Price, Product, TldPrice } from '@keelson/catalogue';
import {
  CouponRefusedError,
  DomainRefusedError,
  TermNotOfferedError,
  TrialNotOfferedError,
} from './checkout.errors.js';
import { percentOf } from './money.js';
import type { DomainMode, Quote, QuoteLine } from './quote.types.js';

export interface Offer {
  product: Pick<Product, 'id' | 'slug' | 'name' | 'type' | 'trialDays'>;
  price: Pick<Price, 'id' | 'billingCycle' | 'currency' | 'amount' | 'setupFee' | 'stripePriceId'>;
}

export interface QuoteRequest extends Offer {
  coupon?: Pick<Coupon, 'code' | 'percentOff' | 'amountOff' | 'currency'>;
  /** A-labels, lower case; `tldPrice` is needed when the domain is bought or moved. */
  domain?: {
    name: string;
    mode: DomainMode;
    tldPrice?: Pick<TldPrice, 'currency' | 'registerAmount' | 'transferAmount'>;
  };
  /** Each in the cycle and currency of the plan. */
  addons?: readonly Offer[];
  trial?: boolean;
}

/**
 * The frozen offer for one order. Pure: the same request gives the same quote.
 * @throws TermNotOfferedError when an add-on has another cycle or currency than the plan
 * @throws CouponRefusedError when a coupon of a fixed amount has another currency
 * @throws DomainRefusedError when a domain is needed and missing, or is not sold in this currency
 * @throws TrialNotOfferedError when a trial is asked for and the product has none
 */
export function buildQuote(request: QuoteRequest): Quote {
  const { product, price, coupon, domain, addons = [], trial = false } = request;
  const { currency, billingCycle: cycle } = price;
  if (trial && (product.trialDays === null || cycle === 'one_time')) throw new TrialNotOfferedError(product.slug);
  const lines = [
    ...offerLines('plan', { product, price }),
    ...addons.flatMap((addon) => {
      if (addon.price.currency !== currency || addon.price.billingCycle !== cycle) {
        throw new TermNotOfferedError(addon.product.slug, cycle);
      }
      return offerLines('addon', addon);
    }),
    ...domainLines(request),
  ];
  const dueNow = sum(lines.filter((line) => !(trial && line.recurring)));
  const discount = coupon === undefined ? 0 : discountOf(coupon, dueNow, currency);
  return {
    version: 1,
    productId: product.id,
    productSlug: product.slug,
    productName: product.name,
    priceId: price.id,
    cycle,
    currency,
    lines,
    subtotal: dueNow,
    discount,
    tax: { mode: 'none', amount: 0 },
    total: dueNow - discount,
    recurringTotal: sum(lines.filter((line) => line.recurring)),
    ...(coupon === undefined ? {} : { coupon: couponOf(coupon) }),
    ...(trial && product.trialDays !== null ? { trialDays: product.trialDays } : {}),
    ...(domain === undefined ? {} : { domain: { name: domain.name, mode: domain.mode } }),
  };
}

function offerLines(kind: 'plan' | 'addon', { product, price }: Offer): QuoteLine[] {
  const common = { productId: product.id, priceId: price.id, productType: product.type, quantity: 1 };
  const line: QuoteLine = {
    ...common,
    kind,
    description: product.name,
    ...(price.stripePriceId === null ? {} : { vendorPriceId: price.stripePriceId }),
    unitAmount: price.amount,
    recurring: price.billingCycle !== 'one_time',
  };
  if (price.setupFee === 0) return [line];
  const setup: QuoteLine = {
    ...common,
    kind: 'setup',
    description: `${product.name}: setup`,
    unitAmount: price.setupFee,
    recurring: false,
  };
  return [line, setup];
}

function domainLines({ product, price, domain }: QuoteRequest): QuoteLine[] {
  if (domain === undefined || domain.mode === 'external') {
    if (product.type === 'domain') throw new DomainRefusedError('This product needs a domain to register or transfer.');
    return [];
  }
  const { tldPrice, mode, name } = domain;
  if (tldPrice === undefined || tldPrice.currency !== price.currency) {
    throw new DomainRefusedError(`Domains like ${name} are not sold here. Use one that you have already.`);
  }
  const registers = mode === 'new_registration';
  return [
    {
      kind: 'domain',
      description: `${registers ? 'Registration' : 'Transfer'} of ${name}`,
      productId: product.id,
      productType: 'domain',
      unitAmount: registers ? tldPrice.registerAmount : tldPrice.transferAmount,
      quantity: 1,
      recurring: false,
    },
  ];
}

function discountOf(coupon: NonNullable<QuoteRequest['coupon']>, dueNow: number, currency: string): number {
  if (coupon.percentOff !== null) return percentOf(dueNow, coupon.percentOff);
  if (coupon.currency !== currency) throw new CouponRefusedError(coupon.code, `it is not valid in ${currency}`);
  return Math.min(coupon.amountOff ?? 0, dueNow);
}

function couponOf({ code, percentOff, amountOff }: NonNullable<QuoteRequest['coupon']>): Quote['coupon'] {
  return { code, ...(percentOff === null ? {} : { percentOff }), ...(amountOff === null ? {} : { amountOff }) };
}

function sum(lines: readonly QuoteLine[]): number {
  return lines.reduce((total, line) => total + line.unitAmount * line.quantity, 0);
}
