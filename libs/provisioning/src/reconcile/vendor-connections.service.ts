import { ConnectionsService } from '@keelson/catalogue';
import { type AdapterOf, type AnyPort, PluginRegistry } from '@keelson/core';
import { Injectable } from '@nestjs/common';

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
  ) {}

  /** Those that are enabled and whose plugin this process knows. */
  async list(): Promise<VendorConnection[]> {
    const all = await this.connections.list();
    return all.flatMap(({ id, name, plugin, status }) => {
      const manifest = status === 'enabled' ? this.registry.find(plugin)?.manifest : undefined;
      return manifest === undefined ? [] : [{ id, name, ports: manifest.adapters.map(({ port }) => port) }];
    });
  }

  /** @throws PortError `invalid-config` as `ConnectionsService.adapterFor` does */
  adapterFor<P extends AnyPort>(port: P, connectionId: string): Promise<AdapterOf<P>> {
    return this.connections.adapterFor(port, connectionId);
  }
}
