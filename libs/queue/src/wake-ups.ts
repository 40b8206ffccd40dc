import { inTransaction } from '@keelson/database';
import type { DataSource, EntityManager } from 'typeorm';
import type { WakeUp } from './wake-up.js';
import type { WakeUpWorkers } from './wake-up-workers.js';

/**
 * Leaves wake-ups behind a state change, in the transaction of that change.
 *
 * What it promises: when the transaction commits, the handler of (queue, kind) is called with the id at least once, after
 * the commit and not before `delayMs`; when it rolls back, never. Calls may repeat, come late or out of order: a handler
 * reads the row and decides. Two wake-ups for one row are never merged, because the one that is already being worked
 * might have read the row before this transaction changed it. Works without Redis: nothing here waits for it.
 */
export abstract class WakeUps {
  /** @param workers of a process that works wake-ups itself */
  constructor(private readonly workers?: Pick<WakeUpWorkers, 'workHere'>) {}

  /** `manager` must be the one of the running transaction; throws when there is none. */
  async add(manager: EntityManager, wakeUps: WakeUp | readonly WakeUp[]): Promise<void> {
    if (!manager.queryRunner?.isTransactionActive) {
      throw new Error('A wake-up needs the manager of a running transaction. Add it inside inTransaction().');
    }
    const list = [wakeUps].flat();
    if (list.length) await this.store(manager, list);
  }

  /**
   * Wakes for no change of the caller's own, and for rows with a due time: works them in this process where it can, or leaves wake-ups,
   * which are there when this has resolved.
   */
  async addAlone(dataSource: DataSource, wakeUps: readonly WakeUp[]): Promise<void> {
    const left = wakeUps.filter((wakeUp) => wakeUp.delayMs !== undefined || this.workers?.workHere(wakeUp) !== true);
    if (left.length > 0) await this.storeAlone(dataSource, left);
  }

  protected storeAlone(dataSource: DataSource, wakeUps: readonly WakeUp[]): Promise<void> {
    return inTransaction(dataSource, (manager) => this.store(manager, wakeUps));
  }

  protected abstract store(manager: EntityManager, wakeUps: readonly WakeUp[]): Promise<void>;
}
