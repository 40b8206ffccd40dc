/**
 * `quarantined`: given up and out of use, its data kept for a while. `terminating`: its data is being removed, there is no way
 * back. Which state follows which is in `service-transitions.ts`.
 */
export type ServiceStatus =
  | 'pending'
  | 'provisioning'
  | 'active'
  | 'suspended'
  | 'quarantined'
  | 'terminating'
  | 'terminated'
  | 'failed'
  | 'cancelled';

/** Where the domain of an order comes from: it exists elsewhere, is bought with the order, or is moved to us. */
export type DomainMode = 'external' | 'new_registration' | 'transfer';
