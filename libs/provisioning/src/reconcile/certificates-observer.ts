import { sslPort } from '@keelson/core';
import type { Difference, Observer } from './reconcile.types.js';

export interface CertificateBelief {
  certificateId: string;
  serviceId: string;
  domains: string[];
  certificatePem: string;
  notAfter: Date;
}

/** When each certificate should have been renewed, by id. */
export type SeenCertificates = Map<string, { renewBy: Date }>;

/**
 * Certificates that our sites answer with: whether the authority says that they should have been renewed by now. No port reads
 * certificates back from a panel, so what is installed there is taken from our rows.
 */
export const certificatesObserver: Observer<typeof sslPort, CertificateBelief, SeenCertificates> = {
  area: 'certificates',
  port: sslPort,
  believe: (manager, connectionId) =>
    manager.query<CertificateBelief[]>(
      `SELECT c.id AS "certificateId", c.service_id AS "serviceId", c.domains, c.certificate_pem AS "certificatePem",
              c.not_after AS "notAfter"
         FROM certificates c JOIN services s ON s.id = c.service_id
        WHERE c.connection_id = $1 AND c.status = 'installed' AND s.status IN ('active', 'suspended')
          AND NOT EXISTS (SELECT 1 FROM certificates o WHERE o.service_id = c.service_id AND o.status IN ('pending', 'issued'))
        ORDER BY c.id`,
      [connectionId],
    ),
  look: async (adapter, beliefs) => {
    const seen: SeenCertificates = new Map();
    for (const { certificateId, certificatePem } of beliefs) {
      seen.set(certificateId, { renewBy: (await adapter.renewalWindow(certificatePem)).end });
    }
    return { listed: beliefs.length, seen };
  },
  count: (beliefs) => beliefs.length,
  compare: (beliefs, seen, now) =>
    beliefs.flatMap(({ certificateId, serviceId, domains, notAfter }): Difference[] => {
      const renewBy = seen.get(certificateId)?.renewBy;
      if (renewBy === undefined || now <= renewBy) return [];
      const actual = { renewBy: renewBy.toISOString(), expiresAt: notAfter.toISOString(), domains };
      const expected = { state: 'renewed' };
      return [
        {
          kind: 'certificate.overdue',
          key: domains[0] ?? certificateId,
          serviceId,
          expected,
          actual,
          suggestion: 'look',
        },
      ];
    }),
};
