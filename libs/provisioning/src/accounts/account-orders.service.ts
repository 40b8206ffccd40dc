import { setTimeout as pause } from 'node:timers/promises';
import { ProductsService } from '@keelson/catalogue';
import { inTransaction, newId } from '@keelson/database';
import { Service, ServiceSecrets, ServicesService, type WantedAccount } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ProvisioningService } from '../tasks/provisioning.service.js';
import { openStatuses } from '../tasks/provisioning-task.entity.js';
import { TaskConflictError } from '../tasks/task.errors.js';
import type { TaskView } from '../tasks/task-view.js';

export interface AccountOrder {
  customerId: string;
  account: WantedAccount;
  /** Clear text; kept encrypted. */
  password: string;
  /** At the panel; empty for the panel's default. */
  packageName: string;
}

/** What became of an order. */
export type AccountOutcome =
  | { state: 'made'; service: Service }
  /** Nothing goes on by itself. `error` is safe to show. */
  | { state: 'failed'; error: string; taskId?: string }
  | { state: 'under-way'; taskId: string };

/** What accounts are services of when they were not sold as anything else. */
const accountProduct = {
  slug: 'hosting-account',
  name: 'Hosting account',
  description: 'An account that was ordered over the API.',
  type: 'hosting',
} as const;

const lookEveryMs = 200;
/** A step that waits for an operator will not be done while its caller waits. */
const operatorCodes = ['invalid-config', 'no-funds'];

/** Accounts that a caller describes and waits for. */
@Injectable()
export class AccountOrders {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly products: ProductsService,
    private readonly services: ServicesService,
    private readonly secrets: ServiceSecrets,
    private readonly provisioning: ProvisioningService,
  ) {}

  /**
   * Orders the account and starts the task that makes it. The customer's order of the same user name is the same order: one under way
   * is followed, one that was made stays as it is, one that failed is tried again as described now.
   * @returns id of the service
   */
  async place(order: AccountOrder): Promise<string> {
    const product = await this.products.ensureHidden(accountProduct);
    try {
      return await inTransaction(this.dataSource, async (manager) => {
        const { customerId, account, packageName } = order;
        const metadata = { account };
        await manager.query(
          `INSERT INTO services (id, customer_id, product_id, type, package_name, metadata) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (customer_id, (metadata #>> '{account,username}'))
             WHERE (metadata #>> '{account,username}') IS NOT NULL AND status NOT IN ('cancelled', 'terminated') DO NOTHING`,
          [newId(), customerId, product.id, product.type, packageName, metadata],
        );
        const service = await manager
          .createQueryBuilder(Service, 'service')
          .setLock('pessimistic_write')
          .where(`service.customer_id = :customerId AND service.metadata #>> '{account,username}' = :username`, {
            customerId,
            username: account.username,
          })
          .andWhere(`service.status NOT IN ('cancelled', 'terminated')`)
          .getOneOrFail();
        if (service.status !== 'pending' && service.status !== 'failed') return service.id;
        await this.provisioning.start(manager, { serviceId: service.id, recipe: 'account.provision' });
        await manager.update(Service, { id: service.id }, { packageName, metadata: metadata as never });
        await this.secrets.put(manager, service.id, 'panel_password', order.password);
        return service.id;
      });
    } catch (thrown) {
      if (!(thrown instanceof TaskConflictError) || thrown.taskId === undefined) throw thrown;
      return (await this.provisioning.view(thrown.taskId)).serviceId;
    }
  }

  /** Waits until the account is made, cannot be made, or `waitMs` are over. */
  async follow(serviceId: string, waitMs: number): Promise<AccountOutcome> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const outcome = await this.look(serviceId);
      if (outcome.state !== 'under-way' || performance.now() + lookEveryMs > deadline) return outcome;
      await pause(lookEveryMs);
    }
  }

  private async look(serviceId: string): Promise<AccountOutcome> {
    const { items } = await this.provisioning.list({ serviceId, limit: 1, offset: 0 });
    // Read after the task: a task that ended has moved the service.
    const service = await this.services.get(serviceId);
    if (service.status === 'active' || service.status === 'suspended') return { state: 'made', service };
    if (service.status === 'quarantined' || service.status === 'terminating') {
      return { state: 'failed', error: 'An account of this name is being removed: wait until it is gone.' };
    }
    const [task] = items;
    if (task === undefined) return { state: 'failed', error: 'The order was given up.' };
    const error = task.error ?? blockOf(task);
    const runs = openStatuses.includes(task.status) && task.status !== 'needs_attention';
    if (runs && error === undefined) return { state: 'under-way', taskId: task.id };
    return { state: 'failed', error: error ?? 'The account was not made.', taskId: task.id };
  }
}

/** Why the task does not get on until an operator did something; undefined when it does. */
function blockOf({ timeline }: TaskView): string | undefined {
  return timeline.find(({ status, errorCode = '' }) => status === 'waiting' && operatorCodes.includes(errorCode))
    ?.error;
}
