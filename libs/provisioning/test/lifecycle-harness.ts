import { systemClock } from '@keelson/core';
import { AuditService } from '@keelson/customers';
import { inTransaction } from '@keelson/database';
import { LifecycleService } from '../src/lifecycle/lifecycle.service.js';
import { OperationPlanner } from '../src/lifecycle/operation-planner.service.js';
import type { InputOf, OperationName } from '../src/lifecycle/operations.js';
import type { Requester } from '../src/lifecycle/requester.types.js';
import { type Death, DyingJournal } from './dying-journal.js';
import type { ProvisioningHarness } from './provisioning-harness.js';

export const admin: Requester = { actor: 'user:1', role: 'admin' };
export const operator: Requester = { actor: 'user:2', role: 'operator' };

/** Operations on the services of a `ProvisioningHarness`. */
export class LifecycleHarness {
  readonly lifecycle: LifecycleService;

  constructor(readonly base: ProvisioningHarness) {
    const { dataSource, journal, registry, tools } = base;
    const planner = new OperationPlanner(tools.ports);
    this.lifecycle = new LifecycleService(
      dataSource,
      journal,
      registry,
      planner,
      new AuditService(),
      tools,
      systemClock,
    );
  }

  /** A provisioned service. Default: hosting of `shop.example`. */
  async active(more: Parameters<ProvisioningHarness['order']>[0] = {}): Promise<string> {
    const { serviceId, taskId } = await this.base.order(more);
    await this.base.finish(taskId);
    return serviceId;
  }

  ask<Name extends OperationName>(
    serviceId: string,
    operation: Name,
    input: Partial<InputOf<Name>> = {},
    requestedBy: Requester = admin,
  ): Promise<{ taskId: string }> {
    return inTransaction(this.base.dataSource, (manager) =>
      this.lifecycle.request(manager, { serviceId, operation, input, requestedBy }),
    );
  }

  /** Asks, and works the task until it rests. */
  async do<Name extends OperationName>(
    serviceId: string,
    operation: Name,
    input: Partial<InputOf<Name>> = {},
    requestedBy: Requester = admin,
  ) {
    const { taskId } = await this.ask(serviceId, operation, input, requestedBy);
    return this.base.finish(taskId);
  }

  /** Runs a worker into its death in the step. */
  async kill(taskId: string, step: string, death: Death): Promise<boolean> {
    const journal = new DyingJournal(this.base.dataSource, step, death);
    await this.base
      .runner(journal)
      .drive(taskId)
      .catch((error: Error) => {
        if (error.message !== 'killed') throw error;
      });
    await this.base.lapse(taskId);
    return journal.dead;
  }

  service(serviceId: string) {
    return this.base.row('services', serviceId);
  }
}
