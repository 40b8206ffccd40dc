import { mailPort, type MailReceipt } from '@keelson/core';
import type { RetriedStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';
import { shownDomain } from '../site-domain.js';

/**
 * Tells the customer how to get in. Optional, so that no mail server keeps a service from being used: the service is active
 * before the first try, and stays so when none succeeds. The Message-ID is the step's, so that a repetition after a lost answer is the same message
 * to every receiver.
 */
export function sendWelcomeEmail({
  notifications,
  secrets,
  licences,
  settings,
}: RecipeTools): RetriedStep<HostingOrder, object, Pick<MailReceipt, 'messageId'>, typeof mailPort, never> {
  return {
    needs: mailPort,
    optional: 'degraded',
    run: async ({ adapter, order, stepId }) => {
      const { service, product, customer, domain } = order;
      const {
        login_password: login,
        panel_password: panel,
        mailbox_password: mailbox,
      } = await secrets.all(service.id, ['login_password', 'panel_password', 'mailbox_password']);
      const licenceKey = service.type === 'licence' ? await licences.findKey(service.id) : undefined;
      const messageId = notifications.messageIdOf(`provisioning-${stepId}`);
      await notifications.sendNow(
        {
          messageId,
          department: 'sales',
          template: 'welcome',
          to: { name: customer.name, address: customer.email },
          related: { type: 'service', id: service.id },
          data: {
            customerName: customer.name,
            productName: product.name,
            productType: product.type,
            domain: shownDomain(order, settings),
            domainIsOurs: domain?.mode !== 'external',
            login: { url: settings.panelUrl, userName: customer.email, temporaryPassword: login },
            panel:
              service.username === null
                ? undefined
                : { url: service.panelUrl ?? undefined, userName: service.username, password: panel },
            licenceKey,
            nameservers: service.nameservers,
            mailbox:
              mailbox === undefined || domain === undefined
                ? undefined
                : { address: `admin@${domain.name}`, password: mailbox },
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
