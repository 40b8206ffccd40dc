import {
  type BillingCycle,
  CouponsService,
  parseBillingCycle,
  type Product,
  ProductsService,
} from '@keelson/catalogue';
import { registrableDomain } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { CouponRefusedError, DomainRefusedError, TermNotOfferedError, UnknownPlanError } from './checkout.errors.js';
import { buildQuote, type Offer, type QuoteRequest } from './quote.js';
import type { DomainMode, Quote } from './quote.types.js';

/** What a customer asks for. */
export interface OfferRequest {
  /** Id, slug or alias of the product. */
  plan: string;
  /** Name of the cycle, synonyms included. */
  term: string;
  couponCode?: string;
  /** Ids or slugs. */
  addons?: readonly string[];
  trial?: boolean;
  /** A-labels, lower case. */
  domain?: { name: string; mode: DomainMode };
}

/** Turns what a customer asks for into a quote. */
@Injectable()
export class OffersService {
  constructor(
    private readonly products: ProductsService,
    private readonly coupons: CouponsService,
  ) {}

  /**
   * The quote for an order, from the catalogue as it is now.
   * @throws UnknownPlanError, TermNotOfferedError, CouponRefusedError, DomainRefusedError, TrialNotOfferedError
   */
  async quote(request: OfferRequest): Promise<{ quote: Quote; product: Product }> {
    const cycle = parseBillingCycle(request.term);
    const { product, price } = await this.offer(request.plan, request.term, cycle);
    const addons = await Promise.all((request.addons ?? []).map((addon) => this.offer(addon, request.term, cycle)));
    const domain = await this.domain(request.domain, price.currency);
    const coupon = request.couponCode === undefined ? undefined : await this.coupons.findValid(request.couponCode);
    if (request.couponCode !== undefined && coupon === undefined) throw new CouponRefusedError(request.couponCode);
    return { product, quote: buildQuote({ product, price, addons, domain, coupon, trial: request.trial }) };
  }

  private async offer(
    plan: string,
    term: string,
    cycle: BillingCycle | undefined,
  ): Promise<Offer & { product: Product }> {
    const product = await this.products.findForSale(plan);
    if (product === undefined) throw new UnknownPlanError(plan);
    const price = cycle === undefined ? undefined : await this.products.findPrice(product.id, cycle);
    if (price === undefined) throw new TermNotOfferedError(product.slug, term);
    return { product, price };
  }

  private async domain(asked: OfferRequest['domain'], currency: string): Promise<QuoteRequest['domain']> {
    if (asked === undefined || asked.mode === 'external') return asked;
    if (registrableDomain(asked.name) !== asked.name) {
      throw new DomainRefusedError(`${asked.name} is part of another domain. Order ${registrableDomain(asked.name)}.`);
    }
    const tld = asked.name.slice(asked.name.indexOf('.') + 1);
    return { ...asked, tldPrice: await this.products.findTldPrice(tld, currency) };
  }
}
