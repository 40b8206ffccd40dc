import { CheckoutsService, InboxService } from '@keelson/billing';
import { type Settings, settingsToken } from '@keelson/core';
import { WakeUpHandlers } from '@keelson/queue';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

/** Milliseconds between looks for payment events and payment pages that nobody woke us for. */
const everyMs = 15_000;

/** Works what the payment vendor told us, and asks about what it did not tell. */
@Injectable()
export class BillingHandlers implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(BillingHandlers.name);
  private timer?: NodeJS.Timeout;
  private busy = false;

  constructor(
    private readonly handlers: WakeUpHandlers,
    private readonly inbox: InboxService,
    private readonly checkouts: CheckoutsService,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.handlers.register('inbox', 'event', (id) => this.inbox.process(id));
    if (this.settings.schedules) this.timer = setInterval(() => void this.catchUp(), everyMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async catchUp(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.inbox.sweepDue();
      await this.checkouts.reconcileDue();
    } catch (error) {
      this.logger.warn(`catching up on payments failed, next in ${everyMs} ms: ${String(error)}`);
    } finally {
      this.busy = false;
    }
  }
}
