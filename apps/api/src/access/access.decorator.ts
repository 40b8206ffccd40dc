import type { ApiKeyScope, UserRole } from '@keelson/customers';
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '../openapi/api-docs.decorator.js';

/** Who may call a route. Every route names it; the guard refuses those that do not. */
export type AccessPolicy = { kind: 'public' } | { kind: 'roles'; roles: readonly UserRole[]; scope: ApiKeyScope };

export const accessKey = 'keelson.access';

export const temporaryPasswordKey = 'keelson.temporary-password';

/** Also for users whose password is temporary; everything else waits until they have changed it. */
export const WithTemporaryPassword = () => SetMetadata(temporaryPasswordKey, true);

/** Anybody may call it. */
export const Public = () => SetMetadata(accessKey, { kind: 'public' } satisfies AccessPolicy);

/**
 * Users with one of the roles, and API keys of such users that carry the scope (`*`: only keys that may everything). Customers
 * see only what is their own: the controller narrows every query to `ownCustomerId`.
 */
export function Access(scope: ApiKeyScope, ...roles: [UserRole, ...UserRole[]]) {
  const policy: AccessPolicy = { kind: 'roles', roles, scope };
  return applyDecorators(SetMetadata(accessKey, policy), ApiBearerAuth(), ApiSecurity('api-key'));
}
