import type { RenewalWindow } from './ssl.port.js';

const hour = 3_600_000;
const day = 24 * hour;

/** Certificates that live shorter are renewed at half of their life instead of two thirds. */
const shortLifeMs = 10 * day;

/** How long the word on renewal is taken when nobody says (RFC 9773 §4.3.2: six hours). Milliseconds. */
export const renewalCheckMs = 6 * hour;

/**
 * When to renew a certificate whose authority does not say: in a window of a twelfth of its life that ends at two thirds of it,
 * or at half of it when it lives less than ten days. Knows no length of life by heart.
 */
export function ownRenewalWindow(
  { notBefore, notAfter }: { notBefore: Date; notAfter: Date },
  now: Date,
): RenewalWindow {
  const from = notBefore.getTime();
  const life = notAfter.getTime() - from;
  const end = from + (life < shortLifeMs ? life / 2 : (life * 2) / 3);
  return { start: new Date(end - life / 12), end: new Date(end), checkAfter: new Date(now.getTime() + renewalCheckMs) };
}

/**
 * One moment in the window for one certificate: spread over the window as ids are, so that a crowd does not come together, and the same
 * every time it is asked for (RFC 9773 §4.2 wants a moment chosen uniformly, once for each window).
 * @param id UUID of the certificate
 */
export function renewalMoment({ start, end }: Pick<RenewalWindow, 'start' | 'end'>, id: string): Date {
  return new Date(start.getTime() + (end.getTime() - start.getTime()) * fractionOf(id));
}

/** From 0 up to 1, evenly, by the random end of a UUID. */
export function fractionOf(id: string): number {
  return parseInt(id.replaceAll('-', '').slice(-12), 16) / 2 ** 48;
}
