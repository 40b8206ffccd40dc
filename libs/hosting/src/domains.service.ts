import type { RegisteredDomain } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Domain, type DomainProblem } from './domain.entity.js';
import { keepResource } from './keep-resource.js';
import { ServiceNotFoundError } from './service.errors.js';
import { ServiceSecrets } from './service-secrets.service.js';

/** Name of the secret of a service that is the auth code of a domain on its way to us. */
export const authCodeSecret = 'auth_code';

/** Domains that we hold, or are about to hold, for customers. */
@Injectable()
export class DomainsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly secrets: ServiceSecrets,
  ) {}

  /** The auth code of the service's domain that is moved to us, in clear; undefined when the customer gave none. */
  authCodeOf(serviceId: string): Promise<string | undefined> {
    return this.secrets.find(serviceId, authCodeSecret);
  }

  /** Tells one auth code of the service's domain from the next, and nothing about it. */
  authCodeVersion(serviceId: string): Promise<string> {
    return this.secrets.version(serviceId, authCodeSecret);
  }

  /** The domain of the service, the youngest when it had several; undefined when it has none. */
  async ofService(serviceId: string): Promise<Domain | undefined> {
    const [domain] = await this.dataSource.manager.find(Domain, {
      where: { serviceId },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: 1,
    });
    return domain;
  }

  /** Keeps another auth code for the domain of the service, sealed. @throws ServiceNotFoundError when no domain of it is being moved to us */
  async putAuthCode(manager: EntityManager, serviceId: string, code: string): Promise<void> {
    const moving = await manager.existsBy(Domain, { serviceId, mode: 'transfer', status: 'pending' });
    if (!moving) throw new ServiceNotFoundError();
    await this.secrets.put(manager, serviceId, authCodeSecret, code);
  }

  /** The domain of the service has arrived: its auth code is of no use any more, except to a thief. */
  async forgetAuthCode(manager: EntityManager, serviceId: string): Promise<void> {
    await this.secrets.forget(manager, serviceId, authCodeSecret);
  }

  /** Writes that the registrar of the connection holds the domain until then, and that nothing stands in its way. */
  async arrived(
    manager: EntityManager,
    serviceId: string,
    connectionId: string,
    { domain, expiresAt }: Pick<RegisteredDomain, 'domain' | 'expiresAt'>,
  ): Promise<void> {
    await keepResource(
      manager,
      { serviceId, connectionId, kind: 'domain', remoteId: domain },
      `UPDATE domains SET status = 'active', connection_id = $3, expires_at = $6, problem = NULL, updated_at = now()
        WHERE service_id = $2 AND name = $5`,
      [new Date(expiresAt)],
    );
  }

  /** Keeps why the domain of the service cannot be had, until it is. The first time that the same is said counts. */
  async flag(serviceId: string, problem: Omit<DomainProblem, 'since'>): Promise<void> {
    await this.dataSource.query(
      `UPDATE domains SET problem = $2::jsonb || jsonb_build_object('since', now()), updated_at = now()
        WHERE service_id = $1 AND (problem - 'since') IS DISTINCT FROM $2::jsonb`,
      [serviceId, JSON.stringify(problem)],
    );
  }

  /** Domains that were sold and cannot be had, oldest first: what was paid for them awaits a decision. */
  listProblems(): Promise<Domain[]> {
    return this.dataSource.manager
      .createQueryBuilder(Domain, 'domain')
      .where('domain.problem IS NOT NULL')
      .orderBy('domain.updated_at')
      .getMany();
  }
}
