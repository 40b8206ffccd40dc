import { createHash } from 'node:crypto';
import { isPortError, mailPort } from '@keelson/core';
import type { DomainProblem } from '@keelson/hosting';
import { Logger } from '@nestjs/common';
import { bindingOf, type HostingOrder } from './hosting-order.js';
import type { RecipeTools } from './recipe-tools.js';

type Refusal = Omit<DomainProblem, 'since' | 'during'> & { during: 'registration' | 'transfer' };

const logger = new Logger('domains');

/** Runs what spends money for a domain. A refusal for good is reported before it ends the step. */
export async function reportingRefusal<T>(
  tools: RecipeTools,
  step: { order: HostingOrder; stepId: string },
  during: Refusal['during'],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (isPortError(thrown) && thrown.policy.repeat === 'never') {
      await reportRefusal(tools, step, { during, reason: thrown.message });
    }
    throw thrown;
  }
}

/**
 * Keeps with the domain why it cannot be had, so that whoever decides about the money sees it, and tells the customer. The same
 * refusal is mailed once; one after a new auth code is another. A mail that cannot be sent is in the e-mail log and holds nothing up.
 */
export async function reportRefusal(
  { domains, notifications, ports }: RecipeTools,
  { order, stepId }: { order: HostingOrder; stepId: string },
  refusal: Refusal,
): Promise<void> {
  const { service, customer, domain } = order;
  const isDryRun = stepId === '';
  if (domain === undefined || isDryRun) return;
  await domains.flag(service.id, refusal);
  const said = `${refusal.reason} ${await domains.authCodeVersion(service.id)}`;
  const which = createHash('sha256').update(said).digest('hex').slice(0, 12);
  try {
    const mail = await ports.find(mailPort, bindingOf(order));
    if (mail === undefined) return;
    await notifications.sendNow(
      {
        messageId: notifications.messageIdOf(`domain-refused-${stepId}-${which}`),
        department: 'support',
        template: 'domain-refused',
        to: { name: customer.name, address: customer.email },
        related: { type: 'service', id: service.id },
        data: { customerName: customer.name, domain: domain.name, ...refusal },
      },
      mail.adapter,
    );
  } catch (thrown) {
    logger.warn(`the customer of ${domain.name} could not be told, do it by hand: ${String(thrown)}`);
  }
}
