import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, clockToken } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { CheckoutRules } from './checkout-rules.service.js';
import { InvoicesService } from './invoices.service.js';
import { loadOrder } from './load-order.js';
import { OrderLocator } from './order-locator.service.js';
import type { Order } from './order.types.js';
import { PaymentsService } from './payments.service.js';
import type { PaymentAccount } from './payment-accounts.js';
import { RunningTasks } from './running-tasks.service.js';
import { mirrorSubscription } from './subscription-rules.js';
import { VendorReader } from './vendor-reader.service.js';
import type { OrderFocus, Subject, VendorState } from './vendor-state.types.js';

const attempts = 10;

/** Changes the rows of a locked order in memory, knowing what the provider says. May be called again with rows read anew; may throw. */
type Decide = (manager: EntityManager, order: Order, state: VendorState) => Promise<void>;

/** Another settlement of the same order was always quicker. Come back later. */
export class SettlementContendedError extends Error {
  override readonly name = 'SettlementContendedError';
  constructor() {
    super('the order is being settled by others; it is tried again later');
  }
}

/**
 * Brings an order in line with what the payment provider says now.
 *
 * The provider is read first, without a lock; then the order is locked and changed in one short transaction, unless another
 * settlement wrote in between, in which case everything is read again. So the outcome depends on the provider's state alone,
 * never on the order, number or delay of its messages. Repeating it changes nothing.
 */
@Injectable()
export class SettlementService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly locator: OrderLocator,
    private readonly reader: VendorReader,
    private readonly rules: CheckoutRules,
    private readonly invoices: InvoicesService,
    private readonly payments: PaymentsService,
    private readonly tasks: RunningTasks,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /**
   * Settles the order that an object at the provider belongs to. False when it is none of ours.
   * @throws SettlementContendedError, and what the adapter throws
   */
  async settleSubject(account: PaymentAccount, subject: Subject): Promise<boolean> {
    const focus = await this.locator.locate(account, subject);
    if (focus === undefined) return false;
    await this.settle(account, focus);
    return true;
  }

  /**
   * Settles one order.
   * @param decide what a person has decided about it: done in the same transaction, between the page and what came of it
   * @throws SettlementContendedError, and what the adapter throws
   */
  async settle(account: PaymentAccount, focus: OrderFocus, decide?: Decide): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const seen = await loadOrder(this.dataSource.manager, focus.checkoutSessionId);
      if (seen === undefined) return;
      const state = await this.reader.read(account, seen, focus);
      const applied = await inTransaction(this.dataSource, async (manager) => {
        const order = await loadOrder(manager, focus.checkoutSessionId, true);
        if (order?.subscription.settledCount !== seen.subscription.settledCount) return false;
        await this.apply(manager, account, order, state, decide);
        return true;
      });
      if (applied) {
        await this.tasks.stopUnlessPaid(seen.subscription.id);
        return;
      }
      await pause(Math.random() * 40 * attempt);
    }
    throw new SettlementContendedError();
  }

  private async apply(
    manager: EntityManager,
    account: PaymentAccount,
    order: Order,
    state: VendorState,
    decide?: Decide,
  ): Promise<void> {
    const now = this.clock.now();
    const { session, subscription } = order;
    subscription.settledCount += 1;
    if (state.checkout !== undefined) await this.rules.apply(manager, account, order, state);
    await decide?.(manager, order, state);
    if (['completed', 'review', 'rejected'].includes(session.status)) {
      for (const invoice of state.invoices) await this.invoices.mirror(manager, subscription, invoice, now);
      if (!(await this.rules.isOthers(manager, order, state.subscription?.id)))
        mirrorSubscription(subscription, state.subscription, now);
      await this.applyPayment(manager, account, order, state);
    }
    await manager.save([session, subscription]);
    await this.tasks.giveUp(manager, subscription);
  }

  private async applyPayment(
    manager: EntityManager,
    { provider }: PaymentAccount,
    { session, subscription }: Order,
    { payment, dispute }: VendorState,
  ): Promise<void> {
    if (payment === undefined) return;
    const invoice = await this.invoices.of(manager, subscription.id, payment.vendorInvoiceId);
    const record = await this.payments.mirror(manager, provider, payment, {
      customerId: subscription.customerId,
      checkoutSessionId: session.id,
      invoiceId: invoice?.id,
    });
    subscription.stripePaymentIntentId ??= payment.id;
    const first = subscription.stripePaymentIntentId === payment.id;
    const refunded = record.amount > 0 && record.refundedAmount >= record.amount;
    if (first && refunded) await this.rules.refund(manager, { session, subscription });
    // Money of a rejected order is due to go back, also when it comes late; what went back is to be noted.
    if (session.status === 'rejected')
      session.nextCheckAt = refunded ? this.clock.now() : (session.nextCheckAt ?? this.clock.now());
    if (dispute !== undefined) {
      const { id, status } = dispute;
      subscription.metadata = { ...subscription.metadata, dispute: { id, status } };
    }
  }
}
