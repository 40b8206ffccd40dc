import type { CheckoutSession } from './checkout-session.entity.js';
import type { Subscription } from './subscription.entity.js';

/** A checkout and the subscription that it is to begin; both rows locked when they are to be changed. */
export interface Order {
  session: CheckoutSession;
  subscription: Subscription;
}
