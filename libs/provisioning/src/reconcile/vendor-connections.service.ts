import { ConnectionsService } from '@keelson/catalogue';
import { type AdapterOf, type AnyPort, PluginRegistry } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { GateStates } from '../isolation/gate-states.service.js';
import { defaultPace, pacedAdapter } from './paced-adapter.js';

/** An enabled connection. */
export interface VendorConnection {
  id: string;
  name: string;
  /** Ids of the ports that it speaks. */
  ports: readonly string[];
}

/** The connections that can be looked at. */
@Injectable()
export class VendorConnections {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly registry: PluginRegistry,
    private readonly gates: GateStates,
  ) {}

  /** Those that are enabled and whose plugin this process knows. */
  async list(): Promise<VendorConnection[]> {
    const all = await this.connections.list();
    return all.flatMap(({ id, name, plugin, status }) => {
      const manifest = status === 'enabled' ? this.registry.find(plugin)?.manifest : undefined;
      return manifest === undefined ? [] : [{ id, name, ports: manifest.adapters.map(({ port }) => port) }];
    });
  }

  /**
   * The adapter, for reading much: it makes one call where the connection's limits allow a step, and is patient with a vendor
   * that wants a pause.
   * @throws PortError `invalid-config` as `ConnectionsService.adapterFor` does
   */
  async adapterFor<P extends AnyPort>(port: P, connectionId: string): Promise<AdapterOf<P>> {
    const adapter = await this.connections.adapterFor(port, connectionId);
    const { ratePerSecond } = (await this.gates.of(connectionId)).limits;
    const everyMs = ratePerSecond === undefined ? 0 : 1000 / ratePerSecond;
    return pacedAdapter(adapter as object, { ...defaultPace, everyMs }) as AdapterOf<P>;
  }
}
