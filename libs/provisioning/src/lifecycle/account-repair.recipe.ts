import { type Account, type AdapterOf, PortError, provisionerPort, supports } from '@keelson/core';
import { RemoteResource } from '@keelson/hosting';
import { defineRecipe, type Recipe } from '../engine/recipe.js';
import { operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { usernameOf, withoutAccount } from './service-account.js';
import { isPackage, isSameAccount } from './account-match.js';

/** The service with the ids under which its account is known to the vendor. */
interface AccountOrder extends OperationOrder {
  externalIds: string[];
}

/**
 * Makes suspension and package of the account what our row says. It looks first: an account that is gone is not made again,
 * and one that is not ours any more is left alone.
 */
function accountRepairRecipe(): Recipe {
  const { load, bindingOf } = operationHooks();
  return defineRecipe<AccountOrder>('account.repair', {
    version: 1,
    load: async (manager, input) => {
      const order = await load(manager, input);
      const resource = await manager.findOneBy(RemoteResource, { serviceId: order.service.id, kind: 'account' });
      const adopted = resource?.data['externalId'];
      return { ...order, externalIds: [order.service.id, ...(typeof adopted === 'string' ? [adopted] : [])] };
    },
    bindingOf,
  })
    .pivot('put_account', {
      needs: provisionerPort,
      skipWhen: withoutAccount,
      run: async ({ adapter, order }) => {
        const account = await ourAccount(adapter, order);
        return { state: await putState(adapter, account, order), package: await putPackage(adapter, account, order) };
      },
      plan: ({ order }) => [
        {
          port: 'provisioner',
          method: order.service.status === 'suspended' ? 'suspendAccount' : 'unsuspendAccount',
          summary: `makes the account ${usernameOf(order)} ${order.service.status}, on its package`,
        },
      ],
    })
    .build();
}

async function ourAccount(adapter: AdapterOf<typeof provisionerPort>, order: AccountOrder): Promise<Account> {
  const account = await adapter.findAccount({ username: usernameOf(order) });
  if (account === undefined) throw new PortError('not-found', 'The account is gone: look what became of it.');
  if (isSameAccount({ domain: order.service.domain, externalIds: order.externalIds }, account)) return account;
  throw new PortError('already-exists', 'Under the name of our account stands another one: it is left alone.');
}

async function putState(
  adapter: AdapterOf<typeof provisionerPort>,
  { username, state }: Account,
  { service }: AccountOrder,
): Promise<string> {
  const wanted = service.status === 'suspended' ? 'suspended' : 'active';
  if (state === wanted) return wanted;
  if (wanted === 'suspended') await adapter.suspendAccount(username, service.suspendReason ?? 'suspended');
  else await adapter.unsuspendAccount(username);
  return wanted;
}

/** Undefined where the vendor shows none or cannot change it. */
async function putPackage(
  adapter: AdapterOf<typeof provisionerPort>,
  { username, package: theirs }: Account,
  { service, product }: AccountOrder,
): Promise<string | undefined> {
  const ours = service.packageName ?? product.packageName ?? product.slug;
  if (theirs === undefined || !supports(adapter, provisionerPort, 'change-package')) return undefined;
  if (!isPackage(ours, theirs, await adapter.listPackages())) await adapter.changePackage(username, ours);
  return ours;
}

export const repairAccount: OperationWork<object> = { make: () => [accountRepairRecipe()] };
