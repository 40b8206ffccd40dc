export interface SimulatedMailbox {
  passwordHash: string;
  /** 0 = unlimited. */
  quotaMb: number;
  usedBytes: number;
  suspended: boolean;
}

export interface SimulatedAccount {
  user: string;
  domain: string;
  plan: string;
  email: string;
  ip: string;
  /** WHM user that made it. */
  owner: string;
  passwordHash: string;
  suspended: boolean;
  suspendReason?: string;
  reseller: boolean;
  /** Seconds since 1970. */
  createdAt: number;
  diskUsedMb: number;
  /** This month. */
  trafficBytes: number;
  /** By address. */
  mailboxes: Record<string, SimulatedMailbox>;
  forwards: { address: string; target: string }[];
  /** Full name → users that hold all privileges. */
  databases: Record<string, string[]>;
  /** Full name → hash of the password. */
  databaseUsers: Record<string, string>;
  /** Domain → installed certificate. */
  certificates: Record<string, { cert: string; cabundle: string }>;
  /** Domains whose plain HTTP answers with a redirect. */
  forcedHttps: string[];
}

/** Everything that the simulated server remembers. Passwords and keys are kept as hashes only. */
export interface WhmState {
  /** API token by WHM user. */
  tokens: Record<string, string>;
  accounts: Record<string, SimulatedAccount>;
  /** Licence's limit of accounts; 0 = none. */
  accountLimit: number;
  /** How many sign-on sessions were made. */
  sessions: number;
}

/** One call of a function, after authentication. */
export interface WhmCall {
  args: Record<string, string>;
  /** WHM user that calls. */
  caller: string;
  state: WhmState;
  server: { accountIp: string; nameservers: readonly string[] };
  /** The server takes no further account. */
  full: boolean;
}

/** What a function answers: `data`, and the text that comes with success. */
export interface WhmAnswer {
  data?: unknown;
  reason?: string;
  /** The log text `output.raw`. */
  raw?: string;
  /** The function changed something. */
  changed?: boolean;
}

/** The vendor's "no", in its own words. */
export class Refusal extends Error {}
