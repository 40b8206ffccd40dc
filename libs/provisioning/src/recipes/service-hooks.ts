import { queryPrepared } from '@keelson/database';
import { DnsZone, Domain, moveService, Website } from '@keelson/hosting';
import type { EntityManager } from 'typeorm';
import type { RecipeHooks } from '../engine/recipe.js';
import { bindingOf, type HostingOrder, loadHostingOrder } from './hosting-order.js';

/** What a service's row, site, domain and zone say while and after it is made. */
export const serviceHooks: RecipeHooks<HostingOrder> = {
  load: loadHostingOrder,
  bindingOf,
  started: async (manager, { service }) => {
    if (service.status === 'pending' || service.status === 'failed')
      await moveService(manager, service.id, 'provisioning');
  },
  isAnnounced,
  completed: async (manager, order, degraded) => {
    if (isAnnounced(order, degraded)) return;
    const { service } = order;
    const from = ['pending', 'provisioning', 'failed', 'active'] as const;
    if (!(await moveService(manager, service.id, 'active', { from }))) return;
    await queryPrepared(
      manager,
      `WITH sites AS (UPDATE websites SET status = 'active', updated_at = now() WHERE service_id = $1),
            elsewhere AS (UPDATE domains SET status = 'active', updated_at = now()
                           WHERE service_id = $1 AND mode = 'external' AND status = 'pending'),
            zones AS (UPDATE dns_zones SET status = 'skipped', updated_at = now() WHERE service_id = $1 AND status = 'pending')
       UPDATE services SET degraded = $2, provisioned_at = coalesce(provisioned_at, now()) WHERE id = $1`,
      [service.id, degraded],
    );
  },
  undone: async (manager, { service }, why) => {
    if (why === 'cancelled') await cancelService(manager, service.id);
    else await moveService(manager, service.id, why);
  },
};

/** Ends a service of which nothing is there. Nothing of it keeps its domain from being ordered again. */
export async function cancelService(manager: EntityManager, serviceId: string): Promise<void> {
  await moveService(manager, serviceId, 'cancelled');
  await manager.update(Domain, { serviceId, status: 'pending' }, { status: 'cancelled' });
  await manager.update(DnsZone, { serviceId, status: 'pending' }, { status: 'removed' });
  await manager.update(Website, { serviceId, status: 'pending' }, { status: 'removed' });
}

/** Said before, together with all that follows. */
function isAnnounced({ service }: HostingOrder, degraded: string[]): boolean {
  return service.status === 'active' && String(service.degraded) === String(degraded);
}
