import { isPortError, PortError } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { loadOrder } from './load-order.js';
import type { Order } from './order.types.js';
import { type PaymentAccount, PaymentAccounts } from './payment-accounts.js';
import { PaymentRecord } from './payment.entity.js';
import { SettlementService } from './settlement.service.js';

/** Of a payment `p`: money came in, and not all of it went back. */
export const isRefundable = `p.status = 'succeeded' AND p.refunded_amount < p.amount`;

/** Gives back what was paid for rejected orders. The rejection is the intent; our id of the payment is the reference of its refund. */
@Injectable()
export class OrderRefunds {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: PaymentAccounts,
    private readonly settlement: SettlementService,
  ) {}

  /**
   * Ends the subscription of a rejected order at the payment provider and gives back every payment of it that is left. Repeating it gives
   * nothing back twice, whatever became of the answers before. Other orders are left alone.
   * @throws what the adapter throws; the reason is kept with the order, and it is tried again when its next check is due
   */
  async giveBack(checkoutSessionId: string): Promise<void> {
    const order = await loadOrder(this.dataSource.manager, checkoutSessionId);
    if (order?.session.status !== 'rejected') return;
    try {
      await this.settleUp(order);
    } catch (thrown) {
      const error = isPortError(thrown) ? thrown.message : 'The payment connection cannot be used: see keelson doctor.';
      await this.dataSource.query('UPDATE checkout_sessions SET refund_error = $2, updated_at = now() WHERE id = $1', [
        checkoutSessionId,
        error,
      ]);
      throw thrown;
    }
    await this.dataSource.query(
      `UPDATE checkout_sessions c SET refund_error = NULL, updated_at = now(), next_check_at = CASE WHEN EXISTS
         (SELECT 1 FROM payments p WHERE p.checkout_session_id = c.id AND ${isRefundable}) THEN next_check_at END
        WHERE id = $1 AND status = 'rejected'`,
      [checkoutSessionId],
    );
  }

  private async settleUp({ session, subscription }: Order): Promise<void> {
    if (session.connectionId === null) return;
    const account = await this.accounts.get(session.connectionId);
    const payments = await this.dataSource.manager
      .createQueryBuilder(PaymentRecord, 'p')
      .where(`p.checkout_session_id = :id AND ${isRefundable}`, { id: session.id })
      .orderBy('p.id')
      .getMany();
    const failures: unknown[] = [];
    for (const payment of payments) {
      await this.refund(account, payment, session.id).catch((thrown: unknown) => failures.push(thrown));
    }
    const { stripeSubscriptionId } = subscription;
    if (stripeSubscriptionId !== null) await endSubscription(account, stripeSubscriptionId);
    if (failures.length > 0) throw failures[0];
  }

  /** Looks first: an operator may have been quicker at the provider. */
  private async refund(account: PaymentAccount, payment: PaymentRecord, checkoutSessionId: string): Promise<void> {
    const vendorPaymentId = payment.providerPaymentId;
    const { refunded, amount } = await account.adapter.getPayment(vendorPaymentId);
    if (refunded < amount.amount) {
      const { status } = await account.adapter.refund({ reference: payment.id, vendorPaymentId });
      if (status === 'failed' || status === 'cancelled')
        throw new PortError('wrong-state', 'The payment provider could not give the money back.');
    }
    await this.settlement.settle(account, { checkoutSessionId, vendorPaymentId });
  }
}

async function endSubscription({ adapter }: PaymentAccount, id: string): Promise<void> {
  try {
    await adapter.cancelSubscription(id, 'now');
  } catch (thrown) {
    if (!isPortError(thrown) || thrown.code !== 'not-found') throw thrown;
  }
}
