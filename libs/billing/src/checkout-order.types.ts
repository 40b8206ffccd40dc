import type { CustomerAddress } from '@keelson/customers';
import type { DomainMode } from './quote.types.js';

/** Where a visitor came from. */
export interface CampaignTags {
  source?: string;
  medium?: string;
  campaign?: string;
  term?: string;
  content?: string;
}

/** An order as it comes in. */
export interface CheckoutOrder {
  /** Id, slug or alias of the product. */
  plan: string;
  /** The cycle in the client's words; kept so in the metadata. */
  term: string;
  /** Normalised. */
  email: string;
  name?: string;
  company?: string;
  phone?: string;
  address?: CustomerAddress;
  /**
   * A password that the customer chose. The user is then made at once; without it a user with a temporary password is made
   * when the order is paid. Neither changes a user who is there already.
   */
  password?: string;
  domain?: { name: string; mode: DomainMode; authCode?: string };
  /** Whether the domain is kept for the customer until the order is paid or lapses. */
  reserveDomain?: boolean;
  couponCode?: string;
  addons?: string[];
  trial?: boolean;
  campaign?: CampaignTags;
  successUrl: string;
  cancelUrl: string;
}

/** A checkout that was begun. */
export interface StartedCheckout {
  checkoutSessionId: string;
  /** The payment provider's id, or ours (`cs_…`) for an order without payment. */
  publicId: string;
  /** Where the customer pays, or, for an order without payment, is sent at once. */
  url: string;
  subscriptionId: string;
  customerId: string;
}
