import { isPortError, type Mailbox, mailboxPort } from '@keelson/core';
import type { EntityManager } from 'typeorm';
import type { Difference, Observer } from './reconcile.types.js';

export interface MailboxBelief {
  serviceId: string;
  connectionId: string;
  address: string;
  /** `suspended`: we closed it together with its service. */
  status: 'active' | 'suspended';
  serviceStatus: 'active' | 'suspended';
  /** By us. One that a customer made is ours to open again when we closed it, and nothing else. */
  made: boolean;
}

/** By domain; null for a domain that the connection does not know. */
export type SeenMailboxes = Map<string, Mailbox[] | null>;

/** Mailboxes that we made, or closed. Otherwise those that customers made for themselves are their own business and not compared. */
export const mailboxesObserver: Observer<typeof mailboxPort, MailboxBelief, SeenMailboxes> = {
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

/** What we believe of the mailboxes of a connection or a service, by address. */
export function keptMailboxes(
  manager: EntityManager,
  of: 'connection_id' | 'service_id',
  id: string,
): Promise<MailboxBelief[]> {
  return manager.query<MailboxBelief[]>(
    `SELECT m.service_id AS "serviceId", m.connection_id AS "connectionId", m.address, m.status, s.status AS "serviceStatus",
            r.id IS NOT NULL AS made
       FROM mailboxes m JOIN services s ON s.id = m.service_id
       LEFT JOIN remote_resources r ON r.connection_id = m.connection_id AND r.kind = 'mailbox' AND r.remote_id = m.address
                                   AND r.service_id = m.service_id
      WHERE m.${of} = $1 AND m.status IN ('active', 'suspended') AND s.status IN ('active', 'suspended')
        AND (r.id IS NOT NULL OR m.status = 'suspended')
      ORDER BY m.address`,
    [id],
  );
}

/** Undefined: both are right. A suspended account takes the mailboxes along that it keeps, at some vendors visibly. */
export function wantedState({
  status,
  serviceStatus,
}: Pick<MailboxBelief, 'status' | 'serviceStatus'>): 'active' | 'suspended' | undefined {
  if (serviceStatus === 'active') return 'active';
  return status === 'suspended' ? 'suspended' : undefined;
}

function domainOf({ address }: MailboxBelief): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
