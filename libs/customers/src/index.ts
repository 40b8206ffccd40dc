export * from './api-key.entity.js';
export * from './audit-entry.entity.js';
export * from './customer.entity.js';
export * from './tenant.entity.js';
export * from './user.entity.js';
