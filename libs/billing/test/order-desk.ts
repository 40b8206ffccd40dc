import type { Checkout, Payment } from '@keelson/core';
import {
  type CheckoutOrder,
  CheckoutsService,
  OrdersService,
  type OrderView,
  type StartedCheckout,
} from '../src/index.js';
import type { BillingHarness } from './billing-harness.js';

/** What operators, the provider and the schedule do about held orders. */
export interface OrderDesk {
  accept(order: StartedCheckout, by?: string): Promise<OrderView>;
  reject(order: StartedCheckout, by?: string): Promise<OrderView>;
  /** An order that is held because one cent was paid for it. */
  held(more?: Partial<CheckoutOrder>): Promise<StartedCheckout>;
  pageOf(order: StartedCheckout): Checkout;
  paymentOf(order: StartedCheckout): Payment;
  /** Gives the money back at the provider by hand and works its message. */
  refundByHand(order: StartedCheckout): Promise<void>;
  /** What a worker does by schedule. */
  giveBackDue(): Promise<void>;
  query<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]>;
}

export const reason = 'A good customer.';

/** @param billing asked for at each call, so that the desk can be made before it is there */
export function orderDesk(billing: () => BillingHarness): OrderDesk {
  const orders = () => billing().app.get(OrdersService, { strict: false });
  const desk: OrderDesk = {
    accept: ({ checkoutSessionId }, by = 'user:1') => orders().accept(checkoutSessionId, { by, reason }),
    reject: ({ checkoutSessionId }, by = 'user:1') => orders().reject(checkoutSessionId, { by, reason }),
    async held(more = {}) {
      const order = await billing().order(more);
      desk.pageOf(order).total = { amount: 1, currency: 'USD' };
      billing().vendor.pay(order.publicId);
      await billing().tell('checkout', order.publicId);
      return order;
    },
    pageOf: ({ publicId }) => billing().vendor.pages.get(publicId)!.checkout,
    paymentOf: (order) => billing().vendor.payments.get(desk.pageOf(order).vendorPaymentId!)!,
    async refundByHand(order) {
      const payment = desk.paymentOf(order);
      payment.refunded = payment.amount.amount;
      await billing().tell('payment', payment.id);
    },
    async giveBackDue() {
      await desk.query(
        `UPDATE checkout_sessions SET next_check_at = now() - interval '1 second' WHERE status = 'rejected' AND next_check_at IS NOT NULL`,
      );
      await billing().app.get(CheckoutsService, { strict: false }).reconcileDue();
    },
    query: <Row>(sql: string, ...values: unknown[]) => billing().dataSource.query<Row[]>(sql, values),
  };
  return desk;
}
