import { type Settings, settingsToken } from '@keelson/core';
import { UsageCollector } from '@keelson/provisioning';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

/** Milliseconds between looks for servers that are due to tell what their accounts use. */
const everyMs = 60_000;

/** Asks servers, by their due times, what their accounts use. */
@Injectable()
export class UsageHandlers implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(UsageHandlers.name);
  private timer?: NodeJS.Timeout;
  private busy = false;

  constructor(
    private readonly collector: UsageCollector,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    if (this.settings.schedules) this.timer = setInterval(() => void this.collect(), everyMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async collect(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.collector.collectDue();
    } catch (error) {
      this.logger.warn(`collecting usage failed, next in ${everyMs} ms: ${String(error)}`);
    } finally {
      this.busy = false;
    }
  }
}
