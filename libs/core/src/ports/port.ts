/** Methods of a port, by name. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the parameters differ per method and are checked where the port is declared
type Methods = { [name: string]: (...args: any[]) => Promise<unknown> };

/** A port: what it is called, which version of its contract this is, and which optional capabilities it knows. */
export interface PortDefinition<Must extends object, Extras extends object> {
  /** Kebab-case name, as in `keelson.config.yaml`. */
  readonly id: string;
  /** Version of the contract. A plugin names the version it speaks; boot refuses one that this core does not. */
  readonly version: number;
  /** Names of the methods that every adapter has. */
  readonly methods: readonly (keyof Must & string)[];
  /** Capability → names of the methods it adds. */
  readonly capabilities: { readonly [C in keyof Extras & string]: readonly (keyof Extras[C] & string)[] };
  /** Methods (of either kind) that only read: when one fails half-way nothing has happened at the vendor. */
  readonly reads: readonly string[];
  /** Deadline per method in milliseconds, where it is not the default of 30 s. */
  readonly deadlines?: { readonly [method: string]: number };
  /** Carries the types; never read at run time. */
  readonly types?: { must: Must; extras: Extras };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- stands for every port, whatever its methods
export type AnyPort = PortDefinition<any, any>;
export type MustOf<P> = P extends PortDefinition<infer Must, infer _Extras> ? Must : never;
export type ExtrasOf<P> = P extends PortDefinition<infer _Must, infer Extras> ? Extras : never;
export type CapabilityOf<P> = keyof ExtrasOf<P> & string;

type Intersection<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never;

/** The methods that a list of capabilities adds. */
export type CapabilityMethods<P, C extends CapabilityOf<P>> = [C] extends [never]
  ? unknown
  : Intersection<ExtrasOf<P>[C]>;

const capabilitiesOf = Symbol.for('keelson.adapter.capabilities');

/** An adapter of a port as the rest of Keelson sees it: guarded, with its capabilities attached. */
export type AdapterOf<P> = MustOf<P> & { readonly [capabilitiesOf]: ReadonlySet<string> };

/** Declares a port. Used once per port, in `libs/core`. */
export function definePort<Must extends object, Extras extends object>(
  definition: Omit<PortDefinition<Must, Extras>, 'types'>,
): PortDefinition<Must, Extras> {
  return Object.freeze(definition);
}

/**
 * Whether the adapter has a capability. Without this (or `requireCapability`) the optional methods do not compile, so a
 * capability is never discovered by an exception.
 */
export function supports<P extends AnyPort, C extends CapabilityOf<P>>(
  adapter: AdapterOf<P>,
  _port: P,
  capability: C,
): adapter is AdapterOf<P> & CapabilityMethods<P, C> {
  return (adapter as { [capabilitiesOf]: ReadonlySet<string> })[capabilitiesOf].has(capability);
}

/** Marks an adapter object with its capabilities. The guard calls it; adapters never do. */
export function withCapabilities<A extends object>(adapter: A, capabilities: Iterable<string>): A {
  Object.defineProperty(adapter, capabilitiesOf, { value: new Set(capabilities), enumerable: false });
  return adapter;
}

/** The capabilities attached to a guarded adapter. */
export function listCapabilities(adapter: object): string[] {
  return [...((adapter as { [capabilitiesOf]?: Set<string> })[capabilitiesOf] ?? [])];
}

export type { Methods as PortMethods };
