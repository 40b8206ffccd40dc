export const productTypes = ['hosting', 'wordpress', 'email', 'storage', 'vps', 'domain', 'licence'] as const;

/** What a product is; decides which recipe makes it exist. */
export type ProductType = (typeof productTypes)[number];

export type ServiceStatus = 'pending' | 'provisioning' | 'active' | 'suspended' | 'failed' | 'cancelled' | 'terminated';

/** Where the domain of an order comes from: it exists elsewhere, is bought with the order, or is moved to us. */
export type DomainMode = 'external' | 'new_registration' | 'transfer';
