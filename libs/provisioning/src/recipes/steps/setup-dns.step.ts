import { dnsPort, PortError, type RecordSet } from '@keelson/core';
import { DnsZone, keepResource, RemoteResource } from '@keelson/hosting';
import type { UndoableStep } from '../../engine/recipe.js';
import { zoneRecords } from '../zone-records.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

export interface ZoneSetUp {
  zone: string;
  nameservers: string[];
  records: RecordSet[];
}

/** Makes the zone and puts our records into it. Repeatable as it stands; other people's records in the zone are left alone. */
export function setupDns({
  settings,
}: RecipeTools): UndoableStep<HostingOrder, object, ZoneSetUp, typeof dnsPort, never> {
  return {
    needs: dnsPort,
    skipWhen: ({ order }) => (order.domain === undefined ? 'the order has no domain of its own' : undefined),
    run: async ({ adapter, order }) => {
      const zone = zoneOf(order);
      const records = zoneRecords(zone, { ip: order.service.ip ?? undefined, mailHost: settings.mailHost });
      const wanted = nameserversOf(order, settings.nameservers);
      // Some vendors assign the name servers themselves.
      const { nameservers } = await adapter.ensureZone({ zone, nameservers: wanted, owner: order.service.id });
      if (records.length > 0) await adapter.putRecords(zone, records);
      return { zone, nameservers, records };
    },
    plan: ({ order }) => [
      { port: 'dns', method: 'ensureZone', summary: `makes the zone ${zoneOf(order)}` },
      { port: 'dns', method: 'putRecords', summary: `puts our records into the zone ${zoneOf(order)}` },
    ],
    record: async ({ order: { service }, connectionId }, output, manager) => {
      await keepResource(
        manager,
        { serviceId: service.id, connectionId, kind: 'zone', remoteId: output.zone },
        `, zone AS (
           UPDATE dns_zones SET connection_id = $3, status = 'active', records = $6, updated_at = now()
            WHERE service_id = $2 AND name = $5
         )
         UPDATE services SET nameservers = $7, updated_at = now() WHERE id = $2`,
        [JSON.stringify(output.records), output.nameservers],
      );
    },
    undo: async ({ adapter, order }) => {
      const found = await adapter.findZone(zoneOf(order));
      if (found?.owner === order.service.id) await adapter.removeZone(found.zone);
    },
    unrecord: async ({ order: { service } }, manager) => {
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'zone' });
      await manager.update(DnsZone, { serviceId: service.id }, { status: 'pending', records: [] });
    },
  };
}

function zoneOf({ domain }: HostingOrder): string {
  if (domain === undefined) throw new PortError('wrong-state', 'The order has no domain.');
  return domain.name;
}

/** The server's own, else those of the installation, else what the panel named when it made the account. */
function nameserversOf({ server, service }: HostingOrder, installation: readonly string[]): string[] {
  const known = [server?.nameservers ?? [], installation, service.nameservers].find((names) => names.length > 0);
  if (known !== undefined) return [...known];
  throw new PortError(
    'invalid-config',
    'No name servers are known for the zone: set NS1 and NS2, or name servers on the server.',
  );
}
