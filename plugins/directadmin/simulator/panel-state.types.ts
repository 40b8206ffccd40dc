/** A user (an account) as the panel keeps it. Passwords are kept as hashes. */
export interface SimulatedUser {
  username: string;
  domain: string;
  email: string;
  package: string;
  ip: string;
  passwordHash: string;
  suspended: boolean;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** By full name. */
  databases: Record<string, { user: string; passwordHash: string }>;
  /** What was pasted, by domain. */
  certificates: Record<string, string>;
  /** Domains that redirect to HTTPS. */
  forced: string[];
}

/** Everything that the simulated panel remembers. */
export interface PanelState {
  loginKey: string;
  users: SimulatedUser[];
  /** One-time links to sign in: the user by the key. */
  links: Record<string, string>;
}
