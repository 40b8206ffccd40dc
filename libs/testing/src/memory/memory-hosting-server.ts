import type { Account, Package } from '@keelson/core';
import { MemoryCalls } from './memory-calls.js';

/** An account of a memory server, with what a panel keeps beside it. */
export interface MemoryAccount extends Account {
  email: string;
  package: string;
  password: string;
  reseller: boolean;
  /** Name → user and password. */
  databases: Map<string, { databaseUser: string; password: string }>;
  /** Domain → certificate, PEM. */
  certificates: Map<string, string>;
  forcedHttps: Set<string>;
}

/** A hosting server in memory. Any number of adapters may talk to it, as several processes talk to one vendor. */
export class MemoryHostingServer {
  readonly accounts = new Map<string, MemoryAccount>();
  readonly packages: Package[] = ['starter', 'student', 'basic', 'premium', 'business', 'wordpress'].map((name) => ({
    name,
    diskMb: 10_240,
    bandwidthMb: 102_400,
  }));
  /** How many accounts fit; creation beyond it is refused as `invalid-config`. */
  capacity = Number.POSITIVE_INFINITY;
  readonly ip = '192.0.2.20';
  readonly nameservers = ['ns1.memory.example', 'ns2.memory.example'];
  /** Ledger and faults of every call, whichever adapter made it. */
  readonly calls = new MemoryCalls();
  /** Counts sign-on links. */
  links = 0;
}
