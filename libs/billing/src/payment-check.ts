import type { Checkout, Payment } from '@keelson/core';
import { formatMoney } from './money.js';
import type { Quote } from './quote.types.js';

/**
 * Why what was paid does not settle what was quoted, for operators; undefined when it does.
 * @param expected `live`: whether the page was made in the provider's live mode
 */
export function refusalOf(
  quote: Quote,
  checkout: Checkout,
  payment: Payment | undefined,
  expected: { reference: string; live?: boolean },
): string | undefined {
  const asked = { amount: quote.total, currency: quote.currency };
  if (checkout.reference !== expected.reference) return 'the payment page names another order';
  if (expected.live !== undefined && checkout.live !== expected.live) {
    return 'the page was made and paid in different modes (live and test)';
  }
  if (checkout.total.amount !== asked.amount || checkout.total.currency !== asked.currency) {
    return `quoted ${formatMoney(asked)}, but the payment page asked for ${formatMoney(checkout.total)}`;
  }
  if (checkout.paymentStatus === 'not-required' && asked.amount !== 0) {
    return `quoted ${formatMoney(asked)}, but nothing was charged`;
  }
  const paid = payment?.status === 'succeeded' ? payment.amount : undefined;
  if (paid !== undefined && (paid.amount !== asked.amount || paid.currency !== asked.currency)) {
    return `quoted ${formatMoney(asked)}, but ${formatMoney(paid)} was paid`;
  }
  return undefined;
}
