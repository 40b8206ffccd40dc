import { PortError, type RegisteredDomain, registrarPort } from '@keelson/core';
import { IsISO8601, IsInt, Matches, Max, Min } from 'class-validator';
import { defineRecipe, type Recipe } from '../engine/recipe.js';
import { domainNameOf } from '../recipes/domain-order.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { keptDomain } from './kept-domain.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import { operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork, RequestContext } from './operation.js';

export class RenewDomainInput {
  /** For how long. */
  @IsInt()
  @Min(1)
  @Max(10)
  years: number;

  /** The date on which the domain expires as the caller knows it (`2027-03-01`): a second request after the first went through is refused. */
  @IsISO8601({ strict: true })
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'expectedExpiry must be a date such as 2027-03-01' })
  expectedExpiry: string;
}

interface Renewal {
  years: number;
  /** `YYYY-MM-DD`, UTC. */
  expectedExpiry: string;
}

/** Registries reckon 29 February and their own cut-off each in their way. Milliseconds. */
const toleranceMs = 3 * 24 * 3_600_000;

/**
 * Renews the domain from the expiry that we know, once: a domain that expires as much later has been renewed, one that expires at another
 * date is left alone. Without money at the registrar it waits, burns no attempt, and goes on by itself.
 */
function renewDomainRecipe({ domains }: RecipeTools): Recipe {
  return defineRecipe<OperationOrder<Renewal>>('domain.renew', { version: 1, ...operationHooks<Renewal>() })
    .pivot('renew_domain', {
      needs: registrarPort,
      refused: 'ask',
      look: async ({ adapter, order }) => {
        const found = await adapter.findDomain(domainNameOf(order));
        if (found === undefined) throw new PortError('not-found', 'The domain is not in our account any more.');
        return isRenewed(found, order.input) ? found : undefined;
      },
      run: ({ adapter, order: { domain, input } }) =>
        adapter.renewDomain(domainNameOf({ domain }), input.years, new Date(input.expectedExpiry)),
      record: ({ order: { service }, connectionId }, renewed, manager) =>
        domains.arrived(manager, service.id, connectionId, renewed),
      plan: ({ order: { domain, input } }) => [
        {
          port: 'registrar',
          method: 'renewDomain',
          summary: `renews ${domainNameOf({ domain })} for ${input.years} years from ${input.expectedExpiry}; this money does not come back`,
        },
      ],
    })
    .build();
}

/** @throws PortError `wrong-state` when it expires neither when we believe, nor as much later */
function isRenewed({ expiresAt }: RegisteredDomain, { years, expectedExpiry }: Renewal): boolean {
  const known = new Date(expectedExpiry);
  const expires = new Date(expiresAt).getTime();
  if (expires === known.getTime()) return false;
  const target = Date.UTC(known.getUTCFullYear() + years, known.getUTCMonth(), known.getUTCDate());
  if (expires >= target - toleranceMs) return true;
  throw new PortError(
    'wrong-state',
    `The domain expires on ${dateOf(new Date(expires))} and not on ${expectedExpiry}: nothing was renewed. Ask again with that date.`,
  );
}

function dateOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

async function freeze(context: RequestContext<RenewDomainInput>): Promise<Renewal> {
  const { years, expectedExpiry } = context.input;
  const { expiresAt } = await keptDomain(context);
  const known = expiresAt === null ? 'at a date we do not know yet' : `on ${dateOf(expiresAt)}`;
  if (expiresAt === null || dateOf(expiresAt) !== expectedExpiry) {
    throw new OperationRefusedError('conflict', 'expiry-changed', `The domain expires ${known}: nothing was renewed.`);
  }
  return { years, expectedExpiry };
}

export const renewDomain: OperationWork<RenewDomainInput> = { make: (tools) => [renewDomainRecipe(tools)], freeze };
