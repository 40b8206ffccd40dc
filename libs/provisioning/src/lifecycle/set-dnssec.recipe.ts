import { Domain } from '@keelson/hosting';
import { IsBoolean } from 'class-validator';
import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { secureDns } from '../recipes/steps/secure-dns.step.js';
import { keptDomain } from './kept-domain.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';

export class SetDnssecInput {
  /** `false` takes the pointer at the registry away, waits two days until nobody knows it any more, and then stops signing. */
  @IsBoolean()
  on: boolean;
}

/** Makes a domain signed or not, as `domains.dnssec` says. */
function setDnssecRecipe(tools: RecipeTools): Recipe {
  const { optional: _optional, after: _after, ...step } = secureDns(tools);
  return defineRecipe<OperationOrder>('domain.set_dnssec', {
    version: 1,
    ...operationHooks({ completed: (manager, { service }) => noteDegraded(manager, service.id, ['secure_dns'], []) }),
  })
    .pivot('secure_dns', { ...step, refused: 'ask' })
    .build();
}

export const setDnssec: OperationWork<SetDnssecInput> = {
  make: (tools) => [setDnssecRecipe(tools)],
  freeze: async (context) => {
    await keptDomain(context);
    return { on: context.input.on };
  },
  prepare: async ({ manager, service, input }) => {
    await manager.update(Domain, { serviceId: service.id }, { dnssec: input.on });
  },
};
