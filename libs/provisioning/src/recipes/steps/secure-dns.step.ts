import { type DsRecord, dnsPort, PortError, registrarPort, supports } from '@keelson/core';
import { Pending, type RetriedStep, Skipped } from '../../engine/recipe.js';
import { domainNameOf, isKeptByUs } from '../domain-order.js';
import { bindingOf, type HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';
import type { ConfiguredDomain } from './configure-domain.step.js';
import type { ZoneSetUp } from './setup-dns.step.js';
import { registryTtlMs, withdrawDs } from './withdraw-ds.js';

export interface SecuredZone {
  /** What the registry holds now; none when the domain is not signed. */
  dsRecords: DsRecord[];
}

interface Earlier {
  setup_dns: ZoneSetUp;
  configure_domain: ConfiguredDomain;
}

/**
 * Signs the zone and has the registry point at its keys (RFC 4034 §5); with DNSSEC turned off for the domain, takes both away again, the
 * pointer first. A domain that came from other name servers is signed when nobody asks those any more. Repeatable as it stands. Optional:
 * skipped where name server or registrar do not know DNSSEC, degraded where they refuse.
 */
export function secureDns(
  tools: RecipeTools,
): RetriedStep<HostingOrder, Earlier, SecuredZone, typeof dnsPort, 'dnssec'> {
  const { clock, ports } = tools;
  return {
    needs: dnsPort,
    capability: 'dnssec',
    optional: 'degraded',
    skipWhen: ({ order }) => (isKeptByUs(order) ? undefined : 'the domain is kept elsewhere'),
    run: async ({ adapter, order, done, note }) => {
      const domain = domainNameOf(order);
      const registrar = await ports.find(registrarPort, bindingOf(order));
      if (registrar === undefined) return new Skipped('no connection is bound to the port registrar');
      if (!supports(registrar.adapter, registrarPort, 'dnssec')) {
        return new Skipped(`the connection ${registrar.connection} takes no DS records`);
      }
      const zone = await adapter.findZone(domain);
      if (zone === undefined) return new Skipped('the zone of the domain is not held by us');
      if (zone.owner !== undefined && zone.owner !== order.service.id) {
        throw new PortError('wrong-state', 'The zone of the domain belongs to another service.');
      }
      if (order.domain?.dnssec !== true) {
        const pending = await withdrawDs(registrar.adapter, domain, note, clock);
        if (pending !== undefined) return pending;
        await adapter.removeDnssec(domain);
        return { dsRecords: [] };
      }
      const held = await registrar.adapter.findDomain(domain);
      if (held === undefined || !held.nameservers.every((name) => zone.nameservers.includes(name))) {
        throw new PortError(
          'wrong-state',
          'The domain is not delegated to the servers of its zone: signing would break it.',
        );
      }
      const movedAt = done.configure_domain?.movedAt;
      const settled = movedAt === undefined ? undefined : new Date(Date.parse(movedAt) + registryTtlMs);
      const isNew = (await registrar.adapter.listDsRecords(domain)).length === 0;
      if (isNew && settled !== undefined && settled > clock.now()) {
        return new Pending(settled, 'some resolvers still ask the name servers of before');
      }
      const dsRecords = await adapter.ensureDnssec(domain);
      await registrar.adapter.putDsRecords(domain, dsRecords);
      return { dsRecords };
    },
    plan: ({ order }) =>
      order.domain?.dnssec === true
        ? [
            { port: 'dns', method: 'ensureDnssec', summary: `signs the zone ${domainNameOf(order)}` },
            { port: 'registrar', method: 'putDsRecords', summary: 'has the registry point at its keys' },
          ]
        : [
            { port: 'registrar', method: 'putDsRecords', summary: 'has the registry forget the keys' },
            { port: 'dns', method: 'removeDnssec', summary: `stops signing the zone ${domainNameOf(order)}` },
          ],
  };
}
