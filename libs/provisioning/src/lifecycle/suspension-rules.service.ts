import { AuditService } from '@keelson/customers';
import { inTransaction, toPublicId } from '@keelson/database';
import { ServiceNotFoundError } from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Requester } from './requester.types.js';

/** What keeps a service suspended, or from being suspended. Each change is in the audit log; repeating one changes nothing. */
@Injectable()
export class SuspensionRules {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditService,
  ) {}

  /** Until then nobody but an administrator suspends the service. Replaces an earlier exemption. @throws ServiceNotFoundError */
  async exempt(serviceId: string, until: Date, reason: string, by: Requester): Promise<void> {
    const set = 'suspend_exempt_until = $2, suspend_exempt_reason = $3';
    await this.change(serviceId, set, [until, reason], by, 'service.exempted', { until: until.toISOString(), reason });
  }

  /** Ends the exemption. @throws ServiceNotFoundError */
  async endExemption(serviceId: string, by: Requester): Promise<void> {
    const set = 'suspend_exempt_until = NULL, suspend_exempt_reason = NULL';
    await this.change(serviceId, set, [], by, 'service.exemption_ended', {});
  }

  /** The service stays suspended, but whoever may unsuspend can do so, the automation too. @throws ServiceNotFoundError */
  async releaseHold(serviceId: string, by: Requester): Promise<void> {
    await this.change(serviceId, 'suspend_hold = false', [], by, 'service.hold_released', {});
  }

  private async change(
    serviceId: string,
    set: string,
    values: unknown[],
    { actor }: Requester,
    action: string,
    detail: Record<string, unknown>,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const [, changed] = await manager.query<[unknown[], number]>(
        `UPDATE services SET ${set}, updated_at = now() WHERE id = $1`,
        [serviceId, ...values],
      );
      if (changed === 0) throw new ServiceNotFoundError();
      await this.audit.record(manager, {
        actor,
        action,
        subjectType: 'service',
        subjectId: toPublicId('srv', serviceId),
        detail,
      });
    });
  }
}
