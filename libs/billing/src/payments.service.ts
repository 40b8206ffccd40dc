import type { Payment } from '@keelson/core';
import { newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PaymentRecord, type PaymentStatus } from './payment.entity.js';

const statuses: Readonly<Record<Payment['status'], PaymentStatus>> = {
  succeeded: 'succeeded',
  processing: 'processing',
  failed: 'failed',
  cancelled: 'cancelled',
  'requires-action': 'requires_action',
};

/** Money in and money back, once per payment at the provider. */
@Injectable()
export class PaymentsService {
  /** Whether the payment settles another checkout already: a payment is never counted twice. */
  async usedElsewhere(
    manager: EntityManager,
    provider: string,
    paymentId: string,
    checkoutSessionId: string,
  ): Promise<boolean> {
    const known = await manager.findOneBy(PaymentRecord, { provider, providerPaymentId: paymentId });
    return known !== null && known.checkoutSessionId !== null && known.checkoutSessionId !== checkoutSessionId;
  }

  /** Writes or updates the payment of an order. Refunds only grow; a payment of another checkout is left as it is. */
  async mirror(
    manager: EntityManager,
    provider: string,
    theirs: Payment,
    order: { customerId: string; checkoutSessionId: string; invoiceId?: string },
  ): Promise<PaymentRecord> {
    const where = { provider, providerPaymentId: theirs.id };
    const known = await manager.findOneBy(PaymentRecord, where);
    if (known !== null && known.checkoutSessionId !== null && known.checkoutSessionId !== order.checkoutSessionId)
      return known;
    const record = known ?? manager.create(PaymentRecord, { ...where, id: newId(), refundedAmount: 0 });
    return manager.save(
      Object.assign(record, {
        customerId: order.customerId,
        checkoutSessionId: order.checkoutSessionId,
        invoiceId: record.invoiceId ?? order.invoiceId ?? null,
        amount: theirs.amount.amount,
        currency: theirs.amount.currency,
        refundedAmount: Math.max(record.refundedAmount, theirs.refunded),
        status: statuses[theirs.status],
      }),
    );
  }
}
