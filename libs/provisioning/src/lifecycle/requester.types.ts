import type { UserRole } from '@keelson/customers';

/** Who asks for an operation. */
export interface Requester {
  /** As the audit log names it: `user:…`, `key:…`, `bootstrap`, or `system` for what follows from time and money. */
  actor: string;
  /** `automation`: the engine itself. It may ask for everything, but respects holds and exemptions. */
  role: UserRole | 'automation';
  /** Set for customers: other people's services do not exist for them. */
  customerId?: string;
}

/** What follows from time and money, such as dunning. */
export const automation: Requester = Object.freeze({ actor: 'system', role: 'automation' });
