import type { EntityManager } from 'typeorm';
import type { RecipeHooks } from '../engine/recipe.js';
import { bindingOf, type HostingOrder, loadHostingOrder } from '../recipes/hosting-order.js';

/** What the steps of an operation know: the service as it is now, and what `freeze` decided when it was asked for. */
export interface OperationOrder<Input extends object = object> extends HostingOrder {
  input: Input;
}

/** The hooks of an operation on a service that exists. `started`, `completed` and `undone` are up to the recipe. */
export function operationHooks<Input extends object = object>(
  hooks: Pick<RecipeHooks<OperationOrder<Input>>, 'started' | 'completed' | 'undone'> = {},
): RecipeHooks<OperationOrder<Input>> {
  return {
    load: async (manager, { serviceId, ...input }) => ({
      ...(await loadHostingOrder(manager, { serviceId })),
      input: input as Input,
    }),
    bindingOf,
    ...hooks,
  };
}

/**
 * Keeps `services.degraded` true after an operation: of the optional steps named, those that are missing are listed and those
 * that are not are struck; what other recipes left there stays.
 */
export async function noteDegraded(
  manager: EntityManager,
  serviceId: string,
  steps: readonly string[],
  missing: readonly string[],
): Promise<void> {
  await manager.query(
    `UPDATE services SET degraded = ARRAY(SELECT name FROM unnest(degraded) AS name WHERE name <> ALL ($2)) || $3::text[]
      WHERE id = $1`,
    [serviceId, steps, missing],
  );
}
