import { InboxService } from '@keelson/billing';
import { WakeUpHandlers } from '@keelson/queue';
import { Injectable, type OnModuleInit } from '@nestjs/common';

/** Works what the payment vendor told us. */
@Injectable()
export class BillingHandlers implements OnModuleInit {
  constructor(
    private readonly handlers: WakeUpHandlers,
    private readonly inbox: InboxService,
  ) {}

  onModuleInit(): void {
    this.handlers.register('inbox', 'event', (id) => this.inbox.process(id));
  }
}
