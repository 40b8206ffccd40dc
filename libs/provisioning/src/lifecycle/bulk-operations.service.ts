import { inTransaction } from '@keelson/database';
import { Service, ServiceNotFoundError, type ServiceStatus } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { TaskConflictError } from '../tasks/task.errors.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import { LifecycleService, type OperationPlan } from './lifecycle.service.js';
import type { InputOf, OperationName } from './operations.js';
import type { Requester } from './requester.types.js';

/** Most services that one request may concern. */
export const bulkLimit = 200;
/** Services whose plans are made at the same time. */
const plansAtOnce = 4;

const refusals = [OperationRefusedError, TaskConflictError, ServiceNotFoundError];

/** Which services: those of the ids, or all that fit every field given. */
export interface BulkFilter {
  ids?: string[];
  status?: ServiceStatus;
  customerId?: string;
  productId?: string;
  serverId?: string;
}

export interface BulkRequest {
  operation: OperationName;
  input?: Partial<InputOf<OperationName>>;
  filter: BulkFilter;
  requestedBy: Requester;
}

/** What became of one service: a task, a plan, or why not. */
export type BulkOutcome = { serviceId: string } & ({ taskId: string } | { plan: OperationPlan } | { refused: unknown });

/** The same operation on many services, each on its own: one that is refused keeps no other from its turn. */
@Injectable()
export class BulkOperations {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly lifecycle: LifecycleService,
  ) {}

  /** Asks for the operation, one transaction per service. Behind everything that was asked for singly. @throws as `select` does */
  async request({ operation, input, filter, requestedBy }: BulkRequest): Promise<BulkOutcome[]> {
    const outcomes: BulkOutcome[] = [];
    for (const serviceId of await this.select(filter)) {
      const asked = inTransaction(this.dataSource, (manager) =>
        this.lifecycle.request(manager, { serviceId, operation, input, requestedBy, priority: 10 }),
      );
      outcomes.push(await asked.then(({ taskId }) => ({ serviceId, taskId }), refusedFor(serviceId)));
    }
    return outcomes;
  }

  /** What `request` would do; see `LifecycleService.plan`. @throws as `select` does */
  async plan({ operation, input, filter, requestedBy }: BulkRequest): Promise<BulkOutcome[]> {
    const ids = await this.select(filter);
    const outcomes: BulkOutcome[] = [];
    for (let at = 0; at < ids.length; at += plansAtOnce) {
      const made = ids
        .slice(at, at + plansAtOnce)
        .map((serviceId) =>
          this.lifecycle
            .plan({ serviceId, operation, input, requestedBy })
            .then((plan) => ({ serviceId, plan }), refusedFor(serviceId)),
        );
      outcomes.push(...(await Promise.all(made)));
    }
    return outcomes;
  }

  /** @throws OperationRefusedError for a filter that names nothing, or fits more services than one request may concern */
  private async select({ ids, ...fields }: BulkFilter): Promise<string[]> {
    const named = Object.entries(fields).filter(([, value]) => value !== undefined);
    if ((ids === undefined) === (named.length === 0)) {
      const message = 'name the services either by ids or by a filter';
      throw new OperationRefusedError('bad-input', 'validation-failed', message, [{ path: 'filter', message }]);
    }
    if (ids !== undefined) return [...new Set(within(ids))];
    const services = await this.dataSource.manager.find(Service, {
      where: Object.fromEntries(named),
      select: { id: true },
      order: { createdAt: 'ASC', id: 'ASC' },
      take: bulkLimit + 1,
    });
    return within(services.map(({ id }) => id));
  }
}

function within(ids: string[]): string[] {
  if (ids.length <= bulkLimit) return ids;
  const message = `one request may concern at most ${bulkLimit} services: narrow the filter`;
  throw new OperationRefusedError('bad-input', 'too-many-services', message, [{ path: 'filter', message }]);
}

/** Only refusals are an outcome of one service; whatever else is thrown, such as a lost database, ends the request. */
function refusedFor(serviceId: string) {
  return (refused: unknown): BulkOutcome => {
    if (refusals.some((type) => refused instanceof type)) return { serviceId, refused };
    throw refused;
  };
}
