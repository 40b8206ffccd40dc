import {
  guardAdapter,
  provisionerPort,
  type AccountSpec,
  type AdapterOf,
  type CallRecord,
  type CapabilityOf,
  type ProvisionerPort,
} from '@keelson/core';
import type { ConformanceCase, StoppableEnvironment } from './conformance-cases.js';

export type ProvisionerCapability = CapabilityOf<typeof provisionerPort>;

/** An adapter of the provisioner port in front of a vendor that holds no account of the suite's yet. */
export interface ProvisionerEnvironment extends StoppableEnvironment {
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: ProvisionerPort;
  /** The same with credentials that the vendor refuses. */
  withWrongCredentials: ProvisionerPort;
  capabilities: readonly ProvisionerCapability[];
  /** Whether the vendor takes the reason of a suspension and never shows it again. */
  forgetsReasons?: boolean;
  /** Two packages that the vendor offers. */
  packages: readonly [string, string];
  /** The vendor does what the next creation of an account asks, but its answer is lost. */
  loseNextCreation(): void;
  /** Every call takes so long from now on. */
  slowDown(milliseconds: number): void;
  /** Values that may appear in no error and no call record, such as the token of the connection. */
  secrets: readonly string[];
}

/** A promise of the port; with a capability it is kept by the adapters that declare it. */
export interface ProvisionerCase extends ConformanceCase<ProvisionerEnvironment> {
  capability?: ProvisionerCapability;
}

export type GuardedProvisioner = AdapterOf<typeof provisionerPort>;

/** Strong, and full of what encodings get wrong. */
export const password = 'S3cure&=+%"pa ss-Wörd';

/** The suite's n-th account; valid and unlike all others with every vendor. */
export function specOf(n: number, { packages }: Pick<ProvisionerEnvironment, 'packages'>): AccountSpec {
  return {
    username: `k${n}conform`,
    domain: `k${n}.conformance.example`,
    package: packages[0],
    email: `owner${n}@customer.example`,
    password,
    externalId: `srv_conformance_${n}`,
  };
}

export function guard(
  { adapter, capabilities }: Pick<ProvisionerEnvironment, 'adapter' | 'capabilities'>,
  options: { record?: (call: CallRecord) => void; deadlineMs?: number } = {},
): GuardedProvisioner {
  return guardAdapter(adapter, { connection: 'under test', port: provisionerPort, capabilities, ...options });
}
