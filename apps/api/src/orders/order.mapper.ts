import type { OrderView } from '@keelson/billing';
import { toPublicId } from '@keelson/database';
import type { OrderDto } from './orders.dto.js';

/** An order as operators see it. */
export function orderOf({ session, payments }: OrderView): OrderDto {
  const { status, reviewReason, billingCycle, couponCode, refundError, decidedAt, decidedBy, decisionReason } = session;
  return {
    id: toPublicId('cs', session.id),
    ...{ status, reviewReason, billingCycle, couponCode, refundError },
    customer: {
      id: session.customerId === null ? null : toPublicId('cust', session.customerId),
      email: session.email,
      name: session.customerName,
    },
    plan: session.productCode,
    domain: session.domainInfo?.value ?? null,
    quoted: { amount: session.amount, currency: session.currency },
    payments: payments.map(({ id, providerPaymentId, amount, currency, refundedAmount, status: paid }) => ({
      id: toPublicId('pay', id),
      vendorId: providerPaymentId,
      ...{ amount, currency },
      status: paid,
      refunded: refundedAmount,
    })),
    decision:
      decidedAt === null
        ? null
        : { by: decidedBy ?? 'system', reason: decisionReason ?? '', at: decidedAt.toISOString() },
    refundDue:
      status === 'rejected' &&
      payments.some((paid) => paid.status === 'succeeded' && paid.refundedAmount < paid.amount),
    createdAt: session.createdAt.toISOString(),
  };
}
