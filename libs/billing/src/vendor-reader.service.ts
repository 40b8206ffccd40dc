import { isPortError, paymentPort, supports } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import type { CheckoutSession } from './checkout-session.entity.js';
import type { PaymentAccount } from './payment-accounts.js';
import type { Subscription } from './subscription.entity.js';
import type { OrderFocus, VendorState } from './vendor-state.types.js';

/** Reads what a settlement looks at. Never writes, and never runs inside a transaction. */
@Injectable()
export class VendorReader {
  /** What the provider says now. What it does not know is left out; any other failure is thrown. */
  async read(
    { adapter }: PaymentAccount,
    { session, subscription }: { session: CheckoutSession; subscription: Subscription },
    focus: OrderFocus,
  ): Promise<VendorState> {
    const settled = session.status === 'completed' || session.status === 'rejected';
    const checkoutId = settled ? undefined : (session.stripeSessionId ?? focus.vendorCheckoutId);
    const checkout = await known(checkoutId, (id) => adapter.getCheckout(id));
    const invoiceIds = new Set([checkout?.vendorInvoiceId, focus.vendorInvoiceId].filter((id) => id !== undefined));
    const [vendorSubscription, payment, dispute, ...invoices] = await Promise.all([
      known(subscription.stripeSubscriptionId ?? checkout?.vendorSubscriptionId, (id) => adapter.getSubscription(id)),
      known(checkout?.vendorPaymentId ?? focus.vendorPaymentId, (id) => adapter.getPayment(id)),
      known(focus.disputeId, async (id) =>
        supports(adapter, paymentPort, 'disputes') ? adapter.getDispute(id) : undefined,
      ),
      ...[...invoiceIds].map((invoiceId) => known(invoiceId, (id) => adapter.getInvoice(id))),
    ]);
    return {
      checkout,
      subscription: vendorSubscription,
      payment,
      dispute,
      invoices: invoices.filter((invoice) => invoice !== undefined),
    };
  }
}

async function known<T>(id: string | undefined, read: (id: string) => Promise<T>): Promise<T | undefined> {
  if (id === undefined) return undefined;
  try {
    return await read(id);
  } catch (thrown) {
    if (isPortError(thrown) && thrown.code === 'not-found') return undefined;
    throw thrown;
  }
}
