import type { RegisteredDomain } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Domain, type DomainProblem } from './domain.entity.js';
import { keepResource } from './keep-resource.js';
import { ServiceNotFoundError } from './service.errors.js';
import { ServiceSecrets } from './service-secrets.service.js';

/** Name under which auth codes are sealed. */
const authCode = 'auth_code';

/** Domains that we hold, or are about to hold, for customers. */
@Injectable()
export class DomainsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly secrets: ServiceSecrets,
  ) {}

  /** The auth code of a domain that is moved to us, in clear; undefined when the customer gave none. */
  authCodeOf(domain: Pick<Domain, 'serviceId' | 'authCode'>): string | undefined {
    if (domain.serviceId === null || domain.authCode === null) return undefined;
    return this.secrets.open(domain.serviceId, authCode, domain.authCode);
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
    const { affected } = await manager.update(
      Domain,
      { serviceId, mode: 'transfer', status: 'pending' },
      { authCode: this.secrets.seal(serviceId, authCode, code) },
    );
    if (affected !== 1) throw new ServiceNotFoundError();
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
