import {
  type Account,
  type AccountKey,
  type AdapterOf,
  deriveUsername,
  generatePassword,
  isPortError,
  isUsername,
  PortError,
  provisionerPort,
  type UsernameRules,
} from '@keelson/core';
import { keepResource, RemoteResource, Service, wantedAccountOf } from '@keelson/hosting';
import type { UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';
import { siteDomain } from '../site-domain.js';

/** User names tried, one after the other, when another account already has the first. */
const candidates = 5;

/**
 * Makes the hosting account under a name derived from the service (made again, under the name that it had), or adopts it when it is already there and ours. A wanted account is
 * made as it was described, or not at all.
 */
export function createAccount({
  secrets,
  settings,
}: RecipeTools): UndoableStep<HostingOrder, object, Account, typeof provisionerPort, never> {
  return {
    needs: provisionerPort,
    look: async ({ adapter, order }) => {
      const wanted = wantedAccountOf(order.service);
      const found = await adapter.findAccount(keyOf(order, settings));
      if (found === undefined) return undefined;
      if (await isOurs(adapter, found, order)) return found;
      throw wanted === undefined
        ? new PortError('already-exists', 'The domain is already hosted on this server under another account.')
        : new PortError('already-exists', 'The server has another account of this name.');
    },
    run: async ({ adapter, order }) => {
      const { service, product } = order;
      const password = await secrets.ensure(service.id, 'panel_password', () => generatePassword(16));
      const rules = await adapter.usernameRules();
      for (let candidate = 0; ; candidate += 1) {
        try {
          return await adapter.ensureAccount({
            username: usernameOf(order, rules, candidate),
            domain: siteDomain(order, settings),
            package: service.packageName ?? product.packageName ?? product.slug,
            password,
            externalId: service.id,
            ...ownerOf(order),
          });
        } catch (thrown) {
          const taken = isPortError(thrown) && thrown.code === 'already-exists';
          if (!taken || candidate + 1 >= candidatesOf(order)) throw thrown;
        }
      }
    },
    plan: ({ order }) => [
      {
        port: 'provisioner',
        method: 'ensureAccount',
        summary: `makes the account of ${siteDomain(order, settings)}`,
      },
    ],
    record: async ({ order: { service, server }, connectionId }, account, manager) => {
      const { username, ip = null, nameservers = [], panelUrl = null } = account;
      const own = server?.nameservers ?? [];
      await keepResource(
        manager,
        { serviceId: service.id, connectionId, kind: 'account', remoteId: account.remoteId },
        'UPDATE services SET username = $6, ip = $7, nameservers = $8, panel_url = $9, updated_at = now() WHERE id = $2',
        [username, ip, own.length > 0 ? own : nameservers, panelUrl],
      );
    },
    undo: async ({ adapter, order, ours }) => {
      const wanted = wantedAccountOf(order.service);
      // A name that somebody chose may have been an account's before.
      if (wanted !== undefined && !ours) return;
      const found = await adapter.findAccount(keyOf(order, settings));
      if (found !== undefined && (await isOurs(adapter, found, order))) await adapter.removeAccount(found.username);
    },
    unrecord: async ({ order: { service } }, manager) => {
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'account' });
      await manager.update(Service, { id: service.id }, { username: null, ip: null, nameservers: [], panelUrl: null });
    },
  };
}

/** Ours: it carries our service id, or it is the one that we recorded, or it has the customer's address and a name that we would have chosen. */
async function isOurs(
  adapter: AdapterOf<typeof provisionerPort>,
  account: Account,
  order: HostingOrder,
): Promise<boolean> {
  if (account.externalId !== undefined) return account.externalId === order.service.id;
  // Recorded as made by us; the customer's address may have changed since.
  if (account.username === order.service.username) return true;
  if (account.email?.toLowerCase() !== ownerOf(order).email.toLowerCase()) return false;
  const rules = await adapter.usernameRules();
  const names = Array.from({ length: candidatesOf(order) }, (_, candidate) => usernameOf(order, rules, candidate));
  return names.includes(account.username);
}

/** By what the account is found: its name where that was chosen for us, else its domain. */
function keyOf(order: HostingOrder, settings: RecipeTools['settings']): AccountKey {
  const wanted = wantedAccountOf(order.service);
  return wanted === undefined ? { domain: siteDomain(order, settings) } : { username: wanted.username };
}

/** Whose account it is: the customer's, unless it was described otherwise. */
function ownerOf({ service, customer }: HostingOrder) {
  const wanted = wantedAccountOf(service);
  const company = wanted?.company ?? customer.company ?? undefined;
  const phone = wanted?.phone ?? customer.phone ?? undefined;
  return {
    email: wanted?.email ?? customer.email,
    fullName: wanted?.fullName ?? customer.name,
    ...(company === undefined ? {} : { company }),
    ...(phone === undefined ? {} : { phone }),
    ...(wanted?.accountType === undefined ? {} : { accountType: wanted.accountType }),
  };
}

function candidatesOf({ service }: HostingOrder): number {
  return wantedAccountOf(service) === undefined ? candidates : 1;
}

/** The name that was chosen; else the one that the account had before, as paths, jobs and log-ins name it; else one derived from the service. */
function usernameOf({ service, product }: HostingOrder, rules: UsernameRules, candidate: number): string {
  const wanted = wantedAccountOf(service);
  if (wanted !== undefined) return wanted.username;
  const before = service.username !== null && isUsername(service.username, rules) ? [service.username] : [];
  return (
    before[candidate] ?? deriveUsername(service.id, service.domain ?? product.slug, rules, candidate - before.length)
  );
}
