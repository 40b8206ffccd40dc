import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Journal } from './journal.service.js';

/** Milliseconds between sweeps; with the length of leases it bounds how long a dead worker delays a task. */
const everyMs = 1_000;

/** Wakes every task whose time has come and whom the queue forgot. Any number of workers may sweep. */
@Injectable()
export class Sweeper implements OnApplicationShutdown {
  private readonly logger = new Logger(Sweeper.name);
  private timer?: NodeJS.Timeout;
  private busy = false;

  constructor(private readonly journal: Journal) {}

  /** Sweeps from now on until the process shuts down. Repeating it does nothing. */
  start(): void {
    this.timer ??= setInterval(() => void this.sweep(), everyMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.journal.sweep();
    } catch (error) {
      this.logger.warn(`sweep failed, next in ${everyMs} ms: ${String(error)}`);
    } finally {
      this.busy = false;
    }
  }
}
