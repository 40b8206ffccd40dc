import type { UserRole } from './user.entity.js';

/** What an API key may be allowed to do; `*` is everything that the role of its user may. */
export const apiKeyScopes = ['*', 'marketing', 'customers', 'services', 'provisioning', 'billing', 'licences'] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

/** Who makes a request, and what they may do. */
export interface Principal {
  /** A person with a session, a program with a key, or the bootstrap token of the environment. */
  kind: 'user' | 'api-key' | 'bootstrap';
  role: UserRole;
  scopes: readonly ApiKeyScope[];
  userId?: string;
  /** The customer that the user is, if any. */
  customerId?: string;
  apiKeyId?: string;
}

/** Whether the principal's scopes include this one. Roles are another question. */
export function hasScope(principal: Principal, scope: ApiKeyScope): boolean {
  return principal.scopes.includes('*') || principal.scopes.includes(scope);
}
