import type { EntityManager } from 'typeorm';
import { CheckoutSession } from './checkout-session.entity.js';
import type { Order } from './order.types.js';
import { Subscription } from './subscription.entity.js';

/**
 * The rows of an order; undefined when there is none of this id.
 * @param lock holds both until the transaction of the manager ends: first the checkout, then the subscription
 */
export async function loadOrder(manager: EntityManager, id: string, lock = false): Promise<Order | undefined> {
  const locking = lock ? ({ lock: { mode: 'pessimistic_write' } } as const) : {};
  const session = await manager.findOne(CheckoutSession, { where: { id }, ...locking });
  if (session === null || session.subscriptionId === null) return undefined;
  const subscription = await manager.findOneOrFail(Subscription, { where: { id: session.subscriptionId }, ...locking });
  return { session, subscription };
}
