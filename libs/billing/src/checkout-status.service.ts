import { Tenant, Customer } from '@keelson/customers';
import { fromPublicId, InvalidIdError } from '@keelson/database';
import { Service } from '@keelson/hosting';
import { ProvisioningService, type TaskView } from '@keelson/provisioning';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type CheckoutStatus, CheckoutSession } from './checkout-session.entity.js';
import { CheckoutNotFoundError } from './checkout.errors.js';
import { Subscription } from './subscription.entity.js';

/** What a success page shows; nothing in it is secret. */
export interface CheckoutProgress {
  status: CheckoutStatus;
  subscription: Subscription;
  tenant?: Tenant;
  /** The job of the first service. */
  task?: Pick<TaskView, 'id' | 'status' | 'progress'>;
}

/** Tells a customer what became of an order. */
@Injectable()
export class CheckoutStatusService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly provisioning: ProvisioningService,
  ) {}

  /** @param sessionId the payment provider's id, or ours (`cs_…`) @throws CheckoutNotFoundError */
  async view(sessionId: string): Promise<CheckoutProgress> {
    const { manager } = this.dataSource;
    const session = await this.find(sessionId);
    if (session === undefined || session.subscriptionId === null) throw new CheckoutNotFoundError();
    const subscription = await manager.findOneByOrFail(Subscription, { id: session.subscriptionId });
    const customer = await manager.findOneByOrFail(Customer, { id: subscription.customerId });
    const tenant = customer.tenantId === null ? null : await manager.findOneBy(Tenant, { id: customer.tenantId });
    return {
      status: session.status,
      subscription,
      tenant: (session.status === 'completed' && tenant) || undefined,
      task: await this.firstTask(subscription.id),
    };
  }

  private async firstTask(subscriptionId: string): Promise<CheckoutProgress['task']> {
    const [service] = await this.dataSource.manager.find(Service, {
      where: { subscriptionId },
      order: { id: 'ASC' },
      take: 1,
    });
    if (service === undefined) return undefined;
    const { items } = await this.provisioning.list({ serviceId: service.id, limit: 1, offset: 0 });
    return items[0];
  }

  private async find(sessionId: string): Promise<CheckoutSession | undefined> {
    const { manager } = this.dataSource;
    const byVendor = await manager.findOneBy(CheckoutSession, { stripeSessionId: sessionId });
    if (byVendor !== null) return byVendor;
    try {
      return (await manager.findOneBy(CheckoutSession, { id: fromPublicId('cs', sessionId) })) ?? undefined;
    } catch (thrown) {
      if (thrown instanceof InvalidIdError) return undefined;
      throw thrown;
    }
  }
}
