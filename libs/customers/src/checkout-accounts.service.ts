import { generatePassword, normaliseEmail } from '@keelson/core';
import { newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditService } from './audit.service.js';
import { Customer, type CustomerAddress } from './customer.entity.js';
import { PasswordHasher } from './password-hasher.service.js';
import { Tenant } from './tenant.entity.js';
import { User } from './user.entity.js';

/** Who bought, as the checkout knows it. */
export interface Buyer {
  email: string;
  name: string;
  /** Of a password that the buyer chose; without it a temporary one is made. */
  passwordHash?: string;
  company?: string;
  phone?: string;
  address?: CustomerAddress;
}

/** The account of a buyer. */
export interface BuyerAccount {
  customer: Customer;
  user: User;
  tenant: Tenant;
  /** 16 characters, to be changed at the first login. Only when this call made the user; stored nowhere else. */
  temporaryPassword?: string;
}

/** Gives buyers what they need to sign in. */
@Injectable()
export class CheckoutAccounts {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditService,
  ) {}

  /**
   * Makes user, customer and tenant, each only when missing, in the caller's transaction. What exists is not changed: the
   * password of somebody who is known stays, whatever the checkout brought. Several purchases at once with one address end
   * with one of each.
   * @throws PortError `invalid-input` when the address is none
   */
  async ensure(manager: EntityManager, buyer: Buyer): Promise<BuyerAccount> {
    const email = normaliseEmail(buyer.email);
    const { user, temporaryPassword } = await this.ensureUser(manager, email, buyer.passwordHash);
    const customer = await this.ensureCustomer(manager, { ...buyer, email }, user.id);
    const tenant = await manager.findOneByOrFail(Tenant, { id: customer.tenantId ?? '' });
    return { customer, user, tenant, ...(temporaryPassword === undefined ? {} : { temporaryPassword }) };
  }

  private async ensureUser(
    manager: EntityManager,
    email: string,
    chosenHash: string | undefined,
  ): Promise<{ user: User; temporaryPassword?: string }> {
    const known = await manager.findOneBy(User, { email });
    if (known !== null) return { user: known };
    const temporaryPassword = chosenHash === undefined ? generatePassword(16) : undefined;
    const passwordHash = chosenHash ?? (await this.hasher.hash(temporaryPassword ?? ''));
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO users (id, email, password_hash, role, must_change_password) VALUES ($1, $2, $3, 'customer', $4)
       ON CONFLICT (lower(email)) DO NOTHING RETURNING id`,
      [newId(), email, passwordHash, temporaryPassword !== undefined],
    );
    const user = await manager.findOneByOrFail(User, { email });
    return inserted.length === 0 || temporaryPassword === undefined ? { user } : { user, temporaryPassword };
  }

  /** The customer of the user, else the one of the address, else a new one; with the user and a tenant. */
  private async ensureCustomer(manager: EntityManager, buyer: Buyer, userId: string): Promise<Customer> {
    const own = await manager.findOneBy(Customer, { userId });
    const id = own?.id ?? (await this.ensureCustomerOfAddress(manager, buyer));
    const locked = await manager.findOneOrFail(Customer, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (locked.tenantId !== null && locked.userId !== null) return locked;
    const tenantId = locked.tenantId ?? newId();
    if (locked.tenantId === null) await manager.insert(Tenant, { id: tenantId, name: locked.company ?? locked.name });
    await manager.update(Customer, id, { tenantId, userId: locked.userId ?? userId });
    return manager.findOneByOrFail(Customer, { id });
  }

  private async ensureCustomerOfAddress(manager: EntityManager, buyer: Buyer): Promise<string> {
    const id = newId();
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO customers (id, name, email, company, phone, address) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (lower(email)) DO NOTHING RETURNING id`,
      [id, buyer.name, buyer.email, buyer.company ?? null, buyer.phone ?? null, buyer.address ?? null],
    );
    if (inserted.length === 0) return (await manager.findOneByOrFail(Customer, { email: buyer.email })).id;
    await this.audit.record(manager, {
      actor: 'system',
      action: 'customer.created',
      subjectType: 'customer',
      subjectId: id,
      detail: { by: 'checkout' },
    });
    return id;
  }
}
