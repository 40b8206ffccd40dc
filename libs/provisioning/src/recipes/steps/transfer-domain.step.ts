import { PortError, type RegisteredDomain, registrarPort, type TransferState } from '@keelson/core';
import { Pending, type RetriedStep, type StepContext } from '../../engine/recipe.js';
import { domainNameOf, registrantOf } from '../domain-order.js';
import { reportingRefusal, reportRefusal } from '../domain-refusal.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/** What the step keeps while the transfer is under way. */
interface TransferNote {
  /** The registrar's, for `checkTransfer`. */
  reference: string;
}

type Context = StepContext<HostingOrder, object, typeof registrarPort>;

const waitsFor: Readonly<Record<(TransferState & { state: 'pending' })['waitingFor'], string>> = {
  registrar: 'the transfer is at work at the registrar',
  registrant: "the transfer waits for the owner's consent, asked for by e-mail",
  registry: 'the transfer is at work at the registry',
};

/**
 * Moves the domain to us, which takes days. The transfer is ordered once; from then on only its reference is asked about. When it fails
 * the customer is told why and what can be done; a retry takes it up again with the auth code as it is then. One that the
 * registrar account held before is not given away.
 */
export function transferDomain(
  tools: RecipeTools,
): RetriedStep<HostingOrder, object, RegisteredDomain, typeof registrarPort, never> {
  return {
    needs: registrarPort,
    refused: 'ask',
    skipWhen: ({ order }) =>
      order.domain?.mode === 'transfer' ? undefined : 'the domain is not moved to us with this order',
    look: async ({ adapter, order, ours }) => {
      const found = await adapter.findDomain(domainNameOf(order));
      if (found === undefined) return undefined;
      if (!ours) throw new PortError('already-exists', `The domain ${found.domain} is kept here already.`);
      return found.state === 'pending' ? undefined : found;
    },
    run: async (context) => {
      const transfer = await ask(tools, context);
      switch (transfer.state) {
        case 'completed':
          return transfer.domain;
        case 'pending':
          return new Pending(new Date(transfer.checkAfter), waitsFor[transfer.waitingFor], {
            reference: transfer.reference,
          } satisfies TransferNote);
        case 'failed': {
          const { reason, remedy } = transfer;
          await reportRefusal(tools, context, { during: 'transfer', reason, ...(remedy && { remedy }) });
          throw new PortError(
            'wrong-state',
            `The transfer failed. ${reason}${remedy === undefined ? '' : ` ${remedies[remedy]}`}`,
          );
        }
      }
    },
    plan: ({ order }) => [
      {
        port: 'registrar',
        method: 'startTransfer',
        summary: `moves ${domainNameOf(order)} to us, which takes days; this money does not come back`,
      },
    ],
    record: async ({ order, connectionId }, arrived, manager) => {
      await tools.domains.arrived(manager, order.service.id, connectionId, arrived);
      await tools.domains.forgetAuthCode(manager, order.service.id);
    },
  };
}

/** For operators and the customer area; the mail says it at length. */
const remedies: Readonly<Record<NonNullable<(TransferState & { state: 'failed' })['remedy']>, string>> = {
  'auth-code': 'Give a new auth code, then retry.',
  unlock: 'Have the domain unlocked where it is now, then retry.',
  wait: 'Retry later.',
};

function ask(tools: RecipeTools, context: Context): Promise<TransferState> {
  const { adapter, order, note } = context;
  const underWay = note as TransferNote | undefined;
  return reportingRefusal(tools, context, 'transfer', async () => {
    if (underWay !== undefined) return adapter.checkTransfer(underWay.reference);
    const contact = registrantOf(order);
    const authCode = await tools.domains.authCodeOf(order.service.id);
    if (authCode === undefined) throw new PortError('invalid-input', 'The auth code of the domain is missing.');
    return adapter.startTransfer(domainNameOf(order), authCode, contact);
  });
}
