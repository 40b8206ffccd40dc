import type { FaultSwitches } from './fault-switches.js';
import type { Ledger } from './ledger.js';

/** Something of a simulator that a person or a program can reach. */
export interface SimulatorEndpoint {
  /** Such as `API`, `inbox`, `DNS`. */
  name: string;
  url: string;
}

/** A vendor played on loopback: holds state, keeps a ledger of every call, fails on demand. */
export interface Simulator {
  /** Id of the plugin that it stands in for. */
  readonly plugin: string;
  readonly endpoints: readonly SimulatorEndpoint[];
  /** Settings of a connection that reaches this simulator, as an operator would write them. */
  readonly settings: Record<string, string | number | boolean>;
  readonly ledger: Ledger;
  readonly faults: FaultSwitches;
  /** Stops listening; the state file, if any, is complete. */
  stop(): Promise<void>;
}

export interface SimulatorOptions {
  /** First port to listen on; a simulator that needs several takes the following ones. 0 or absent: free ports. */
  port?: number;
  /** Folder in which the state survives a restart; absent: in memory. */
  home?: string;
  /** Where the vendor sends its webhooks, for vendors that do. */
  webhookUrl?: string;
  /** The secret with which the vendor signs them. */
  webhookSecret?: string;
  /** Milliseconds that every acting call takes, as with a real vendor. */
  latencyMs?: number;
  /** `address:port` of the name server that the vendor asks, once there is one; for vendors that ask names. */
  nameServer?: () => string | undefined;
  /** Seed of a bad day, on which some of the calls fail or are slow; absent: the vendor behaves. */
  badDay?: number;
}

/** What the module `simulator` of a plugin exports under the name `startSimulator`. */
export type StartSimulator = (options?: SimulatorOptions) => Promise<Simulator>;
