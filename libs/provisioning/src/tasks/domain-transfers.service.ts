import { inTransaction } from '@keelson/database';
import { Domain, DomainsService, Service, ServiceNotFoundError } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { ProvisioningService } from './provisioning.service.js';
import { openStatuses, ProvisioningTask, type TaskStatus } from '../engine/provisioning-task.entity.js';
import { TaskConflictError } from './task.errors.js';

/** Moves of domains to us that need something from the customer. */
@Injectable()
export class DomainTransfers {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly domains: DomainsService,
    private readonly provisioning: ProvisioningService,
  ) {}

  /**
   * Keeps another auth code, sealed, and takes a transfer up again that failed; it is not paid twice. One that is still under way goes on
   * with the code that it has, and with this one should it fail. Repeating it changes nothing.
   * @param service.customerId other people's services do not exist for this customer
   * @throws ServiceNotFoundError, TaskConflictError when no domain of the service is being moved to us
   */
  async giveAuthCode(
    service: { serviceId: string; customerId?: string },
    authCode: string,
  ): Promise<{ taskId: string; status: TaskStatus }> {
    const { serviceId, customerId } = service;
    const task = await inTransaction(this.dataSource, async (manager) => {
      const owned = await manager.existsBy(Service, { id: serviceId, ...(customerId && { customerId }) });
      if (!owned) throw new ServiceNotFoundError();
      const open = await manager.findOneBy(ProvisioningTask, { serviceId, status: In(openStatuses) });
      const moving = await manager.existsBy(Domain, { serviceId, mode: 'transfer', status: 'pending' });
      if (open === null || !moving) {
        throw new TaskConflictError('No domain of this service is being moved to us.', open?.id);
      }
      await this.domains.putAuthCode(manager, serviceId, authCode);
      return open;
    });
    if (task.status === 'needs_attention') await this.provisioning.retry(task.id);
    return { taskId: task.id, status: (await this.provisioning.view(task.id)).status };
  }
}
