import {
  type AdapterOf,
  type AnyPort,
  type PortId,
  type ProductType,
  provisionerPort,
  registrarPort,
} from '@keelson/core';
import { BindingsService, ConnectionsService } from '@keelson/catalogue';
import { Injectable } from '@nestjs/common';
import { type BoundAdapter, OrderPorts } from '../engine/order-ports.js';
import type { BindingKey } from '../engine/recipe.js';

/**
 * Chooses by bindings. An account lives on the server that was assigned, whatever is bound to the provisioner port; of a
 * pool that holds the server's own connection, that one is taken, so that a mailbox is made where its account is. A domain is looked after
 * by the registrar that holds it.
 */
@Injectable()
export class BoundPorts extends OrderPorts {
  constructor(
    private readonly bindings: BindingsService,
    private readonly connections: ConnectionsService,
  ) {
    super();
  }

  override async find<P extends AnyPort>(port: P, key: BindingKey): Promise<BoundAdapter<P> | undefined> {
    const connection = await this.choose(port, key);
    if (connection === undefined) return undefined;
    const adapter = await this.at(port, connection.id, key);
    return { adapter, connectionId: connection.id, connection: connection.name };
  }

  override at<P extends AnyPort>(port: P, connectionId: string, key: BindingKey): Promise<AdapterOf<P>> {
    const { productId, productType } = key;
    return this.connections.adapterFor(port, connectionId, { productId, productType: productType as ProductType });
  }

  private async choose(port: AnyPort, key: BindingKey): Promise<{ id: string; name: string } | undefined> {
    if (port.id === registrarPort.id && key.registrarConnectionId !== undefined) {
      return this.connections.find(key.registrarConnectionId);
    }
    const own = key.serverConnectionId;
    if (port.id === provisionerPort.id) return own === undefined ? undefined : this.connections.find(own);
    const pool = await this.bindings.connectionsFor(port.id as PortId, {
      productId: key.productId,
      productType: key.productType as ProductType,
    });
    return pool.find((connection) => connection.id === own) ?? pool[0];
  }
}
