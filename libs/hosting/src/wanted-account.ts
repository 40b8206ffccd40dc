import type { AccountSpec } from '@keelson/core';
import type { Service } from './service.entity.js';

/**
 * An account as a caller described it, where it is not for the engine to choose names. One per customer and user name among the
 * services that are not over, by constraint.
 */
export interface WantedAccount extends Pick<AccountSpec, 'username' | 'email' | 'fullName' | 'company' | 'phone'> {
  accountType?: AccountSpec['accountType'];
  /** Servers that it may be made on. */
  serverIds: string[];
  /** The caller's own number of the order. */
  orderReference?: string;
}

/** The description that the service was ordered with, or undefined. */
export function wantedAccountOf({ metadata }: Pick<Service, 'metadata'>): WantedAccount | undefined {
  return metadata['account'] as WantedAccount | undefined;
}
