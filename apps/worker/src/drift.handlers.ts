import { type Settings, settingsToken } from '@keelson/core';
import { DriftService, Reconciler } from '@keelson/provisioning';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

/** Milliseconds between looks for connections that are due. */
const everyMs = 30_000;

/** Observes connections when they are due, and has repaired what the policy repairs. Any number of workers may do so. */
@Injectable()
export class DriftHandlers implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(DriftHandlers.name);
  private timer?: NodeJS.Timeout;
  private busy = false;

  constructor(
    private readonly reconciler: Reconciler,
    private readonly drift: DriftService,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    if (this.settings.schedules) this.timer = setInterval(() => void this.catchUp(), everyMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async catchUp(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const observed = await this.reconciler.observeDue();
      if (observed.size > 0) await this.drift.applyPolicy();
    } catch (error) {
      this.logger.warn(`observing failed, next in ${everyMs} ms: ${String(error)}`);
    } finally {
      this.busy = false;
    }
  }
}
