import { PortError, provisionerPort, type SignOnLink, supports } from '@keelson/core';
import { AuditService } from '@keelson/customers';
import { toPublicId } from '@keelson/database';
import { Service, ServiceNotFoundError } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OrderPorts } from '../engine/order-ports.js';
import { bindingOf, loadHostingOrder } from '../recipes/hosting-order.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import type { Requester } from './requester.types.js';
import { usernameOf } from './service-account.js';

/** Lets people into the panel without a password. */
@Injectable()
export class SignOnService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly ports: OrderPorts,
    private readonly audit: AuditService,
  ) {}

  /**
   * Asks the panel for a link that opens it once. The link is a secret: it is answered, and neither stored nor logged; who asked for it is in
   * the audit log. Every call makes another link.
   * @throws ServiceNotFoundError when it is absent, or another customer's
   * @throws OperationRefusedError when the service is not in use
   * @throws PortError `unsupported` when the panel makes no such links; whatever else the panel says
   */
  async createLink(serviceId: string, { actor, customerId }: Requester): Promise<SignOnLink> {
    const { manager } = this.dataSource;
    const owned = await manager.existsBy(Service, { id: serviceId, ...(customerId && { customerId }) });
    if (!owned) throw new ServiceNotFoundError();
    const order = await loadHostingOrder(manager, { serviceId });
    if (order.service.status !== 'active') {
      const message = `The service is ${order.service.status}: only one that is active can be signed in to.`;
      throw new OperationRefusedError('conflict', 'wrong-state', message);
    }
    const bound = await this.ports.find(provisionerPort, bindingOf(order));
    if (bound === undefined || !supports(bound.adapter, provisionerPort, 'single-sign-on'))
      throw new PortError('unsupported', 'The panel cannot be signed in to from here: use its own login page.');
    const link = await bound.adapter.createSignOnLink(usernameOf(order));
    await this.audit.record(manager, {
      actor,
      action: 'service.sign_on_link_created',
      subjectType: 'service',
      subjectId: toPublicId('srv', serviceId),
    });
    return link;
  }
}
