import { mailPort, type MailReceipt } from '@keelson/core';
import type { RetriedStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';
import { siteDomain } from '../site-domain.js';

/**
 * Tells the customer how to get in. The Message-ID is the step's, so that a repetition after a lost answer is the same message
 * to every receiver.
 */
export function sendWelcomeEmail({
  notifications,
  secrets,
  settings,
}: RecipeTools): RetriedStep<HostingOrder, object, Pick<MailReceipt, 'messageId'>, typeof mailPort, never> {
  return {
    needs: mailPort,
    run: async ({ adapter, order, stepId }) => {
      const { service, product, customer, domain } = order;
      const [login, panel, mailbox] = await Promise.all(
        ['login_password', 'panel_password', 'mailbox_password'].map((name) => secrets.find(service.id, name)),
      );
      const messageId = `${stepId}@${settings.mailFrom.address.split('@')[1] ?? 'localhost'}`;
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
            domain: siteDomain(order, settings),
            loginUrl: settings.panelUrl,
            userName: customer.email,
            temporaryPassword: login,
            panelUrl: service.panelUrl ?? settings.panelUrl,
            panelUserName: service.username ?? undefined,
            panelPassword: panel,
            mailbox: mailbox === undefined ? undefined : { address: `admin@${domain?.name ?? ''}`, password: mailbox },
            nameservers: service.nameservers,
          },
        },
        adapter,
      );
      return { messageId };
    },
  };
}
