import { isPortError, type Mailbox, mailboxPort } from '@keelson/core';
import type { Difference, Observer } from './reconcile.types.js';

export interface MailboxBelief {
  serviceId: string;
  address: string;
  status: string;
  serviceStatus: string;
}

/** By domain; null for a domain that the connection does not know. */
export type SeenMailboxes = Map<string, Mailbox[] | null>;

/** Mailboxes that we made. Those that customers made for themselves are their own business and not compared. */
export const mailboxesObserver: Observer<typeof mailboxPort, MailboxBelief, SeenMailboxes> = {
  area: 'mailboxes',
  port: mailboxPort,
  believe: (manager, connectionId) =>
    manager.query<MailboxBelief[]>(
      `SELECT m.service_id AS "serviceId", m.address, m.status, s.status AS "serviceStatus"
         FROM mailboxes m JOIN services s ON s.id = m.service_id
        WHERE m.connection_id = $1 AND m.status IN ('active', 'suspended') AND s.status IN ('active', 'suspended')
        ORDER BY m.address`,
      [connectionId],
    ),
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
  count: (beliefs) => beliefs.length,
  compare: (beliefs, seen) =>
    beliefs.flatMap((belief): Difference[] => {
      const mailboxes = seen.get(domainOf(belief));
      if (mailboxes === undefined) return [];
      const { serviceId, address, status, serviceStatus } = belief;
      const about = { key: address, serviceId, suggestion: 'look' as const };
      const found = mailboxes?.find((mailbox) => mailbox.address === address);
      if (found === undefined) {
        const actual = mailboxes === null ? { domain: 'unknown' } : null;
        return [{ ...about, kind: 'mailbox.missing', expected: { address, state: status }, actual }];
      }
      const state = found.suspended ? 'suspended' : 'active';
      // A suspended account takes its mailboxes along, at some vendors visibly.
      if (state === status || serviceStatus === 'suspended') return [];
      return [{ ...about, kind: 'mailbox.suspension', expected: { state: status }, actual: { state } }];
    }),
};

function domainOf({ address }: MailboxBelief): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
