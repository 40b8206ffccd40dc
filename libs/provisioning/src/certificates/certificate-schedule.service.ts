import { type Clock, clockToken, sslPort } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { type AskedCertificate, CertificateRenewals } from '@keelson/hosting';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OrderPorts } from '../engine/order-ports.js';
import { LifecycleService } from '../lifecycle/lifecycle.service.js';
import { automation } from '../lifecycle/requester.types.js';
import { bindingOf, loadHostingOrder } from '../recipes/hosting-order.js';
import { openStatuses } from '../engine/provisioning-task.entity.js';
import { TaskConflictError } from '../tasks/task.errors.js';

/** Services that are looked at in one statement. */
const batch = 100;

/** Behind those of people and of money. */
const priority = 100;

/**
 * Asks authorities when their certificates should be renewed, and begins what is due: all that became due, however long nobody
 * looked, each once, however many workers look.
 */
@Injectable()
export class CertificateSchedule {
  private readonly logger = new Logger(CertificateSchedule.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly renewals: CertificateRenewals,
    private readonly ports: OrderPorts,
    private readonly lifecycle: LifecycleService,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /** Asks about every certificate whose authority may have changed its mind (RFC 9773). Returns how many it answered for. */
  async askDue(): Promise<number> {
    let answered = 0;
    for (;;) {
      const asked = await this.renewals.claimAsks(this.clock.now(), batch);
      for (const certificate of asked) answered += (await this.ask(certificate)) ? 1 : 0;
      if (asked.length < batch) return answered;
    }
  }

  /** Begins the task of every service whose next certificate is due. Returns how many. */
  async beginDue(): Promise<number> {
    let begun = 0;
    for (;;) {
      const due = await this.dataSource.query<{ id: string }[]>(
        `SELECT r.service_id AS id FROM certificate_renewals r WHERE ${isDue} ORDER BY r.due_at LIMIT $3`,
        [this.clock.now(), openStatuses, batch],
      );
      let now = 0;
      for (const { id } of due) now += (await this.begin(id)) ? 1 : 0;
      begun += now;
      if (due.length < batch || now === 0) return begun;
    }
  }

  /** When nobody answers, the moment that is known stands, and the question is put again in some minutes. */
  private async ask({ id, serviceId, connectionId, certificatePem }: AskedCertificate): Promise<boolean> {
    try {
      const order = await loadHostingOrder(this.dataSource.manager, { serviceId });
      const adapter = await this.ports.at(sslPort, connectionId, bindingOf(order));
      const window = await adapter.renewalWindow(certificatePem ?? '');
      await this.renewals.schedule({ id, serviceId }, window, this.clock.now());
      return true;
    } catch (thrown) {
      this.logger.warn(`nobody says when to renew certificate ${id}, asked again in some minutes: ${String(thrown)}`);
      return false;
    }
  }

  /** One short transaction for each, so that one that fails takes no other along. */
  private async begin(serviceId: string): Promise<boolean> {
    try {
      return await inTransaction(this.dataSource, async (manager) => {
        const now = this.clock.now();
        const locked = await manager.query<unknown[]>(
          `SELECT 1 FROM certificate_renewals r JOIN services s ON s.id = r.service_id
            WHERE r.service_id = $1 FOR UPDATE SKIP LOCKED`,
          [serviceId],
        );
        if (locked.length === 0) return false;
        // Whoever held the rows until just now may have changed them: only a statement that begins with the lock held sees it.
        const due = await manager.query<unknown[]>(
          `SELECT 1 FROM certificate_renewals r WHERE ${isDue} AND r.service_id = $3`,
          [now, openStatuses, serviceId],
        );
        if (due.length === 0) return false;
        await this.renewals.count(manager, serviceId, now);
        await this.lifecycle.request(manager, {
          serviceId,
          operation: 'renew_certificate',
          requestedBy: automation,
          priority,
        });
        return true;
      });
    } catch (thrown) {
      if (thrown instanceof TaskConflictError) return false;
      this.logger.error(`the certificate of service ${serviceId} is due, but its task cannot begin: ${String(thrown)}`);
      return false;
    }
  }
}

/** Its time has come, it is in use, and nothing else is done to it: then it stays due. */
const isDue = `r.due_at <= $1 AND EXISTS (SELECT 1 FROM services s WHERE s.id = r.service_id AND s.status = 'active')
  AND NOT EXISTS (SELECT 1 FROM provisioning_tasks t WHERE t.service_id = r.service_id AND t.status = ANY ($2))`;
