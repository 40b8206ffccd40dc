import { PortError } from '@keelson/core';
import type { Service } from '@keelson/hosting';
import type { HostingOrder } from '../recipes/hosting-order.js';
import { OperationRefusedError } from './lifecycle.errors.js';

/** Why a step about the account is skipped; undefined when there is an account. */
export function withoutAccount({ order }: { order: HostingOrder }): string | undefined {
  return order.service.username === null ? 'the service has no account' : undefined;
}

/** User name of the service's account. @throws PortError `wrong-state` when it has none */
export function usernameOf({ service: { username } }: HostingOrder): string {
  if (username === null) throw new PortError('wrong-state', 'The service has no account.');
  return username;
}

/** For operations that are about nothing but the account. @throws OperationRefusedError when the service has none */
export function refuseWithoutAccount({ username }: Service): void {
  if (username !== null) return;
  throw new OperationRefusedError('conflict', 'no-account', 'The service has no account at a panel.');
}
