import type { DriftKind } from '@keelson/core';
import { Domain } from '@keelson/hosting';
import type { EntityManager } from 'typeorm';
import type { OperationName } from '../lifecycle/operations.js';
import type { DriftFinding } from './drift-finding.entity.js';

/** How a difference is put right: at the vendor, by an operation on the service, or in our own row, where the vendor's word counts. */
export type Repair =
  | { how: 'operation'; operation: OperationName }
  | { how: 'row'; summary: string; put: (manager: EntityManager, finding: DriftFinding) => Promise<void> };

const putZone: Repair = { how: 'operation', operation: 'repair_zone' };
const putAccount: Repair = { how: 'operation', operation: 'repair_account' };
const putMailbox: Repair = { how: 'operation', operation: 'repair_mailbox' };

/** One for each of `repairableKinds` and `namedRepairKinds`. */
export const repairs: Readonly<Partial<Record<DriftKind, Repair>>> = {
  'zone.missing': putZone,
  'zone.records': putZone,
  'account.suspension': putAccount,
  'account.package': putAccount,
  'account.missing': { how: 'operation', operation: 'reprovision' },
  'mailbox.missing': putMailbox,
  'mailbox.suspension': putMailbox,
  'domain.expiry': {
    how: 'row',
    summary: 'take over the date of expiry that the registrar shows',
    put: async (manager, { key, connectionId, actual }) => {
      const day = actual?.['expires'];
      if (typeof day !== 'string') return;
      await manager.update(
        Domain,
        { name: key, connectionId, status: 'active' },
        { expiresAt: new Date(`${day}T00:00:00Z`) },
      );
    },
  },
};
