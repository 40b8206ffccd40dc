import type { Stripe } from 'stripe';
import {
  PortError,
  type CapabilityMethods,
  type Checkout,
  type CheckoutLine,
  type CheckoutSpec,
  type Clock,
  type Payment,
  type PaymentEvent,
  type PaymentInvoice,
  type paymentPort,
  type PaymentPort,
  type PaymentSubscription,
  type Refund,
  type RefundSpec,
} from '@keelson/core';
import { couponParamsOf, itemChangesOf, productParamsOf, sessionParamsOf } from './stripe-checkout.mapper.js';
import { eventOf, isSigned, noEvent } from './stripe-webhook.mapper.js';
import type { StripeClient } from './stripe.client.js';
import type { StripeSettings } from './stripe.config.js';
import { portErrorOf } from './stripe.errors.js';
import {
  checkoutOf,
  disputeOf,
  idOf,
  invoiceOf,
  paymentOf,
  refundOf,
  refundReferenceKey,
  subscriptionOf,
} from './stripe.mapper.js';

type Disputes = CapabilityMethods<typeof paymentPort, 'disputes'>;

const prorations = { none: 'none', 'next-invoice': 'create_prorations', now: 'always_invoice' } as const;
const reasons = {
  duplicate: 'duplicate',
  fraudulent: 'fraudulent',
  'requested-by-customer': 'requested_by_customer',
} as const;

/** The payment port in front of Stripe. Repetition rests on Stripe's idempotency keys and on looking before acting. */
export class StripeAdapter implements PaymentPort, Disputes {
  private readonly webhookSecrets: readonly string[];

  constructor(
    private readonly client: StripeClient,
    settings: Pick<StripeSettings, 'webhookSecret' | 'previousWebhookSecret'>,
    private readonly clock: Clock,
  ) {
    this.webhookSecrets = [settings.webhookSecret, settings.previousWebhookSecret].filter(
      (secret) => secret !== undefined,
    );
  }

  async testConnection(): Promise<void> {
    await this.client.call((stripe) => stripe.checkout.sessions.list({ limit: 1 }));
  }

  /** The reference protects for 24 hours, as long as a page can live: Stripe keeps idempotency keys no longer. */
  createCheckout(spec: CheckoutSpec): Promise<Checkout> {
    return this.client.call(async (stripe) => {
      const coupon = couponParamsOf(spec);
      if (coupon !== undefined) await unlessPresent(stripe.coupons.create(coupon));
      const session = await stripe.checkout.sessions.create(sessionParamsOf(spec), {
        idempotencyKey: `checkout-${spec.reference}`,
      });
      // A replayed answer shows the page as it was when it was made.
      const replayed = session.lastResponse.headers['idempotent-replayed'] === 'true';
      return replayed ? this.getCheckout(session.id) : checkoutOf(session);
    });
  }

  getCheckout(id: string): Promise<Checkout> {
    return this.client.call(async (stripe) =>
      checkoutOf(await stripe.checkout.sessions.retrieve(checked(id), { expand: ['invoice.payments'] })),
    );
  }

  async parseWebhook(body: Uint8Array, headers: Record<string, string>): Promise<PaymentEvent> {
    if (!isSigned(body, headers['stripe-signature'], this.webhookSecrets, this.clock.now())) throw noEvent();
    return eventOf(body);
  }

  getSubscription(id: string): Promise<PaymentSubscription> {
    return this.client.call(async (stripe) => subscriptionOf(await stripe.subscriptions.retrieve(checked(id))));
  }

  getInvoice(id: string): Promise<PaymentInvoice> {
    return this.client.call(async (stripe) => invoiceOf(await stripe.invoices.retrieve(checked(id))));
  }

  getPayment(id: string): Promise<Payment> {
    return this.client.call(async (stripe) => {
      const [payment, invoices] = await Promise.all([
        stripe.paymentIntents.retrieve(checked(id), { expand: ['latest_charge'] }),
        stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: id }, limit: 1 }),
      ]);
      return paymentOf(payment, idOf(invoices.data[0]?.invoice));
    });
  }

  changeSubscription(
    id: string,
    { lines, proration }: { lines: CheckoutLine[]; proration: 'none' | 'next-invoice' | 'now' },
  ): Promise<PaymentSubscription> {
    return this.client.call(async (stripe) => {
      const recurs = (line: CheckoutLine) => line.recurring !== undefined || line.vendorPriceId !== undefined;
      refuseUnless(lines.length > 0 && lines.every(recurs), 'A subscription needs lines, each of which recurs.');
      const subscription = await stripe.subscriptions.retrieve(checked(id), { expand: ['items.data.price.product'] });
      const items = itemChangesOf(subscription, lines);
      if (items === undefined) return subscriptionOf(subscription);
      for (const line of lines) {
        if (line.vendorPriceId === undefined) await unlessPresent(stripe.products.create(productParamsOf(line)));
      }
      return subscriptionOf(
        await stripe.subscriptions.update(id, { items, proration_behavior: prorations[proration] }),
      );
    });
  }

  cancelSubscription(id: string, when: 'now' | 'period-end'): Promise<PaymentSubscription> {
    return this.client.call(async (stripe) => {
      const subscription = subscriptionOf(await stripe.subscriptions.retrieve(checked(id)));
      if (subscription.status === 'cancelled') return subscription;
      if (when === 'now') return this.cancelNow(stripe, id);
      if (subscription.cancelAtPeriodEnd) return subscription;
      return subscriptionOf(await stripe.subscriptions.update(id, { cancel_at_period_end: true }));
    });
  }

  /** Another call may have cancelled it meanwhile; the vendor then knows no such subscription to cancel. */
  private async cancelNow(stripe: Stripe, id: string): Promise<PaymentSubscription> {
    try {
      return subscriptionOf(await stripe.subscriptions.cancel(id));
    } catch (thrown) {
      if (portErrorOf(thrown).code !== 'not-found') throw thrown;
      return subscriptionOf(await stripe.subscriptions.retrieve(id));
    }
  }

  refund(spec: RefundSpec): Promise<Refund> {
    const { reference, vendorPaymentId, amount, reason } = spec;
    return this.client.call(async (stripe) => {
      refuseUnless(
        amount === undefined || (Number.isSafeInteger(amount) && amount > 0),
        'The amount must be positive.',
      );
      // The idempotency key protects for a day only; the reference in the metadata protects for ever.
      const made = stripe.refunds.list({ payment_intent: checked(vendorPaymentId), limit: 100 });
      for await (const refund of made) {
        if (refund.metadata?.[refundReferenceKey] === reference) return sameRefund(refundOf(refund), amount);
      }
      const created = await stripe.refunds
        .create(
          {
            payment_intent: vendorPaymentId,
            ...(amount === undefined ? {} : { amount }),
            ...(reason === undefined ? {} : { reason: reasons[reason] }),
            metadata: { [refundReferenceKey]: reference },
          },
          { idempotencyKey: `refund-${reference}` },
        )
        .catch(refuseRefund);
      return refundOf(created);
    });
  }

  getRefund(id: string): Promise<Refund> {
    return this.client.call(async (stripe) => refundOf(await stripe.refunds.retrieve(checked(id))));
  }

  createPortalLink(vendorCustomerId: string, returnUrl: string): Promise<string> {
    return this.client.call(async (stripe) => {
      const session = await stripe.billingPortal.sessions.create({ customer: vendorCustomerId, return_url: returnUrl });
      return session.url;
    });
  }

  getDispute(id: string): ReturnType<Disputes['getDispute']> {
    return this.client.call(async (stripe) => disputeOf(await stripe.disputes.retrieve(checked(id))));
  }
}

/** Resolves also when the vendor holds the object already: its id follows from its content, so that it is the same one. */
async function unlessPresent(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (thrown) {
    if (portErrorOf(thrown).code !== 'already-exists') throw thrown;
  }
}

/** What Stripe calls invalid about a refund, with an amount that is well-formed, is that less than this is left. */
function refuseRefund(thrown: unknown): never {
  const error = portErrorOf(thrown);
  if (error.code !== 'invalid-input') throw error;
  throw new PortError('wrong-state', 'Less than this is left of the payment to give back.', { details: error.details });
}

function sameRefund(refund: Refund, amount: number | undefined): Refund {
  if (amount === undefined || refund.amount.amount === amount) return refund;
  throw new PortError('wrong-state', 'The same reference was used before for a refund of another amount.');
}

/** Ids become part of a path, so nothing else may pass. */
function checked(id: string): string {
  if (/^\w{1,255}$/.test(id)) return id;
  throw new PortError('not-found', 'The payment provider does not know this object.');
}

function refuseUnless(condition: boolean, message: string): void {
  if (!condition) throw new PortError('invalid-input', message);
}
