import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ConnectionGates } from './connection-gates.service.js';
import { ConnectionLine } from './connection-line.service.js';

/** Milliseconds between looks for waiting steps: while there are some, and while there are none. */
const everyMs = { waiting: 250, idle: 1_000 };

/** How many looks pass between two tidyings, and between two explanations. */
const every = { tidy: 10, explain: 4 };

/**
 * Calls steps whose connection has room again without anybody leaving it: a token came, a pause or a probe fell due, a worker
 * died. And has the steps that go on waiting say why. Any number of workers may do so.
 */
@Injectable()
export class LineCaller implements OnApplicationShutdown {
  private readonly logger = new Logger(LineCaller.name);
  private timer?: NodeJS.Timeout;
  private looks = 0;

  constructor(
    private readonly line: ConnectionLine,
    private readonly gates: ConnectionGates,
  ) {}

  /** Looks from now on until the process shuts down. Repeating it does nothing. */
  start(): void {
    this.timer ??= this.later(everyMs.idle);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** One look at every line. Returns how many connections have one. */
  async look(): Promise<number> {
    const look = this.looks++;
    if (look % every.tidy === 0) await this.line.tidy();
    const waited = await this.line.waited();
    for (const { id } of waited) await this.gates.call(id);
    if (waited.length > 0 && look % every.explain === every.explain - 1) await this.line.explain(waited);
    return waited.length;
  }

  private later(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.lookAgain(), ms).unref();
  }

  private async lookAgain(): Promise<void> {
    let waited = 0;
    try {
      waited = await this.look();
    } catch (error) {
      this.logger.warn(`steps that wait for their connections could not be called: ${String(error)}`);
    }
    if (this.timer !== undefined) this.timer = this.later(waited > 0 ? everyMs.waiting : everyMs.idle);
  }
}
