import { Service } from '@keelson/hosting';
import {
  giveUpServices,
  ProvisioningService,
  ProvisioningTask,
  TaskConflictError,
  TaskNotFoundError,
} from '@keelson/provisioning';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { Subscription, type SubscriptionStatus } from './subscription.entity.js';

/** Why services of a subscription in this state are not made any more: one line, safe to show the customer. */
const endings: Partial<Record<SubscriptionStatus, string>> = {
  cancelled: 'The subscription was cancelled.',
  refunded: 'The money was given back.',
};

/** Stops the making of what is no longer paid for. */
@Injectable()
export class RunningTasks {
  private readonly logger = new Logger('billing');

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly provisioning: ProvisioningService,
  ) {}

  /**
   * Gives up the services of a cancelled or refunded subscription that are not in use yet, in the caller's transaction: see
   * `giveUpServices`. Repeating it changes nothing.
   */
  async giveUp(manager: EntityManager, { id, status }: Subscription): Promise<void> {
    const why = endings[status];
    if (why !== undefined) await giveUpServices(manager, id, why);
  }

  /** Asks every open task that makes something for a cancelled or refunded subscription to stop. Repeating it changes nothing. */
  async stopUnlessPaid(subscriptionId: string): Promise<void> {
    const { manager } = this.dataSource;
    const ended = await manager.existsBy(Subscription, { id: subscriptionId, status: In(Object.keys(endings)) });
    if (!ended) return;
    const services = await manager.find(Service, { where: { subscriptionId }, select: { id: true } });
    const tasks = await manager.findBy(ProvisioningTask, {
      serviceId: In(services.map(({ id }) => id)),
      operation: In(['provision', 'reprovision']),
      status: In(['queued', 'running', 'waiting', 'needs_attention']),
    });
    for (const task of tasks) await this.stop(task.id, subscriptionId);
  }

  private async stop(taskId: string, subscriptionId: string): Promise<void> {
    try {
      await this.provisioning.cancel(taskId);
    } catch (thrown) {
      if (!(thrown instanceof TaskConflictError || thrown instanceof TaskNotFoundError)) throw thrown;
      this.logger.warn({
        message: 'no longer paid for, but past the point of return: look at the service and terminate it if need be',
        taskId,
        subscriptionId,
        reason: thrown.message,
      });
    }
  }
}
