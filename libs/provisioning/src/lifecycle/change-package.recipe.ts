import { PortError, provisionerPort, supports } from '@keelson/core';
import { Product } from '@keelson/catalogue';
import { fromPublicId, InvalidIdError } from '@keelson/database';
import { Service } from '@keelson/hosting';
import { IsOptional, Length, Matches } from 'class-validator';
import type { EntityManager } from 'typeorm';
import { defineRecipe, type Recipe, type StepContext } from '../engine/recipe.js';
import { isPackage } from './account-match.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import { operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { usernameOf, withoutAccount } from './service-account.js';
import { type Limits, overLimits } from './usage-fits.js';

/** Exactly one of the two. */
export class ChangePackageInput {
  /** The product that the service becomes: id or slug. Its type and server group are those of the present one. */
  @IsOptional()
  @Length(1, 80)
  @Matches(/^[A-Za-z0-9_-]+$/, { message: 'productId must be an id or a slug' })
  productId?: string;

  /** A package at the panel that is no product's, for single cases. The service stays what it is sold as. */
  @IsOptional()
  @Length(1, 80)
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, { message: 'packageName must be the name of a package' })
  packageName?: string;
}

interface NewPackage {
  productId: string;
  packageName: string;
  /** What the product allows, such as `{ mailboxes: 10 }`; empty for a package that is no product's. */
  limits: Limits;
}

type Order = OperationOrder<NewPackage>;

/** @throws PortError `invalid-input` for a package that the server lacks, `wrong-state` when the account uses more than it allows */
async function checkFit({ adapter, order }: StepContext<Order, object, typeof provisionerPort, 'usage'>) {
  const { packageName, limits } = order.input;
  const packages = await adapter.listPackages();
  const wanted = packages.find(({ name }) => isPackage(packageName, name, packages));
  if (wanted === undefined)
    throw new PortError('invalid-input', `The server has no package ${packageName}: make it there first.`);
  const usage = await adapter.getUsage(usernameOf(order));
  const over = overLimits(usage, { ...limits, diskMb: wanted.diskMb, bandwidthMb: wanted.bandwidthMb });
  if (over.length === 0) return { packageName: wanted.name };
  throw new PortError('wrong-state', `The account does not fit the package ${packageName}: ${over.join('; ')}.`);
}

/**
 * Puts the account on another package, larger or smaller. What the account uses must fit, as far as the vendor tells; else nothing is
 * touched. What it costs the customer is the business of whoever asks.
 */
function changePackageRecipe(): Recipe {
  return defineRecipe<Order>('service.change_package', {
    version: 1,
    ...operationHooks<NewPackage>({
      completed: async (manager, { service, input: { productId, packageName } }) => {
        await manager.update(Service, { id: service.id }, { productId, packageName });
      },
    }),
  })
    .step('check_usage', {
      needs: provisionerPort,
      capability: 'usage',
      skipWhen: withoutAccount,
      look: checkFit,
      run: checkFit,
      undo: () => Promise.resolve(),
    })
    .pivot('change_package', {
      needs: provisionerPort,
      skipWhen: withoutAccount,
      look: async ({ adapter, order }) => {
        const username = usernameOf(order);
        const { packageName } = order.input;
        const found = await adapter.findAccount({ username });
        if (found?.package === undefined) return undefined;
        return isPackage(packageName, found.package, await adapter.listPackages())
          ? { username, packageName }
          : undefined;
      },
      run: async ({ adapter, order }) => {
        if (!supports(adapter, provisionerPort, 'change-package'))
          throw new PortError('unsupported', 'The server cannot change packages: change it there by hand.');
        const username = usernameOf(order);
        const { packageName } = order.input;
        await adapter.changePackage(username, packageName);
        return { username, packageName };
      },
      plan: ({ order }) => [
        {
          port: 'provisioner',
          method: 'changePackage',
          summary: `puts the account ${usernameOf(order)} on the package ${order.input.packageName}`,
        },
      ],
    })
    .build();
}

export const changePackage: OperationWork<ChangePackageInput> = {
  make: () => [changePackageRecipe()],
  freeze: async ({ manager, service, input: { productId, packageName } }): Promise<NewPackage> => {
    if ((productId === undefined) === (packageName === undefined)) {
      const message = 'give either productId or packageName';
      throw new OperationRefusedError('bad-input', 'validation-failed', message, [{ path: 'productId', message }]);
    }
    if (packageName !== undefined) return { productId: service.productId, packageName, limits: {} };
    const [from, to] = await Promise.all([
      manager.findOneByOrFail(Product, { id: service.productId }),
      findProduct(manager, productId ?? ''),
    ]);
    if (to === null) {
      const message = `there is no product ${productId}`;
      throw new OperationRefusedError('bad-input', 'unknown-plan', message, [{ path: 'productId', message }]);
    }
    if (to.type !== service.type)
      throw new OperationRefusedError('conflict', 'other-type', `A ${service.type} service cannot become ${to.type}.`);
    if (to.serverGroup !== from.serverGroup) {
      const message = `${to.name} lives on servers of the group ${to.serverGroup}: migrate the service instead.`;
      throw new OperationRefusedError('conflict', 'other-server-group', message);
    }
    return { productId: to.id, packageName: to.packageName ?? to.slug, limits: to.limits };
  },
};

function findProduct(manager: EntityManager, text: string): Promise<Product | null> {
  try {
    return manager.findOneBy(Product, { id: fromPublicId('prod', text) });
  } catch (error) {
    if (error instanceof InvalidIdError) return manager.findOneBy(Product, { slug: text.toLowerCase() });
    throw error;
  }
}
