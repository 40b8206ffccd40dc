import type { Settings } from '@keelson/core';

/** Where a payment page sends the customer when the order names no place: the pages of the first marketing site. */
export function returnUrls({ corsOrigins, panelUrl }: Settings): { successUrl: string; cancelUrl: string } {
  const site = corsOrigins[0] ?? panelUrl;
  return { successUrl: `${site}/success.html?session_id={CHECKOUT_SESSION_ID}`, cancelUrl: `${site}/cancel.html` };
}
