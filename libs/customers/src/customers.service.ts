import { normaliseEmail } from '@keelson/core';
import { findPage, fromPublicId, inTransaction, InvalidIdError, newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from './audit.service.js';
import { CustomerExistsError, CustomerNotFoundError, UserExistsError } from './customer.errors.js';
import { Customer, type CustomerAddress, type CustomerStatus } from './customer.entity.js';
import { PasswordHasher } from './password-hasher.service.js';
import { checkNewPassword } from './password-rules.js';

export interface CustomerSpec {
  name: string;
  email: string;
  company?: string;
  phone?: string;
  address?: CustomerAddress;
  metadata?: Record<string, unknown>;
  /** Default `active`. */
  status?: CustomerStatus;
  /** With one, the customer may sign in with it. Clear text. */
  password?: string;
}

/** What may be changed; an absent field stays. `null` empties it. */
export interface CustomerChanges {
  name?: string;
  email?: string;
  company?: string | null;
  phone?: string | null;
  address?: CustomerAddress | null;
  status?: CustomerStatus;
}

/** Those who buy. */
@Injectable()
export class CustomersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditService,
    private readonly hasher: PasswordHasher,
  ) {}

  /**
   * Makes a customer, and with a password the user who signs in. `actor` is for the audit log.
   * @throws CustomerExistsError when the address is taken, in any case; of several at once, one succeeds
   * @throws UserExistsError when a password is given and somebody signs in with the address who is no customer
   * @throws PasswordRefusedError
   * @throws PortError `invalid-input` when the address is none
   */
  async create(spec: CustomerSpec, actor = 'system'): Promise<Customer> {
    const email = normaliseEmail(spec.email);
    if (spec.password !== undefined) checkNewPassword(spec.password);
    const passwordHash = spec.password === undefined ? undefined : await this.hasher.hash(spec.password);
    return inTransaction(this.dataSource, async (manager) => {
      const id = newId();
      const inserted = await manager.query<unknown[]>(
        `INSERT INTO customers (id, name, email, company, phone, address, metadata, status)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (lower(email)) DO NOTHING RETURNING id`,
        [
          id,
          spec.name,
          email,
          spec.company ?? null,
          spec.phone ?? null,
          spec.address ?? null,
          spec.metadata ?? {},
          spec.status ?? 'active',
        ],
      );
      if (inserted.length === 0) {
        throw new CustomerExistsError((await manager.findOneByOrFail(Customer, { email })).id);
      }
      if (passwordHash !== undefined) await this.addUser(manager, id, email, passwordHash);
      await this.audit.record(manager, { actor, action: 'customer.created', subjectType: 'customer', subjectId: id });
      return manager.findOneByOrFail(Customer, { id });
    });
  }

  /** Newest first, with the total number as `findPage` counts it. */
  async list(page: { limit: number; offset: number }): Promise<{ customers: Customer[]; total: number }> {
    const [customers, total] = await findPage(this.dataSource.manager, Customer, {
      order: { createdAt: 'DESC', id: 'DESC' },
      take: page.limit,
      skip: page.offset,
    });
    return { customers, total };
  }

  /** The customer with that id: UUID, `cust_…`, or number. @throws CustomerNotFoundError, for a text that is no id too */
  async get(id: string): Promise<Customer> {
    const found = await this.dataSource.manager.findOneBy(Customer, keyOf(id));
    if (found === null) throw new CustomerNotFoundError();
    return found;
  }

  /** The customer that the user is, or undefined. */
  async findByUser(userId: string): Promise<Customer | undefined> {
    return (await this.dataSource.manager.findOneBy(Customer, { userId })) ?? undefined;
  }

  /**
   * Changes the given fields. Repeating it changes nothing more.
   * @throws CustomerNotFoundError, CustomerExistsError when the new address is taken, PortError `invalid-input`
   */
  async patch(id: string, changes: CustomerChanges, actor = 'system'): Promise<Customer> {
    const wanted = { ...changes, ...(changes.email === undefined ? {} : { email: normaliseEmail(changes.email) }) };
    const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
    const { id: customerId } = await this.get(id);
    if (Object.keys(given).length === 0) return this.get(customerId);
    try {
      await inTransaction(this.dataSource, async (manager) => {
        await manager.update(Customer, customerId, given);
        const detail = { fields: Object.keys(given) };
        await this.audit.record(manager, {
          actor,
          action: 'customer.changed',
          subjectType: 'customer',
          subjectId: customerId,
          detail,
        });
      });
    } catch (error) {
      const other = wanted.email === undefined ? null : await this.findByEmail(wanted.email);
      if (other !== null && other.id !== customerId) throw new CustomerExistsError(other.id);
      throw error;
    }
    return this.get(customerId);
  }

  private async addUser(
    manager: EntityManager,
    customerId: string,
    email: string,
    passwordHash: string,
  ): Promise<void> {
    const userId = newId();
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO users (id, email, password_hash, role) VALUES ($1, $2, $3, 'customer')
       ON CONFLICT (lower(email)) DO NOTHING RETURNING id`,
      [userId, email, passwordHash],
    );
    if (inserted.length === 0) throw new UserExistsError();
    await manager.update(Customer, customerId, { userId });
  }

  private findByEmail(email: string): Promise<Customer | null> {
    return this.dataSource.manager.findOneBy(Customer, { email });
  }
}

function keyOf(text: string): { number: number } | { id: string } {
  if (/^[1-9]\d{0,8}$/.test(text)) return { number: Number(text) };
  try {
    return { id: fromPublicId('cust', text) };
  } catch (error) {
    if (error instanceof InvalidIdError) throw new CustomerNotFoundError();
    throw error;
  }
}
