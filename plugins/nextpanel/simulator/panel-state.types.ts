import type { PanelResource } from './licence-questions.js';

/** An account as the panel keeps it. Its password is kept as a hash. */
export interface SimulatedAccount {
  id: number;
  username: string;
  email: string;
  passwordHash: string;
  fullName: string | null;
  phone: string | null;
  company: string | null;
  packageId: number | string | null;
  isAdmin: boolean;
  billingId: string | null;
  metadata: Record<string, unknown>;
  isActive: boolean;
  /** What was created in it since it was made. */
  created?: Partial<Record<PanelResource, number>>;
  suspendReason?: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

export type KeyLevel = 'READ_ONLY' | 'BILLING' | 'SUPER_ADMIN';

export interface ApiKey {
  id: string;
  secret: string;
  level: KeyLevel;
  revoked: boolean;
}

/** Everything that the simulated panel remembers. */
export interface PanelState {
  keys: ApiKey[];
  accounts: SimulatedAccount[];
  lastId: number;
}

/**
 * How much the panel tells, which its documentation leaves open. `sparse`: only the fields of the guides, in one bare list whose
 * paging parameters are ignored; a repeated suspension is refused. `full`: every field, in pages inside an object; a repeated
 * suspension is confirmed.
 */
export type PanelManner = 'sparse' | 'full';
