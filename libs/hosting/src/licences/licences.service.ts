import { fromPublicId, InvalidIdError, newId } from '@keelson/database';
import { Product } from '@keelson/catalogue';
import { type Clock, clockToken } from '@keelson/core';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, IsNull } from 'typeorm';
import { Service } from '../service.entity.js';
import { newLicenceKey } from './licence-key.js';
import { LicenceKeys } from './licence-keys.service.js';
import { LicenceUsage } from './licence-usage.entity.js';
import { Licence } from './licence.entity.js';
import { LicenceNotFoundError } from './licence.errors.js';
import { type LicenceLimits, licenceResources, licenceStatusOf, type LicenceView } from './licence.types.js';

/** Licences: keys that panels ask about. */
@Injectable()
export class Licences {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keys: LicenceKeys,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /**
   * Issues the licence of a service, in the caller's transaction. A service that has one keeps it, key and limits included: a
   * repetition changes nothing.
   * @param expiresAt first instant at which it is no longer good; absent: as long as the service is active
   */
  async issue(
    manager: EntityManager,
    { serviceId, limits, expiresAt }: { serviceId: string; limits: LicenceLimits; expiresAt?: Date },
  ): Promise<Licence> {
    for (;;) {
      const id = newId();
      const key = newLicenceKey();
      await manager.query(
        `INSERT INTO licences (id, service_id, key_hash, sealed_key, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING`,
        [id, serviceId, await this.keys.hashOf(key), this.keys.seal(id, key), expiresAt ?? null],
      );
      const licence = await manager.findOneBy(Licence, { serviceId, revokedAt: IsNull() });
      // None: another service drew the same key.
      if (licence === null) continue;
      if (licence.id === id) {
        await manager.insert(
          LicenceUsage,
          licenceResources.map((resource) => ({
            licenceId: id,
            resource,
            maximum: limits[resource],
            used: 0,
            holds: [],
          })),
        );
      }
      return licence;
    }
  }

  /** Takes the licence of a service back for good, in the caller's transaction. A service without one is success. */
  async revoke(manager: EntityManager, serviceId: string): Promise<void> {
    await manager.update(Licence, { serviceId, revokedAt: IsNull() }, { revokedAt: () => 'now()' });
  }

  /** The key in clear text. */
  keyOf(licence: Licence): string {
    return this.keys.open(licence);
  }

  /** The key of the service's licence in clear text; undefined when it has none. */
  async findKey(serviceId: string): Promise<string | undefined> {
    const licence = await this.dataSource.manager.findOneBy(Licence, { serviceId, revokedAt: IsNull() });
    return licence === null ? undefined : this.keys.open(licence);
  }

  /** The licence with that key, revoked or not; undefined when there is none. */
  async findByKey(key: string): Promise<LicenceView | undefined> {
    const licence = await this.dataSource.manager.findOneBy(Licence, { keyHash: await this.keys.hashOf(key) });
    return licence === null ? undefined : (await this.complete([licence]))[0];
  }

  /**
   * The licence of that id: number, `lic_…` or UUID.
   * @throws LicenceNotFoundError when it is absent, for a text that is no id, or when `customerId` is given and it is another
   *   customer's
   */
  async get(id: string, customerId?: string): Promise<LicenceView> {
    const licence = await this.dataSource.manager.findOneBy(Licence, keyOf(id));
    const [view] = licence === null ? [] : await this.complete([licence]);
    if (view === undefined || (customerId !== undefined && view.service.customerId !== customerId)) {
      throw new LicenceNotFoundError();
    }
    return view;
  }

  /** Licences of the customers, oldest first; of all customers when none are named. */
  async list(customerIds?: readonly string[]): Promise<LicenceView[]> {
    const { manager } = this.dataSource;
    const licences = await manager
      .createQueryBuilder(Licence, 'licence')
      .innerJoin(Service, 'service', 'service.id = licence.service_id')
      .where(customerIds === undefined ? 'true' : 'service.customer_id = ANY(:customerIds)', { customerIds })
      .orderBy('licence.number')
      .getMany();
    return this.complete(licences);
  }

  private async complete(licences: Licence[]): Promise<LicenceView[]> {
    if (licences.length === 0) return [];
    const { manager } = this.dataSource;
    const now = this.clock.now();
    const [rows, usages] = await Promise.all([
      manager
        .createQueryBuilder(Service, 'service')
        .innerJoinAndMapOne('service.product', Product, 'product', 'product.id = service.product_id')
        .where({ id: In(licences.map(({ serviceId }) => serviceId)) })
        .getMany() as Promise<(Service & { product: Product })[]>,
      manager.findBy(LicenceUsage, { licenceId: In(licences.map(({ id }) => id)) }),
    ]);
    const serviceOf = new Map(rows.map((service) => [service.id, service]));
    return licences.flatMap((licence) => {
      const service = serviceOf.get(licence.serviceId);
      if (service === undefined) return [];
      const own = usages.filter(({ licenceId }) => licenceId === licence.id);
      const usage = Object.fromEntries(
        own.map(({ resource, used, maximum }) => [resource, { current: used, maximum }]),
      ) as LicenceView['usage'];
      const { product } = service;
      return [{ licence, service, product, usage, status: licenceStatusOf(licence, service, now) }];
    });
  }
}

function keyOf(text: string): { number: number } | { id: string } {
  if (/^[1-9]\d{0,8}$/.test(text)) return { number: Number(text) };
  try {
    return { id: fromPublicId('lic', text) };
  } catch (error) {
    if (error instanceof InvalidIdError) throw new LicenceNotFoundError();
    throw error;
  }
}
