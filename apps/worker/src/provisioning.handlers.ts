import { LineCaller, Sweeper, TaskRunner } from '@keelson/provisioning';
import { WakeUpHandlers } from '@keelson/queue';
import { Injectable, type OnModuleInit } from '@nestjs/common';

/** Works provisioning tasks as they are woken, and wakes those that the queue forgot. */
@Injectable()
export class ProvisioningHandlers implements OnModuleInit {
  constructor(
    private readonly handlers: WakeUpHandlers,
    private readonly runner: TaskRunner,
    private readonly sweeper: Sweeper,
    private readonly lineCaller: LineCaller,
  ) {}

  onModuleInit(): void {
    this.handlers.register('provisioning', 'task', (id, signal) => this.runner.drive(id, signal));
    this.sweeper.start();
    this.lineCaller.start();
  }
}
