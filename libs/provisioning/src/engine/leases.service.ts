import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Journal } from './journal.service.js';
import type { Claim } from './journal.types.js';
import { leaseSeconds } from './lease-seconds.js';

/** Gives signs of life for everything this process works on. Nothing is renewed by a process that is dead or stopped. */
@Injectable()
export class Leases implements OnApplicationShutdown {
  /** This process, as the journal names it. */
  readonly worker = `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`;
  private readonly logger = new Logger(Leases.name);
  private readonly claims = new Set<Claim>();
  private readonly tasks = new Map<string, number>();
  private timer?: NodeJS.Timeout;

  constructor(private readonly journal: Journal) {}

  /** Holds the step's lease while `work` runs. */
  async whileClaimed<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
    this.claims.add(claim);
    this.start();
    try {
      return await work();
    } finally {
      this.claims.delete(claim);
    }
  }

  /** Keeps the sweeper from waking the task while `work` runs. */
  async whileRunning<T>(taskId: string, work: () => Promise<T>): Promise<T> {
    this.tasks.set(taskId, (this.tasks.get(taskId) ?? 0) + 1);
    this.start();
    try {
      return await work();
    } finally {
      const left = (this.tasks.get(taskId) ?? 1) - 1;
      if (left === 0) this.tasks.delete(taskId);
      else this.tasks.set(taskId, left);
    }
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private start(): void {
    this.timer ??= setInterval(() => void this.renew(), (leaseSeconds * 1000) / 3).unref();
  }

  private async renew(): Promise<void> {
    if (this.claims.size === 0 && this.tasks.size === 0) return;
    try {
      await this.journal.renew(this.worker, [...this.claims], [...this.tasks.keys()]);
    } catch (error) {
      this.logger.warn(`leases could not be renewed; another worker may take over: ${String(error)}`);
    }
  }
}
