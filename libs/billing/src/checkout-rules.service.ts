import { type Clock, clockToken } from '@keelson/core';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { FulfilmentService, isGone } from './fulfilment.service.js';
import type { Order } from './order.types.js';
import type { PaymentAccount } from './payment-accounts.js';
import { refusalOf } from './payment-check.js';
import { PaymentsService } from './payments.service.js';
import { Reservations } from './reservations.service.js';
import { Subscription } from './subscription.entity.js';
import type { VendorState } from './vendor-state.types.js';

/**
 * What the state of the payment page means for the order.
 *
 * | page                     | open, expired or failed order                     | completed, held or rejected order |
 * |--------------------------|---------------------------------------------------|-----------------------------------|
 * | open                     | –                                                 | –                                 |
 * | complete, paid           | fulfilled, or held when it does not fit the quote | –                                 |
 * | complete, not required   | the same                                          | –                                 |
 * | complete, unpaid         | waits; failed when the payment failed             | –                                 |
 * | expired                  | expired                                           | –                                 |
 *
 * Money that comes after an order expired is therefore honoured once, and never dropped. About a held order a person decides: `accept` or
 * `reject`.
 */
@Injectable()
export class CheckoutRules {
  private readonly logger = new Logger('billing');

  constructor(
    private readonly fulfilment: FulfilmentService,
    private readonly payments: PaymentsService,
    private readonly reservations: Reservations,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /** Changes the rows of the order in memory; the caller saves them. */
  async apply(manager: EntityManager, account: PaymentAccount, order: Order, state: VendorState): Promise<void> {
    const { session } = order;
    const { checkout } = state;
    if (checkout === undefined || ['completed', 'review', 'rejected'].includes(session.status)) return;
    this.link(order, state);
    if (checkout.status === 'expired') await this.close(manager, order, 'expired');
    if (checkout.status !== 'complete') return;
    if (checkout.paymentStatus === 'unpaid') {
      const failed = state.payment?.status === 'failed' || state.payment?.status === 'cancelled';
      if (failed || state.subscription?.status === 'cancelled') await this.close(manager, order, 'failed');
      return;
    }
    const refusal =
      (await this.refusal(manager, account, order, state)) ?? (await this.fulfilment.fulfil(manager, order, state));
    if (refusal !== undefined) this.hold(order, refusal);
  }

  /**
   * Fulfils a held order although what was paid does not fit the quote, or its coupon is used up. Changes its rows in memory; the caller
   * saves them.
   * @returns why it cannot be given to the customer all the same, with nothing changed; undefined when it was
   */
  async accept(
    manager: EntityManager,
    account: PaymentAccount,
    order: Order,
    state: VendorState,
  ): Promise<string | undefined> {
    if (isGone(state)) return 'The money was given back, or the subscription at the payment provider has ended.';
    const other = await this.servesAnother(manager, account, order, state);
    if (other !== undefined) return `It cannot be accepted: ${other}.`;
    return this.fulfilment.fulfil(manager, order, state, { anyway: true });
  }

  /**
   * Ends a held order, for good: its domain is free, what was paid for it is due to go back. Changes its rows in memory; the caller saves
   * them.
   */
  async reject(manager: EntityManager, { session, subscription }: Order): Promise<void> {
    session.status = 'rejected';
    session.nextCheckAt = this.clock.now();
    if (subscription.status === 'review') subscription.status = 'cancelled';
    subscription.cancelledAt ??= this.clock.now();
    await this.reservations.release(manager, session);
  }

  /** Notes that the money went back. A held order is decided by that. Changes its rows in memory; the caller saves them. */
  async refund(manager: EntityManager, order: Order): Promise<void> {
    const { session, subscription } = order;
    if (session.status === 'review') {
      const decisionReason = 'The money was given back at the payment provider.';
      Object.assign(session, { decidedAt: this.clock.now(), decidedBy: 'system', decisionReason });
      await this.reject(manager, order);
    }
    subscription.status = 'refunded';
  }

  /** Whether the subscription at the provider is another order's. */
  async isOthers(manager: EntityManager, { subscription }: Order, vendorSubscriptionId?: string): Promise<boolean> {
    if (vendorSubscriptionId === undefined || subscription.stripeSubscriptionId !== null) return false;
    const other = await manager.findOneBy(Subscription, { stripeSubscriptionId: vendorSubscriptionId });
    return other !== null && other.id !== subscription.id;
  }

  private link({ session, subscription }: Order, { checkout, subscription: theirs }: VendorState): void {
    if (checkout === undefined) return;
    session.stripeSessionId = checkout.id;
    session.stripeCustomerId = checkout.vendorCustomerId ?? session.stripeCustomerId;
    session.customerName ??= checkout.name ?? null;
    subscription.checkoutSessionId = checkout.id;
    subscription.stripeCustomerId =
      checkout.vendorCustomerId ?? theirs?.vendorCustomerId ?? subscription.stripeCustomerId;
    subscription.stripePaymentIntentId = checkout.vendorPaymentId ?? subscription.stripePaymentIntentId;
  }

  private async close(
    manager: EntityManager,
    { session, subscription }: Order,
    status: 'expired' | 'failed',
  ): Promise<void> {
    if (session.status === status) return;
    session.status = status;
    session.nextCheckAt = null;
    subscription.status = 'expired';
    await this.reservations.release(manager, session);
  }

  private async refusal(
    manager: EntityManager,
    account: PaymentAccount,
    order: Order,
    state: VendorState,
  ): Promise<string | undefined> {
    const { checkout, payment } = state;
    const { session } = order;
    if (checkout === undefined) return undefined;
    const other = await this.servesAnother(manager, account, order, state);
    if (other !== undefined) return other;
    return refusalOf(session.quote, checkout, payment, {
      reference: session.id,
      live: typeof session.metadata.live === 'boolean' ? session.metadata.live : undefined,
    });
  }

  /** Why what was paid is not this order's. */
  private async servesAnother(
    manager: EntityManager,
    { provider }: PaymentAccount,
    order: Order,
    { checkout, payment }: VendorState,
  ): Promise<string | undefined> {
    if (await this.isOthers(manager, order, checkout?.vendorSubscriptionId))
      return 'the subscription at the payment provider belongs to another order';
    if (payment !== undefined && (await this.payments.usedElsewhere(manager, provider, payment.id, order.session.id)))
      return 'the payment settles another order already';
    return undefined;
  }

  private hold({ session, subscription }: Order, reason: string): void {
    session.status = 'review';
    session.reviewReason = reason;
    session.nextCheckAt = null;
    session.completedAt ??= this.clock.now();
    subscription.status = 'review';
    this.logger.error({
      message: 'a paid order is held: nothing is made until a person decides',
      checkoutSessionId: session.id,
      reason,
    });
  }
}
