import {
  type Account,
  type AdapterOf,
  deriveUsername,
  generatePassword,
  isPortError,
  PortError,
  provisionerPort,
  type UsernameRules,
} from '@keelson/core';
import { RemoteResource, Service } from '@keelson/hosting';
import { newId } from '@keelson/database';
import type { UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';
import { siteDomain } from '../site-domain.js';

/** User names tried, one after the other, when another account already has the first. */
const candidates = 5;

/** Makes the hosting account under a name derived from the service, or adopts it when it is already there and ours. */
export function createAccount({
  secrets,
  settings,
}: RecipeTools): UndoableStep<HostingOrder, object, Account, typeof provisionerPort, never> {
  return {
    needs: provisionerPort,
    look: async ({ adapter, order }) => {
      const found = await adapter.findAccount({ domain: siteDomain(order, settings) });
      if (found === undefined) return undefined;
      if (await isOurs(adapter, found, order)) return found;
      throw new PortError('already-exists', 'The domain is already hosted on this server under another account.');
    },
    run: async ({ adapter, order }) => {
      const { service, product, customer } = order;
      const password = await secrets.ensure(service.id, 'panel_password', () => generatePassword(16));
      const rules = await adapter.usernameRules();
      for (let candidate = 0; ; candidate += 1) {
        try {
          return await adapter.ensureAccount({
            username: usernameOf(order, rules, candidate),
            domain: siteDomain(order, settings),
            package: service.packageName ?? product.packageName ?? product.slug,
            email: customer.email,
            password,
            externalId: service.id,
            fullName: customer.name,
            ...(customer.company === null ? {} : { company: customer.company }),
            ...(customer.phone === null ? {} : { phone: customer.phone }),
          });
        } catch (thrown) {
          const taken = isPortError(thrown) && thrown.code === 'already-exists';
          if (!taken || candidate + 1 >= candidates) throw thrown;
        }
      }
    },
    record: async ({ order: { service, server }, connectionId }, account, manager) => {
      await manager.update(
        Service,
        { id: service.id },
        {
          username: account.username,
          ip: account.ip ?? null,
          nameservers:
            server !== undefined && server.nameservers.length > 0 ? server.nameservers : (account.nameservers ?? []),
          panelUrl: account.panelUrl ?? null,
        },
      );
      await manager.upsert(
        RemoteResource,
        { id: newId(), serviceId: service.id, connectionId, kind: 'account', remoteId: account.remoteId },
        ['connectionId', 'kind', 'remoteId'],
      );
    },
    undo: async ({ adapter, order }) => {
      const found = await adapter.findAccount({ domain: siteDomain(order, settings) });
      if (found !== undefined && (await isOurs(adapter, found, order))) await adapter.removeAccount(found.username);
    },
    unrecord: async ({ order: { service } }, manager) => {
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'account' });
      await manager.update(Service, { id: service.id }, { username: null, ip: null, nameservers: [], panelUrl: null });
    },
  };
}

/** Ours: it carries our service id, or it has the customer's address and a name that we would have chosen. */
async function isOurs(
  adapter: AdapterOf<typeof provisionerPort>,
  account: Account,
  order: HostingOrder,
): Promise<boolean> {
  if (account.externalId !== undefined) return account.externalId === order.service.id;
  if (account.email?.toLowerCase() !== order.customer.email.toLowerCase()) return false;
  const rules = await adapter.usernameRules();
  return Array.from({ length: candidates }, (_, candidate) => usernameOf(order, rules, candidate)).includes(
    account.username,
  );
}

function usernameOf(order: HostingOrder, rules: UsernameRules, candidate: number): string {
  return deriveUsername(order.service.id, order.service.domain ?? order.product.slug, rules, candidate);
}
