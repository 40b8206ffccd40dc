import type { AdapterOf, AnyPort } from '@keelson/core';
import type { BindingKey } from './recipe.js';

/** A live adapter and the connection behind it. */
export interface BoundAdapter<P extends AnyPort = AnyPort> {
  adapter: AdapterOf<P>;
  connectionId: string;
  /** Name of the connection, for the timeline. */
  connection: string;
}

/** Chooses the connection of a port for an order: the server's for provisioners, else what is bound to the product or its type. */
export abstract class OrderPorts {
  /** Undefined when no connection is bound. */
  abstract find<P extends AnyPort>(port: P, key: BindingKey): Promise<BoundAdapter<P> | undefined>;
  /**
   * The adapter of that connection, whatever is bound now: for what was made there. Throws PortError `invalid-config` when it is
   * gone or disabled.
   */
  abstract at<P extends AnyPort>(port: P, connectionId: string, key: BindingKey): Promise<AdapterOf<P>>;
}
