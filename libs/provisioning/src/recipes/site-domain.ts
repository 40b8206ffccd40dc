import type { Settings } from '@keelson/core';
import type { HostingOrder } from './hosting-order.js';

/**
 * The name that the site answers to: the customer's domain, or, for an order without one, a name below our own that is the
 * same at every repetition.
 */
export function siteDomain(
  { service }: Pick<HostingOrder, 'service'>,
  { temporaryDomain }: Pick<Settings, 'temporaryDomain'>,
): string {
  return service.domain ?? `s${service.id.replaceAll('-', '').slice(-12)}.${temporaryDomain}`;
}

/** The name that mails call the service by; undefined for a licence without domain, which no site answers for. */
export function shownDomain(
  order: Pick<HostingOrder, 'service'>,
  settings: Pick<Settings, 'temporaryDomain'>,
): string | undefined {
  return order.service.type === 'licence' ? (order.service.domain ?? undefined) : siteDomain(order, settings);
}
