import { onCommit } from '@keelson/database';
import { type WakeUp, WakeUps } from '@keelson/queue';
import type { EntityManager } from 'typeorm';

/** The queue of several workers in one process: those without a priority first, then the lowest number, each in their order. */
export class WakeUpQueue extends WakeUps {
  private readonly due: { id: string; priority: number }[] = [];
  private readonly takers: ((id: string | undefined) => void)[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private closed = false;

  /** The next task, once there is one; undefined when the queue has closed. */
  take(): Promise<string | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    const first = this.due.reduce(
      (best, job, index) => (job.priority < (this.due[best]?.priority ?? 0) ? index : best),
      0,
    );
    const [job] = this.due.splice(first, 1);
    return job === undefined ? new Promise((resolve) => this.takers.push(resolve)) : Promise.resolve(job.id);
  }

  /** Loses everything that was in it. */
  lose(): void {
    this.due.length = 0;
  }

  close(): void {
    this.closed = true;
    this.timers.forEach((timer) => clearTimeout(timer));
    this.takers.splice(0).forEach((taker) => taker(undefined));
  }

  protected override store(manager: EntityManager, wakeUps: readonly WakeUp[]): Promise<void> {
    onCommit(manager, () => wakeUps.forEach((wakeUp) => this.enqueue(wakeUp)));
    return Promise.resolve();
  }

  private enqueue({ id, delayMs = 0, priority = 0 }: WakeUp): void {
    if (this.closed) return;
    if (delayMs > 0) {
      const timer = setTimeout(
        () => (this.timers.delete(timer), this.enqueue({ id, priority } as WakeUp)),
        delayMs,
      ).unref();
      this.timers.add(timer);
      return;
    }
    const taker = this.takers.shift();
    if (taker === undefined) this.due.push({ id, priority });
    else taker(id);
  }
}
