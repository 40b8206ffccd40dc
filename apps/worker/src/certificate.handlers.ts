import { type Settings, settingsToken } from '@keelson/core';
import { CertificateSchedule } from '@keelson/provisioning';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

/** Milliseconds between looks for certificates to ask about and to renew. */
const everyMs = 60_000;

/** Keeps certificates from running out. Any number of workers may look; each due time is acted on once. */
@Injectable()
export class CertificateHandlers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(CertificateHandlers.name);
  private timer?: NodeJS.Timeout;
  private busy = false;

  constructor(
    private readonly schedule: CertificateSchedule,
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
      await this.schedule.askDue();
      await this.schedule.beginDue();
    } catch (error) {
      this.logger.warn(`the look for due certificates failed, next in ${everyMs} ms: ${String(error)}`);
    } finally {
      this.busy = false;
    }
  }
}
