import { type AdapterOf, mailboxPort, PortError, supports } from '@keelson/core';
import { defineRecipe, type Recipe } from '../engine/recipe.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { keptMailboxes, type KeptMailbox, wantedState } from './kept-mailboxes.js';
import { bindingOf } from '../recipes/hosting-order.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';

/** The service with the mailboxes that we answer for. */
interface MailboxOrder extends OperationOrder {
  mailboxes: KeptMailbox[];
}

/** Addresses of the mailboxes that were not as they should be. */
interface RepairedMailboxes {
  /** Made again, without the mail that the lost ones held. */
  madeEmpty: string[];
  opened: string[];
  closed: string[];
}

/**
 * Makes again the mailboxes that we made and that are gone, empty and with the password that is kept with the service; opens or closes those
 * that we answer for as the service is. Others are not looked at. It is done where the mailboxes are kept, never on another connection.
 */
function mailboxRepairRecipe(tools: RecipeTools): Recipe {
  const { load } = operationHooks();
  return defineRecipe<MailboxOrder>('mailbox.repair', {
    version: 1,
    load: async (manager, input) => {
      const order = await load(manager, input);
      return { ...order, mailboxes: await keptMailboxes(manager, 'service_id', order.service.id) };
    },
    // Of a pool, the connection that keeps them.
    bindingOf: (order) => ({ ...bindingOf(order), serverConnectionId: order.mailboxes[0]?.connectionId }),
  })
    .pivot('put_mailboxes', {
      needs: mailboxPort,
      skipWhen: ({ order }) => (order.mailboxes.length === 0 ? 'no mailbox is kept for the service' : undefined),
      run: async ({ adapter, connectionId, order }) => {
        const done: RepairedMailboxes = { madeEmpty: [], opened: [], closed: [] };
        for (const mailbox of order.mailboxes) {
          const { address } = mailbox;
          if (mailbox.connectionId !== connectionId) {
            throw new PortError(
              'wrong-state',
              `The mailbox ${address} is kept on a connection that is no longer bound: bind it.`,
            );
          }
          let found = await adapter.findMailbox(address);
          if (found === undefined && mailbox.made) {
            found = await makeAgain(tools, adapter, mailbox, order);
            done.madeEmpty.push(address);
          }
          const wanted = wantedState(mailbox);
          if (found === undefined || wanted === undefined || found.suspended === (wanted === 'suspended')) continue;
          if (!supports(adapter, mailboxPort, 'suspend')) {
            throw new PortError(
              'unsupported',
              `The mailbox ${address} cannot be opened or closed from here: do it there.`,
            );
          }
          await (wanted === 'suspended' ? adapter.suspendMailbox(address) : adapter.unsuspendMailbox(address));
          (wanted === 'suspended' ? done.closed : done.opened).push(address);
        }
        return done;
      },
      record: async ({ order: { service, mailboxes } }, _output, manager) => {
        if (service.status !== 'active') return;
        await manager.query(
          `UPDATE mailboxes SET status = 'active', updated_at = now()
            WHERE service_id = $1 AND address = ANY ($2) AND status = 'suspended'`,
          [service.id, mailboxes.map(({ address }) => address)],
        );
        await noteDegraded(manager, service.id, ['unsuspend_mailboxes'], []);
      },
      plan: ({ order: { mailboxes } }) =>
        mailboxes.map((mailbox) => ({
          port: 'mailbox' as const,
          method: 'ensureMailbox',
          summary: summaryOf(mailbox),
        })),
    })
    .build();
}

async function makeAgain(
  { secrets }: RecipeTools,
  adapter: AdapterOf<typeof mailboxPort>,
  { address }: KeptMailbox,
  { service }: MailboxOrder,
) {
  const password = await secrets.find(service.id, 'mailbox_password');
  if (password === undefined) {
    throw new PortError('wrong-state', `No password is kept for the mailbox ${address}: make it by hand.`);
  }
  if (supports(adapter, mailboxPort, 'domains'))
    await adapter.ensureDomain(address.slice(address.lastIndexOf('@') + 1));
  return adapter.ensureMailbox({ address, password, ...(service.username !== null && { account: service.username }) });
}

function summaryOf(mailbox: KeptMailbox): string {
  const made = mailbox.made ? [`makes ${mailbox.address} again, empty, if it is missing`] : [];
  const state = wantedState(mailbox);
  const put = state === undefined ? [] : [`${state === 'active' ? 'opens' : 'closes'} it if it is not`];
  return [...made, ...put].join(', ');
}

export const repairMailbox: OperationWork<object> = { make: (tools) => [mailboxRepairRecipe(tools)] };
