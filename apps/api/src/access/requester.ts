import type { Principal } from '@keelson/customers';
import type { Requester } from '@keelson/provisioning';
import { actorOf, ownCustomerId } from './caller.decorator.js';

/** The caller, as operations on services know who asks. Customers reach their own services only. */
export function requesterOf(caller: Principal): Requester {
  const customerId = ownCustomerId(caller);
  return { actor: actorOf(caller), role: caller.role, ...(customerId === undefined ? {} : { customerId }) };
}
