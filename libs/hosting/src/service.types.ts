export type ServiceStatus = 'pending' | 'provisioning' | 'active' | 'suspended' | 'failed' | 'cancelled' | 'terminated';

/** Where the domain of an order comes from: it exists elsewhere, is bought with the order, or is moved to us. */
export type DomainMode = 'external' | 'new_registration' | 'transfer';
