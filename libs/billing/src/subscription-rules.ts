import type { PaymentSubscription } from '@keelson/core';
import type { Subscription, SubscriptionStatus } from './subscription.entity.js';

/** `incomplete` says that the first payment is open; about that the checkout decides. */
const statuses: Readonly<Record<PaymentSubscription['status'], SubscriptionStatus | undefined>> = {
  incomplete: undefined,
  trialing: 'trialing',
  active: 'active',
  'past-due': 'past_due',
  unpaid: 'past_due',
  paused: 'paused',
  cancelled: 'cancelled',
};

/** States that what the provider says does not change. */
const decidedHere: ReadonlySet<SubscriptionStatus> = new Set([
  'pending_payment',
  'review',
  'cancelled',
  'expired',
  'refunded',
  'suspended',
]);

/** Copies period and status of the provider's subscription to ours. A refunded or cancelled one stays so, a held one held. */
export function mirrorSubscription(ours: Subscription, theirs: PaymentSubscription | undefined, now: Date): void {
  if (theirs === undefined) return;
  ours.stripeSubscriptionId = theirs.id;
  ours.currentPeriodStart = theirs.currentPeriodStart ?? ours.currentPeriodStart;
  ours.currentPeriodEnd = theirs.currentPeriodEnd ?? ours.currentPeriodEnd;
  ours.cancelAtPeriodEnd = theirs.cancelAtPeriodEnd;
  const status = statuses[theirs.status];
  if (status === 'cancelled') ours.cancelledAt ??= theirs.endedAt ?? now;
  if (status !== undefined && !decidedHere.has(ours.status)) ours.status = status;
}
