import { type Clock, clockToken } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { TaskConflictError } from '../tasks/task.errors.js';
import { LifecycleService } from './lifecycle.service.js';
import { automation } from './requester.types.js';

const batch = 100;
/** Behind everything that somebody waits for. */
const priority = 1_000;

/** Begins the removal of every quarantined service whose date has come, however long nobody looked, each once. */
@Injectable()
export class RemovalSchedule {
  private readonly logger = new Logger(RemovalSchedule.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly lifecycle: LifecycleService,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /** Returns how many were begun. One whose service is busy stays due. */
  async beginDue(): Promise<number> {
    const due = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM services WHERE status = 'quarantined' AND remove_due_at <= $1 ORDER BY remove_due_at LIMIT $2`,
      [this.clock.now(), batch],
    );
    let begun = 0;
    for (const { id } of due) begun += (await this.begin(id)) ? 1 : 0;
    return begun;
  }

  private async begin(serviceId: string): Promise<boolean> {
    try {
      await inTransaction(this.dataSource, (manager) =>
        this.lifecycle.request(manager, { serviceId, operation: 'remove', requestedBy: automation, priority }),
      );
      return true;
    } catch (thrown) {
      if (!(thrown instanceof TaskConflictError)) {
        this.logger.error(`service ${serviceId} is due for removal, but its task cannot begin: ${String(thrown)}`);
      }
      return false;
    }
  }
}
