import { BindingsService, type Connection, ConnectionsService } from '@keelson/catalogue';
import { paymentPort, PluginRegistry, type ProductType } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { type PaymentAccount, PaymentAccounts } from './payment-accounts.js';

/** Payment accounts from the stored connections and bindings. */
@Injectable()
export class CataloguePaymentAccounts extends PaymentAccounts {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly bindings: BindingsService,
    private readonly registry: PluginRegistry,
  ) {
    super();
  }

  async forProduct(product: { id: string; type: ProductType }): Promise<PaymentAccount | undefined> {
    const [bound] = await this.bindings.connectionsFor('payment', { productId: product.id, productType: product.type });
    return bound && this.account(bound);
  }

  async get(connectionId: string): Promise<PaymentAccount> {
    const adapter = await this.connections.adapterFor(paymentPort, connectionId);
    const connection = await this.connections.find(connectionId);
    return { connectionId, provider: connection?.plugin ?? '', adapter };
  }

  async ofProvider(provider: string): Promise<PaymentAccount[]> {
    if (
      this.registry.find(provider) === undefined ||
      this.registry.adapterOffer(provider, paymentPort.id) === undefined
    )
      return [];
    const all = await this.connections.list();
    return Promise.all(
      all
        .filter(({ plugin, status }) => plugin === provider && status === 'enabled')
        .map((found) => this.account(found)),
    );
  }

  private async account({ id, plugin }: Connection): Promise<PaymentAccount> {
    return { connectionId: id, provider: plugin, adapter: await this.connections.adapterFor(paymentPort, id) };
  }
}
