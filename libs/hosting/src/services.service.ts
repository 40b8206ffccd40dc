import { findPage, newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { DnsZone } from './dns-zone.entity.js';
import { Domain } from './domain.entity.js';
import { authCodeSecret } from './domains.service.js';
import { DomainTakenError, ServiceNotFoundError } from './service.errors.js';
import type { Money, ProductType } from '@keelson/core';
import type { DomainMode } from './service.types.js';
import { Service } from './service.entity.js';
import { ServiceSecrets } from './service-secrets.service.js';
import { Website } from './website.entity.js';

export interface NewService {
  customerId: string;
  productId: string;
  type: ProductType;
  /** Package (plan) at the panel. */
  packageName?: string;
  /** A-labels, lower case. */
  domain?: string;
  subscriptionId?: string;
  /** Default `external`. */
  domainMode?: DomainMode;
  /** What the customer was asked for the registration or the transfer of the domain. */
  domainPrice?: Money;
  /** Transfer code, clear text; kept encrypted. */
  authCode?: string;
}

export interface ServiceFilter {
  customerId?: string;
  limit: number;
  offset: number;
}

/** Types whose services have a site of their own. */
const withWebsite: ReadonlySet<ProductType> = new Set(['hosting', 'wordpress']);
/** Types that do nothing with a zone. */
const withoutZone: ReadonlySet<ProductType> = new Set(['vps', 'licence', 'storage']);

/** Services: what customers have, whether it exists yet or not. */
@Injectable()
export class ServicesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly secrets: ServiceSecrets,
  ) {}

  /**
   * Creates a pending service with its pending website, domain and zone rows, in the caller's transaction.
   * @throws DomainTakenError when another service here holds the domain
   */
  async create(manager: EntityManager, input: NewService): Promise<Service> {
    const service = await manager.save(
      manager.create(Service, {
        id: newId(),
        customerId: input.customerId,
        productId: input.productId,
        type: input.type,
        domain: input.domain ?? null,
        subscriptionId: input.subscriptionId ?? null,
        packageName: input.packageName ?? null,
      }),
    );
    if (input.domain !== undefined) await this.addDomain(manager, service, input.domain, input);
    return service;
  }

  /** @throws ServiceNotFoundError when it is absent, or when `customerId` is given and it is another customer's */
  async get(id: string, customerId?: string): Promise<Service> {
    const service = await this.dataSource.manager.findOneBy(Service, {
      id,
      ...(customerId === undefined ? {} : { customerId }),
    });
    if (service === null) throw new ServiceNotFoundError();
    return service;
  }

  /** Services, newest first, with the total number as `findPage` counts it. */
  async list({ customerId, limit, offset }: ServiceFilter): Promise<{ items: Service[]; total: number }> {
    const [items, total] = await findPage(this.dataSource.manager, Service, {
      where: customerId === undefined ? {} : { customerId },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit,
      skip: offset,
    });
    return { items, total };
  }

  /**
   * Gives the service another domain in the caller's transaction: its site and a new, pending zone go with it. The one before belongs to the customer
   * alone from then on where we keep it at a registrar; else it is free for other orders. Repeating it changes nothing.
   * @throws DomainTakenError
   */
  async changeDomain(manager: EntityManager, serviceId: string, name: string): Promise<void> {
    const service = await manager.findOneByOrFail(Service, { id: serviceId });
    if (service.domain === name) return;
    await manager.query(
      `UPDATE domains SET service_id = NULL, updated_at = now(),
              status = CASE WHEN mode = 'external' AND status IN ('pending', 'active') THEN 'cancelled' ELSE status END
        WHERE service_id = $1`,
      [serviceId],
    );
    await manager.delete(Website, { serviceId });
    await manager.update(Service, { id: serviceId }, { domain: name });
    await this.addDomain(manager, service, name, {
      customerId: service.customerId,
      productId: service.productId,
      type: service.type,
    });
    await manager.update(Website, { serviceId }, { status: 'active' });
  }

  /** Keeps a secret of a service, encrypted, in the caller's transaction. An existing one of that name is replaced. */
  async putSecret(manager: EntityManager, serviceId: string, name: string, value: string): Promise<void> {
    await this.secrets.put(manager, serviceId, name, value);
  }

  private async addDomain(manager: EntityManager, service: Service, name: string, input: NewService): Promise<void> {
    const owner = await manager.query<{ service_id: string | null; customer_id: string }[]>(
      `SELECT service_id, customer_id FROM domains WHERE name = $1 AND status IN ('pending', 'active', 'expired') FOR UPDATE`,
      [name],
    );
    const [taken] = owner;
    if (taken !== undefined && (taken.customer_id !== input.customerId || taken.service_id !== null))
      throw new DomainTakenError(name);
    if (taken === undefined) {
      const inserted = await manager.query<unknown[]>(
        `INSERT INTO domains (id, customer_id, service_id, name, mode, sold_amount, sold_currency)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) WHERE status IN ('pending', 'active', 'expired') DO NOTHING RETURNING id`,
        [
          newId(),
          input.customerId,
          service.id,
          name,
          input.domainMode ?? 'external',
          input.domainPrice?.amount ?? null,
          input.domainPrice?.currency ?? null,
        ],
      );
      if (inserted.length === 0) throw new DomainTakenError(name);
    } else {
      await manager.update(Domain, { name, customerId: input.customerId }, { serviceId: service.id });
    }
    if (input.authCode !== undefined) await this.putSecret(manager, service.id, authCodeSecret, input.authCode);
    if (withWebsite.has(service.type)) {
      await manager.insert(Website, { id: newId(), serviceId: service.id, domain: name, status: 'pending' });
    }
    if (!withoutZone.has(service.type)) {
      await manager.insert(DnsZone, { id: newId(), serviceId: service.id, name, status: 'pending', records: [] });
    }
  }
}
