import { toPublicId } from '@keelson/database';
import type { AlertCondition, AlertSource } from '@keelson/notifications';
import type { EntityManager } from 'typeorm';

/** Money of rejected orders goes back by itself; operators hear of what takes longer. Minutes. */
const refundMinutes = 10;

interface AlertedOrder {
  id: string;
  email: string;
  domain: string | null;
  reason: string | null;
}

function orders(kind: string, sql: string, tell: (order: AlertedOrder) => Omit<AlertCondition, 'key' | 'facts'>) {
  const current = async (manager: EntityManager): Promise<AlertCondition[]> =>
    (await manager.query<AlertedOrder[]>(sql)).map((order) => ({
      ...tell(order),
      key: order.id,
      facts: { order: toPublicId('cs', order.id), ...(order.domain !== null && { domain: order.domain }) },
    }));
  return { kind, current } satisfies AlertSource;
}

/** Orders that wait for an operator. */
export const orderAlertSources: readonly AlertSource[] = [
  orders(
    'order.held',
    `SELECT id, email, domain_info ->> 'value' AS domain, review_reason AS reason
       FROM checkout_sessions WHERE status = 'review' ORDER BY created_at DESC, id DESC LIMIT 1000`,
    ({ email, domain, reason }) => ({
      severity: 'critical',
      title: `a paid order is held: ${domain ?? email}`,
      detail: `${reason ?? 'No reason was given.'} Accept it or reject it: /api/orders.`,
    }),
  ),
  orders(
    'order.refund_due',
    `SELECT c.id, c.email, c.domain_info ->> 'value' AS domain, c.refund_error AS reason
       FROM checkout_sessions c
      WHERE c.status = 'rejected' AND c.next_check_at IS NOT NULL AND c.decided_at < now() - interval '${refundMinutes} minutes'
      ORDER BY c.created_at DESC, c.id DESC LIMIT 1000`,
    ({ email, domain, reason }) => ({
      severity: 'critical',
      title: `the money of a rejected order is not given back: ${domain ?? email}`,
      detail: `${reason ?? 'The payment provider has not confirmed it.'} Tries go on. Or refund it at the payment provider: that closes it too.`,
    }),
  ),
];
