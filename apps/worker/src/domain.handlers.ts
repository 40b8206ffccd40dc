import { type Settings, settingsToken } from '@keelson/core';
import { DomainExpiries } from '@keelson/hosting';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

/** Milliseconds between looks for domains that nobody asked the registrar about for a day. */
const everyMs = 10 * 60_000;

/** Keeps in step with registrars what we know about domains. Any number of workers may look; each domain is asked about once a day. */
@Injectable()
export class DomainHandlers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(DomainHandlers.name);
  private timer?: NodeJS.Timeout;
  private busy = false;

  constructor(
    private readonly expiries: DomainExpiries,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.schedules) return;
    this.timer = setInterval(() => void this.catchUp(), everyMs).unref();
    void this.catchUp();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async catchUp(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.expiries.syncDue();
    } catch (error) {
      this.logger.warn(`the look for domains failed, next in ${everyMs} ms: ${String(error)}`);
    } finally {
      this.busy = false;
    }
  }
}
