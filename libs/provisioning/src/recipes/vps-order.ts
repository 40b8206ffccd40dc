import type { EntityManager } from 'typeorm';
import { type HostingOrder, loadHostingOrder } from './hosting-order.js';

/** The order of a virtual machine. */
export interface VpsOrder extends HostingOrder {
  /** Whether servers of the product's group make it; else a person does. */
  automatic: boolean;
}

/** Reads the order of a service. Input: `{ serviceId }`. */
export async function loadVpsOrder(manager: EntityManager, input: Record<string, unknown>): Promise<VpsOrder> {
  const order = await loadHostingOrder(manager, input);
  const [{ automatic }] = await manager.query<[{ automatic: boolean }]>(
    'SELECT EXISTS (SELECT 1 FROM servers WHERE server_group = $1) AS automatic',
    [order.product.serverGroup],
  );
  return { ...order, automatic };
}
