import { isPortError, listCapabilities, normalise } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { type BoundAdapter, OrderPorts } from '../engine/order-ports.js';
import type { BindingKey, PlannedCall, Recipe, RecipeStep } from '../engine/recipe.js';

/** What a step would do now. */
export interface PlannedStep {
  step: string;
  /** `act`: makes the calls. `confirm`: its effect is there already, or it only reads. `skip`: not for this service. `refuse`: the task would end here. */
  outcome: 'act' | 'confirm' | 'skip' | 'refuse';
  connection?: string;
  /** Why it is skipped or refused. */
  reason?: string;
  calls: readonly PlannedCall[];
}

/** Tells what a recipe would do, without doing it. */
@Injectable()
export class OperationPlanner {
  constructor(private readonly ports: OrderPorts) {}

  /**
   * Goes through the recipe in order, with the read-only look of each step that has one. Nothing is written and nothing acted. What later
   * steps read from earlier ones is known where a look found it.
   */
  async plan(recipe: Recipe, order: unknown): Promise<PlannedStep[]> {
    const done: Record<string, unknown> = {};
    const planned: PlannedStep[] = [];
    for (const step of recipe.steps) {
      const one = await this.planStep(step, order, done, recipe.hooks.bindingOf(order));
      planned.push(one);
      if (one.outcome === 'refuse') break;
    }
    return planned;
  }

  private async planStep(
    step: RecipeStep,
    order: unknown,
    done: Record<string, unknown>,
    key: BindingKey,
  ): Promise<PlannedStep> {
    const skip = (reason: string): PlannedStep => ({ step: step.name, outcome: 'skip', reason, calls: [] });
    const reason = step.skipWhen?.({ order, done });
    if (reason !== undefined) return skip(reason);
    try {
      const bound = step.port === undefined ? undefined : await this.ports.find(step.port, key);
      if (step.port !== undefined && bound === undefined) {
        return skip(`no connection is bound to the port ${step.port.id} for ${key.productType}`);
      }
      if (bound !== undefined && step.capability !== undefined) {
        if (!listCapabilities(bound.adapter as object).includes(step.capability))
          return skip(`the connection ${bound.connection} does not offer ${step.capability}`);
      }
      const place = { step: step.name, ...(bound === undefined ? {} : { connection: bound.connection }) };
      const found = await look(step, order, done, bound);
      if (found !== undefined) {
        done[step.name] = found;
        return { ...place, outcome: 'confirm', calls: [] };
      }
      return { ...place, outcome: 'act', calls: step.plan?.({ order, done }) ?? [] };
    } catch (thrown) {
      if (!isPortError(thrown)) throw thrown;
      return { step: step.name, outcome: 'refuse', reason: normalise(thrown).message, calls: [] };
    }
  }
}

async function look(
  step: RecipeStep,
  order: unknown,
  done: Record<string, unknown>,
  bound: BoundAdapter | undefined,
): Promise<unknown> {
  const port = { adapter: bound?.adapter as unknown, connectionId: bound?.connectionId };
  return step.look?.({ order, done, ...port, stepId: '', attempt: 1, ours: false, note: undefined });
}
