import { generatePassword } from '@keelson/core';
import { CheckoutAccounts, Customer, PasswordHasher, User } from '@keelson/customers';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CheckoutSession } from './checkout-session.entity.js';
import type { Order } from './order.types.js';

/** Makes sure that whoever paid, and nobody else, can sign in to what was bought. */
@Injectable()
export class BuyerAccess {
  constructor(
    private readonly accounts: CheckoutAccounts,
    private readonly hasher: PasswordHasher,
  ) {}

  /**
   * Makes user and tenant of the customer when they are missing, in the caller's transaction. An account that has bought before
   * is not changed.
   *
   * An account that never bought anything may have been made by a stranger who gave this address and a password and left. Unless
   * this order brought the same password, it is replaced by a temporary one, which goes to the address, and sessions end.
   * @returns the temporary password, when there is a new one
   */
  async ensure(manager: EntityManager, { session, subscription }: Order): Promise<string | undefined> {
    const customer = await manager.findOneByOrFail(Customer, { id: subscription.customerId });
    if (customer.userId === null || customer.tenantId === null) {
      const { temporaryPassword } = await this.accounts.ensure(manager, { email: session.email, name: customer.name });
      return temporaryPassword;
    }
    const bought = await manager.existsBy(CheckoutSession, { customerId: customer.id, status: 'completed' });
    if (bought || session.metadata.knowsPassword === true) return undefined;
    return this.replacePassword(manager, customer.userId);
  }

  private async replacePassword(manager: EntityManager, userId: string): Promise<string | undefined> {
    const password = generatePassword(16);
    const { affected } = await manager.update(
      User,
      { id: userId, role: 'customer' },
      {
        passwordHash: await this.hasher.hash(password),
        mustChangePassword: true,
        tokenVersion: () => 'token_version + 1',
        resetTokenHash: null,
        resetExpiresAt: null,
      },
    );
    return affected === 1 ? password : undefined;
  }
}
