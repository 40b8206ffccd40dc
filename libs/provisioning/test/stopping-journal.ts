import type { DataSource } from 'typeorm';
import { Journal } from '../src/index.js';
import { NoWakeUps } from './no-wake-ups.js';

/** The journal of a worker that is asked to stop once so many steps are finished. Steps under way then are finished too. */
export class StoppingJournal extends Journal {
  private readonly stopping = new AbortController();
  /** For the worker: no step begins once it fires. */
  readonly signal = this.stopping.signal;

  constructor(
    dataSource: DataSource,
    private left: number,
  ) {
    super(dataSource, new NoWakeUps());
    if (left === 0) this.stopping.abort();
  }

  override async record(...args: Parameters<Journal['record']>): Promise<boolean> {
    const written = await super.record(...args);
    if (written && ['completed', 'skipped'].includes(args[1].state)) this.count();
    return written;
  }

  override async skip(...args: Parameters<Journal['skip']>): Promise<boolean> {
    const skipped = await super.skip(...args);
    if (skipped) this.count();
    return skipped;
  }

  private count(): void {
    this.left -= 1;
    if (this.left <= 0) this.stopping.abort();
  }
}
