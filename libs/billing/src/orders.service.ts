import { type Clock, clockToken } from '@keelson/core';
import { AuditService } from '@keelson/customers';
import { findPage, inTransaction, toPublicId } from '@keelson/database';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { CheckoutRules } from './checkout-rules.service.js';
import { CheckoutSession, type CheckoutStatus } from './checkout-session.entity.js';
import { OrderConflictError, OrderNotFoundError } from './checkout.errors.js';
import { loadOrder } from './load-order.js';
import { PaymentAccounts } from './payment-accounts.js';
import { PaymentRecord } from './payment.entity.js';
import { SettlementService } from './settlement.service.js';

/** Who decides about a held order, and why. */
export interface OrderDecision {
  /** As in the audit log. */
  by: string;
  reason: string;
}

/** An order and what was paid for it. */
export interface OrderView {
  session: CheckoutSession;
  payments: PaymentRecord[];
}

/**
 * What operators see of orders and decide about those that are held. Of all who decide at once, one does: whoever decides the same again
 * gets the decision that stands, whoever decides otherwise `OrderConflictError`. Each decision is in the audit log.
 */
@Injectable()
export class OrdersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: PaymentAccounts,
    private readonly settlement: SettlementService,
    private readonly rules: CheckoutRules,
    private readonly audit: AuditService,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /** Orders of one status, newest first, with the total number as `findPage` counts it. */
  async list(filter: {
    status: CheckoutStatus;
    limit: number;
    offset: number;
  }): Promise<{ items: OrderView[]; total: number }> {
    const [sessions, total] = await findPage(this.dataSource.manager, CheckoutSession, {
      where: { status: filter.status },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: filter.limit,
      skip: filter.offset,
    });
    return { items: await this.viewsOf(sessions), total };
  }

  /**
   * Gives the customer what was ordered, whatever was paid for it. The payment provider is read first, so that nothing is given for money
   * that went back meanwhile.
   * @throws OrderNotFoundError
   * @throws OrderConflictError when it is not held, or cannot be given: the money went back, or the domain or the payment serves another order
   * @throws SettlementContendedError, and what the adapter throws
   */
  async accept(id: string, decision: OrderDecision): Promise<OrderView> {
    const seen = await this.undecided(this.dataSource.manager, id, 'completed');
    if (seen !== undefined) {
      const { connectionId } = seen.session;
      if (connectionId === null) throw new OrderConflictError('The order was never to be paid: reject it.');
      const account = await this.accounts.get(connectionId);
      const focus = {
        checkoutSessionId: id,
        vendorPaymentId: seen.subscription.stripePaymentIntentId ?? undefined,
      };
      await this.settlement.settle(account, focus, async (manager, order, state) => {
        if (isDecided(order.session, 'completed')) return;
        const refusal = await this.rules.accept(manager, account, order, state);
        if (refusal !== undefined) throw new OrderConflictError(`${refusal} Reject the order, or mend that first.`);
        await this.write(manager, order.session, decision, 'order.accepted');
      });
    }
    return this.view(id);
  }

  /**
   * Ends a held order: it is never fulfilled, its domain is free, its subscription ends. The money goes back soon after (`OrderRefunds`).
   * @throws OrderNotFoundError
   * @throws OrderConflictError when it is not held
   */
  async reject(id: string, decision: OrderDecision): Promise<OrderView> {
    await inTransaction(this.dataSource, async (manager) => {
      const order = await this.undecided(manager, id, 'rejected', true);
      if (order === undefined) return;
      const { session, subscription } = order;
      await this.write(manager, session, decision, 'order.rejected');
      await this.rules.reject(manager, order);
      subscription.settledCount += 1;
      await manager.save([session, subscription]);
    });
    return this.view(id);
  }

  /** The order, while it is held; undefined when just this was decided before. */
  private async undecided(manager: EntityManager, id: string, outcome: 'completed' | 'rejected', lock = false) {
    const order = await loadOrder(manager, id, lock);
    if (order === undefined) throw new OrderNotFoundError();
    return isDecided(order.session, outcome) ? undefined : order;
  }

  private async write(
    manager: EntityManager,
    session: CheckoutSession,
    { by, reason }: OrderDecision,
    action: 'order.accepted' | 'order.rejected',
  ): Promise<void> {
    Object.assign(session, { decidedAt: this.clock.now(), decidedBy: by, decisionReason: reason });
    await this.audit.record(manager, {
      actor: by,
      action,
      subjectType: 'order',
      subjectId: toPublicId('cs', session.id),
      detail: { reason, held: session.reviewReason },
    });
  }

  private async view(id: string): Promise<OrderView> {
    const [view] = await this.viewsOf(await this.dataSource.manager.findBy(CheckoutSession, { id }));
    if (view === undefined) throw new OrderNotFoundError();
    return view;
  }

  private async viewsOf(sessions: CheckoutSession[]): Promise<OrderView[]> {
    const payments = await this.dataSource.manager.find(PaymentRecord, {
      where: { checkoutSessionId: In(sessions.map(({ id }) => id)) },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
    return sessions.map((session) => ({
      session,
      payments: payments.filter(({ checkoutSessionId }) => checkoutSessionId === session.id),
    }));
  }
}

/** Whether a person decided so already. @throws OrderConflictError when it is not held and that is not why */
function isDecided({ status, decidedAt }: CheckoutSession, outcome: 'completed' | 'rejected'): boolean {
  if (status === 'review') return false;
  if (status === outcome && decidedAt !== null) return true;
  throw new OrderConflictError(`The order is ${status}: only one that is held (review) is decided about.`);
}
