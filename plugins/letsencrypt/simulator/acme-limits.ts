import { registrableDomain } from '@keelson/core';
import { AcmeRefusal } from './acme-problem.js';
import { setOf, type AcmeStore } from './acme-store.js';

const hour = 3_600_000;
const week = 168 * hour;

/**
 * Refuses an order that the published limits do not allow; with several, the one that lasts longest is named.
 * @see https://letsencrypt.org/docs/rate-limits/
 */
export function refuseBeyondLimits(store: AcmeStore, accountId: string, names: readonly string[], now: number): void {
  const { certificates, failures } = store.state;
  const counted = Object.values(certificates).filter(({ renewal }) => !renewal);
  const waits = [
    wait(
      store.ordersOf(accountId).flatMap(({ replaces, createdAt }) => (replaces === undefined ? [createdAt] : [])),
      300,
      3 * hour,
      now,
    ),
    wait(
      counted.filter((one) => setOf(one.names) === setOf(names)).map(({ issuedAt }) => issuedAt),
      5,
      week,
      now,
    ),
    ...[...new Set(names.map(domainOf))].map((domain) =>
      wait(
        counted.filter((one) => one.names.some((name) => domainOf(name) === domain)).map(({ issuedAt }) => issuedAt),
        50,
        week,
        now,
      ),
    ),
    ...names.map((name) =>
      wait(
        failures
          .filter((one) => one.accountId === accountId && one.domain === name.replace(/^\*\./, ''))
          .map(({ at }) => at),
        5,
        hour,
        now,
      ),
    ),
  ];
  const longest = Math.max(...waits);
  if (longest === 0) return;
  const until = new Date(now + longest).toISOString().replace('T', ' ').slice(0, 19);
  throw new AcmeRefusal(429, 'rateLimited', `too many, retry after ${until} UTC`, Math.ceil(longest / 1000));
}

function domainOf(name: string): string {
  return registrableDomain(name.replace(/^\*\./, ''));
}

/** Milliseconds until another use is allowed. */
function wait(uses: readonly number[], most: number, windowMs: number, now: number): number {
  const oldest = uses
    .filter((at) => at > now - windowMs)
    .sort((a, b) => a - b)
    .at(-most);
  return oldest === undefined ? 0 : oldest + windowMs - now;
}
