import type { AdapterOf, paymentPort, ProductType } from '@keelson/core';

/** A connection that takes payments, with its live adapter. */
export interface PaymentAccount {
  connectionId: string;
  /** Id of its plugin; the name under which its messages are stored. */
  provider: string;
  adapter: AdapterOf<typeof paymentPort>;
}

/** Finds the connection that takes a payment. */
export abstract class PaymentAccounts {
  /** The first connection bound for payments of this product; undefined when there is none. */
  abstract forProduct(product: { id: string; type: ProductType }): Promise<PaymentAccount | undefined>;
  /** The connection that a checkout was made with. Throws when it is gone or disabled. */
  abstract get(connectionId: string): Promise<PaymentAccount>;
  /** Every enabled payment connection of a plugin. */
  abstract ofProvider(provider: string): Promise<PaymentAccount[]>;
}
