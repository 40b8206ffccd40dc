import { mailPort, type MailReceipt } from '@keelson/core';
import { HostedMailbox } from '@keelson/hosting';
import type { RetriedStep } from '../engine/recipe.js';
import type { HostingOrder } from '../recipes/hosting-order.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { shownDomain } from '../recipes/site-domain.js';

/**
 * Mails the customer how to get in. The passwords come out of their seals for the mail alone. The Message-ID is the step's, so that a
 * repetition is the same message to every receiver.
 * @param options.only `panel`: nothing about mailboxes
 */
export function sendCredentials(
  { dataSource, notifications, secrets, licences, settings }: RecipeTools,
  options: { only?: 'panel' } = {},
): RetriedStep<HostingOrder, object, Pick<MailReceipt, 'messageId'>, typeof mailPort, never> {
  return {
    needs: mailPort,
    run: async ({ adapter, order, stepId }) => {
      const { service, product, customer } = order;
      const { username } = service;
      const [panel, mailbox] = await Promise.all([
        secrets.find(service.id, 'panel_password'),
        secrets.find(service.id, 'mailbox_password'),
      ]);
      const kept =
        options.only === undefined && mailbox !== undefined
          ? await dataSource.manager.findOneBy(HostedMailbox, { serviceId: service.id, status: 'active' })
          : null;
      const messageId = notifications.messageIdOf(`credentials-${stepId}`);
      await notifications.sendNow(
        {
          messageId,
          department: 'support',
          template: 'credentials',
          to: { name: customer.name, address: customer.email },
          related: { type: 'service', id: service.id },
          data: {
            customerName: customer.name,
            productName: product.name,
            domain: shownDomain(order, settings),
            login: { url: settings.panelUrl, userName: customer.email },
            panel:
              username === null
                ? undefined
                : { url: service.panelUrl ?? undefined, userName: username, password: panel },
            licenceKey: service.type === 'licence' ? await licences.findKey(service.id) : undefined,
            mailbox: kept === null ? undefined : { address: kept.address, password: mailbox },
          },
        },
        adapter,
      );
      return { messageId };
    },
    plan: ({ order: { customer } }) => [
      { port: 'mail', method: 'sendMail', summary: `mails the access data to ${customer.email}` },
    ],
  };
}
