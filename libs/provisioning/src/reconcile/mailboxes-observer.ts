import { isPortError, type Mailbox, mailboxPort } from '@keelson/core';
import { type KeptMailbox, keptMailboxes, wantedState } from '../lifecycle/kept-mailboxes.js';
import type { Difference, Observer } from './reconcile.types.js';

/** By domain; null for a domain that the connection does not know. */
export type SeenMailboxes = Map<string, Mailbox[] | null>;

/** Mailboxes that we made, or closed. Otherwise those that customers made for themselves are their own business and not compared. */
export const mailboxesObserver: Observer<typeof mailboxPort, KeptMailbox, SeenMailboxes> = {
  area: 'mailboxes',
  port: mailboxPort,
  believe: (manager, connectionId) => keptMailboxes(manager, 'connection_id', connectionId),
  look: async (adapter, beliefs) => {
    const seen: SeenMailboxes = new Map();
    for (const domain of new Set(beliefs.map(domainOf))) {
      try {
        seen.set(domain, await adapter.listMailboxes(domain));
      } catch (thrown) {
        if (!isPortError(thrown) || thrown.code !== 'not-found') throw thrown;
        seen.set(domain, null);
      }
    }
    return { listed: [...seen.values()].reduce((sum, mailboxes) => sum + (mailboxes?.length ?? 0), 0), seen };
  },
  count: (beliefs) => beliefs.filter(({ made }) => made).length,
  compare: (beliefs, seen) =>
    beliefs.flatMap((belief): Difference[] => {
      const mailboxes = seen.get(domainOf(belief));
      if (mailboxes === undefined) return [];
      const { serviceId, address, status, made } = belief;
      const about = { key: address, serviceId, suggestion: 'repair' as const };
      const wanted = wantedState(belief);
      const found = mailboxes?.find((mailbox) => mailbox.address === address);
      if (found === undefined) {
        const expected = { address, state: wanted ?? status };
        const actual = mailboxes === null ? { domain: 'unknown' } : null;
        return made ? [{ ...about, kind: 'mailbox.missing', expected, actual }] : [];
      }
      const state = found.suspended ? 'suspended' : 'active';
      if (wanted === undefined || wanted === state) return [];
      return [{ ...about, kind: 'mailbox.suspension', expected: { state: wanted }, actual: { state } }];
    }),
};

function domainOf({ address }: KeptMailbox): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
