import { ProductsService } from '@keelson/catalogue';
import { inTransaction, newId } from '@keelson/database';
import { Service, ServiceSecrets, ServicesService, type WantedAccount } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ProvisioningService } from '../tasks/provisioning.service.js';
import { TaskConflictError } from '../tasks/task.errors.js';
import { TaskOutcomes } from '../tasks/task-outcomes.service.js';

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

/** Accounts that a caller describes and waits for. */
@Injectable()
export class AccountOrders {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly products: ProductsService,
    private readonly services: ServicesService,
    private readonly secrets: ServiceSecrets,
    private readonly provisioning: ProvisioningService,
    private readonly outcomes: TaskOutcomes,
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
        await manager.update(Service, { id: service.id }, { packageName, metadata });
        await this.secrets.put(manager, service.id, 'panel_password', order.password);
        return service.id;
      });
    } catch (thrown) {
      if (!(thrown instanceof TaskConflictError) || thrown.taskId === undefined) throw thrown;
      return (await this.provisioning.view(thrown.taskId)).serviceId;
    }
  }

  /** Waits until the account is made or cannot be made now, but not longer than `waitMs`. */
  async follow(serviceId: string, waitMs: number): Promise<AccountOutcome> {
    const { items } = await this.provisioning.list({ serviceId, limit: 1, offset: 0 });
    const task = items.at(0);
    const outcome = task === undefined ? undefined : await this.outcomes.wait(task.id, waitMs);
    // Read after the task: a task that ended has moved the service.
    const service = await this.services.get(serviceId);
    if (service.status === 'active' || service.status === 'suspended') return { state: 'made', service };
    if (service.status === 'quarantined' || service.status === 'terminating') {
      return { state: 'failed', error: 'An account of this name is being removed: wait until it is gone.' };
    }
    if (task !== undefined && outcome?.state === 'under-way') return { state: 'under-way', taskId: task.id };
    const error = outcome?.state === 'failed' ? outcome.error : 'The order was given up.';
    return { state: 'failed', error, ...(task === undefined ? {} : { taskId: task.id }) };
  }
}
