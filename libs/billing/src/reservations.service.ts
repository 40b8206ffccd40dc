import { newId } from '@keelson/database';
import { Domain, DomainTakenError } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { In, IsNull, type EntityManager } from 'typeorm';
import { CheckoutSession } from './checkout-session.entity.js';
import type { DomainMode } from './quote.types.js';

const held = In(['pending', 'active', 'expired']);

/** Domains of orders that are not paid yet. A reservation is a pending domain row without a service. */
@Injectable()
export class Reservations {
  /** @throws DomainTakenError when the domain serves somebody here, or is reserved by another customer */
  async check(manager: EntityManager, customerId: string | undefined, name: string): Promise<void> {
    const holder = await manager.findOneBy(Domain, { name, status: held });
    if (holder !== null && (holder.serviceId !== null || holder.customerId !== customerId))
      throw new DomainTakenError(name);
  }

  /** Reserves the domain for the customer. Repeating it changes nothing. @throws DomainTakenError */
  async reserve(
    manager: EntityManager,
    customerId: string,
    { name, mode }: { name: string; mode: DomainMode },
  ): Promise<void> {
    await this.check(manager, customerId, name);
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO domains (id, customer_id, name, mode) VALUES ($1, $2, $3, $4)
       ON CONFLICT (name) WHERE status IN ('pending', 'active', 'expired') DO NOTHING RETURNING id`,
      [newId(), customerId, name, mode],
    );
    if (inserted.length === 0) await this.check(manager, customerId, name);
  }

  /** Takes the reservation away, so that the service can hold the domain itself. */
  async clear(manager: EntityManager, customerId: string, name: string): Promise<void> {
    await manager.delete(Domain, { customerId, name, status: 'pending', serviceId: IsNull() });
  }

  /** Gives the domain of an order free that came to nothing, unless another open order of the customer has it too. */
  async release(manager: EntityManager, session: CheckoutSession): Promise<void> {
    const name = session.domainInfo?.value;
    if (name === undefined || session.customerId === null) return;
    const open = await manager.findBy(CheckoutSession, { customerId: session.customerId, status: 'open' });
    if (open.some((other) => other.id !== session.id && other.domainInfo?.value === name)) return;
    await manager.update(
      Domain,
      { customerId: session.customerId, name, status: 'pending', serviceId: IsNull() },
      { status: 'cancelled' },
    );
  }
}
