import { type AccountUsage, provisionerPort, PortError, supports } from '@keelson/core';
import { ConnectionsService } from '@keelson/catalogue';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RemoteResource } from './remote-resource.entity.js';
import { Server } from './server.entity.js';
import { Service } from './service.entity.js';
import { wantedAccountOf } from './wanted-account.js';

/** An account that exists, or existed, because of a service. */
export interface HostedAccount {
  service: Service;
  server: Server;
  /** The vendor's own id; undefined once the account is gone. */
  remoteId?: string;
}

/** Accounts on servers. */
@Injectable()
export class HostedAccounts {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: ConnectionsService,
  ) {}

  /** The account of the service with that number; undefined when it has none. */
  async find(number: number): Promise<HostedAccount | undefined> {
    return (await this.read('service.number = :number', { number }))[0];
  }

  /** Whether the service with that number had an account once, and was terminated. */
  async wasRemoved(number: number): Promise<boolean> {
    const service = await this.dataSource.manager.findOneBy(Service, { number, status: 'terminated' });
    return service !== null && wantedAccountOf(service) !== undefined;
  }

  /** Accounts of the customers, oldest first. */
  list(customerIds: readonly string[]): Promise<HostedAccount[]> {
    return this.read('service.customer_id = ANY(:customerIds)', { customerIds });
  }

  /**
   * What the account holds, asked of its server now.
   * @throws PortError `unsupported` when the server does not tell, and as `getUsage` does
   */
  async getUsage({ service, server }: HostedAccount): Promise<AccountUsage> {
    const adapter = await this.connections.adapterFor(provisionerPort, server.connectionId);
    if (service.username === null || !supports(adapter, provisionerPort, 'usage')) {
      throw new PortError('unsupported', 'The server does not tell what the account holds.');
    }
    return adapter.getUsage(service.username);
  }

  private async read(condition: string, parameters: object): Promise<HostedAccount[]> {
    const rows = (await this.dataSource.manager
      .createQueryBuilder(Service, 'service')
      .innerJoinAndMapOne('service.server', Server, 'server', 'server.id = service.server_id')
      .leftJoinAndMapOne(
        'service.remote',
        RemoteResource,
        'remote',
        `remote.service_id = service.id AND remote.kind = 'account'`,
      )
      .where('service.username IS NOT NULL')
      .andWhere(condition, parameters)
      .orderBy('service.number')
      .getMany()) as (Service & { server: Server; remote: RemoteResource | null })[];
    return rows.map((row) => ({ service: row, server: row.server, remoteId: row.remote?.remoteId }));
  }
}
