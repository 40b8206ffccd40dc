import type { Checkout, Payment, PaymentInvoice, PaymentSubscription } from '@keelson/core';

/** An object at the payment provider that a message names. */
export interface Subject {
  kind: 'checkout' | 'subscription' | 'invoice' | 'payment' | 'refund' | 'dispute';
  id: string;
}

/** An order of ours, and which of the provider's objects to read for it beside the usual ones. */
export interface OrderFocus {
  checkoutSessionId: string;
  /** The page, while we have not recorded it ourselves. */
  vendorCheckoutId?: string;
  vendorInvoiceId?: string;
  vendorPaymentId?: string;
  disputeId?: string;
}

/** What the provider says about one order now; only what was read is set. */
export interface VendorState {
  checkout?: Checkout;
  subscription?: PaymentSubscription;
  /** The one that the message is about, and the first one of the order while it is not settled. */
  invoices: PaymentInvoice[];
  payment?: Payment;
  dispute?: { id: string; status: 'open' | 'won' | 'lost' };
}
