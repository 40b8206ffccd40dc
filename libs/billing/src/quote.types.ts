import type { BillingCycle } from '@keelson/catalogue';
import type { ProductType } from '@keelson/core';

/** Where the domain of an order comes from. `external`: the customer has it elsewhere. */
export type DomainMode = 'external' | 'new_registration' | 'transfer';

export type QuoteLineKind = 'plan' | 'addon' | 'domain' | 'setup';

/** One thing that is sold. Amounts are minor units of the quote's currency. */
export interface QuoteLine {
  kind: QuoteLineKind;
  description: string;
  productId: string;
  /** Absent for lines that no stored price stands for, such as a domain. */
  priceId?: string;
  /** Price kept at the payment provider. */
  vendorPriceId?: string;
  productType: ProductType;
  unitAmount: number;
  quantity: number;
  /** Charged again every cycle. */
  recurring: boolean;
}

/**
 * What was offered, frozen at checkout. What is paid is compared with this and never with the catalogue of the day.
 * Stored as it is in `checkout_sessions.quote`.
 */
export interface Quote {
  version: 1;
  productId: string;
  productSlug: string;
  productName: string;
  priceId: string;
  cycle: BillingCycle;
  currency: string;
  lines: QuoteLine[];
  /** Due now, before discount. */
  subtotal: number;
  /** Taken off what is due now. */
  discount: number;
  /** `none`: nothing is charged on top, whether or not prices include it. */
  tax: { mode: 'none'; amount: number };
  /** Due now. */
  total: number;
  /** Sum of the recurring lines: what later periods cost. */
  recurringTotal: number;
  coupon?: { code: string; percentOff?: number; amountOff?: number };
  /** The recurring lines are free for so long. */
  trialDays?: number;
  domain?: { name: string; mode: DomainMode };
}
