import { inTransaction } from '@keelson/database';
import { licenceLimitsOf } from '@keelson/hosting';
import type { UndoableStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/** Issues the licence with the limits that the product has now. It is good for as long as the service is active. */
export function issueLicence({
  dataSource,
  licences,
}: RecipeTools): UndoableStep<HostingOrder, object, { licenceId: string }, never, never> {
  return {
    run: async ({ order: { service, product } }) => {
      const limits = licenceLimitsOf(product.limits);
      const { id } = await inTransaction(dataSource, (manager) =>
        licences.issue(manager, { serviceId: service.id, limits }),
      );
      return { licenceId: id };
    },
    undo: () => Promise.resolve(),
    unrecord: ({ order: { service } }, manager) => licences.revoke(manager, service.id),
  };
}
