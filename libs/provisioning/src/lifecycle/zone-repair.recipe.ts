import { dnsPort, PortError } from '@keelson/core';
import { DnsZone } from '@keelson/hosting';
import { defineRecipe, type Recipe } from '../engine/recipe.js';
import { operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { bindingOf } from '../recipes/hosting-order.js';

/** The service with the zone that we keep for it, if any. */
interface ZoneOrder extends OperationOrder {
  zone?: DnsZone;
}

/**
 * Makes the zone exist and our records in it what our row says. Records of others stay, and a zone that carries another
 * owner is refused by the adapter. The zone is repaired where it is kept, never made on another connection.
 */
function zoneRepairRecipe(): Recipe {
  const { load } = operationHooks();
  return defineRecipe<ZoneOrder>('zone.repair', {
    version: 1,
    load: async (manager, input) => {
      const order = await load(manager, input);
      const zone = await manager.findOneBy(DnsZone, { serviceId: order.service.id, status: 'active' });
      return zone === null ? order : { ...order, zone };
    },
    // Of a pool, the connection that keeps the zone.
    bindingOf: (order) => ({ ...bindingOf(order), serverConnectionId: order.zone?.connectionId ?? undefined }),
  })
    .pivot('put_zone', {
      needs: dnsPort,
      skipWhen: ({ order }) => (order.zone === undefined ? 'we keep no zone for the service' : undefined),
      run: async ({ adapter, connectionId, order }) => {
        const { name, records, connectionId: place } = zoneOf(order);
        if (connectionId !== place) {
          throw new PortError(
            'wrong-state',
            `The zone ${name} is kept on a connection that is no longer bound: bind it.`,
          );
        }
        const { id, nameservers } = order.service;
        const zone =
          (await adapter.findZone(name)) ?? (await adapter.ensureZone({ zone: name, nameservers, owner: id }));
        if (zone.owner !== undefined && zone.owner !== id) {
          throw new PortError('already-exists', `The zone ${name} belongs to someone else.`);
        }
        if (records.length > 0) await adapter.putRecords(name, records);
        return { zone: name, recordSets: records.length };
      },
      plan: ({ order }) => [
        { port: 'dns', method: 'putRecords', summary: `puts our records into the zone ${zoneOf(order).name}` },
      ],
    })
    .build();
}

function zoneOf({ zone }: ZoneOrder): DnsZone {
  if (zone === undefined) throw new PortError('wrong-state', 'We keep no zone for the service.');
  return zone;
}

export const repairZone: OperationWork<object> = { make: () => [zoneRepairRecipe()] };
