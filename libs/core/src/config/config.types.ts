import type { PortId } from '../ports/all-ports.js';
import type { ConnectionLimits } from './connection-limits.js';
import type { DriftConfig } from './drift-config.js';

/** What can be sold, as far as bindings tell it apart. */
export const productTypes = ['hosting', 'wordpress', 'email', 'storage', 'vps', 'domain', 'licence'] as const;
export type ProductType = (typeof productTypes)[number];

/** A configured account at a vendor. */
export interface ConnectionConfig {
  name: string;
  /** Id of the plugin. */
  plugin: string;
  /** Instance of the plugin's settings class, checked. Holds secrets. */
  settings: object;
  /** What the file says; what the plugin says counts beside it. */
  limits?: ConnectionLimits;
}

/** Port → names of the connections that serve it; more than one is a pool, none switches the port off. */
export type PortBindings = { readonly [P in PortId]?: readonly string[] };

export interface BindingsConfig {
  /** For every product type that does not say otherwise. */
  default: PortBindings;
  types: { readonly [T in ProductType]?: PortBindings };
  /** By product slug; wins over the type. */
  products: Readonly<Record<string, PortBindings>>;
}

/** A server that accounts are placed on. */
export interface ServerConfig {
  name: string;
  /** Name of a connection that speaks the provisioner port. */
  connection: string;
  /** Servers of one group are interchangeable. */
  group: string;
  /** Most accounts it may hold. */
  capacity: number;
  region?: string;
  /** Host names; where absent those of the environment count. */
  nameservers?: readonly string[];
}

/** `keelson.config.yaml`, checked. */
export interface KeelsonConfig {
  /** Enabled plugins, by id or package name. */
  plugins: readonly string[];
  connections: readonly ConnectionConfig[];
  bindings: BindingsConfig;
  servers: readonly ServerConfig[];
  /** Absent: `defaultDriftConfig`. */
  drift?: DriftConfig;
}

/** A configuration as written, variables filled in, before plugins are known. */
export interface RawConfig {
  /** Name of the file, for messages. */
  file: string;
  plugins: readonly string[];
  data: Record<string, unknown>;
  /** Path of an entry → environment variables in it. */
  variables: ReadonlyMap<string, readonly string[]>;
}
