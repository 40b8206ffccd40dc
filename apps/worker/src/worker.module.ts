import { BillingModule } from '@keelson/billing';
import { type Runtime, RuntimeModule } from '@keelson/core';
import { DatabaseModule } from '@keelson/database';
import { HostingModule } from '@keelson/hosting';
import { NotificationsModule } from '@keelson/notifications';
import { ProvisioningModule, ReconcileModule } from '@keelson/provisioning';
import { QueueModule } from '@keelson/queue';
import { type DynamicModule, Module } from '@nestjs/common';
import { ProvisioningHandlers } from './provisioning.handlers.js';
import { BillingHandlers } from './billing.handlers.js';
import { Schedules } from './schedules.js';
import { WorkerSchedules } from './worker-schedules.js';

/** What a worker runs: the handlers of all wake-ups and the schedules. */
@Module({})
export class WorkerModule {
  /** @param databaseUrl the database of the installation, embedded or not */
  static forRoot(runtime: Runtime, databaseUrl: string): DynamicModule {
    const { redisUrl, workerConcurrency } = runtime.settings;
    return {
      module: WorkerModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        DatabaseModule.forRoot({
          url: databaseUrl,
          poolSize: workerConcurrency * 2 + 6,
          applicationName: 'keelson worker',
        }),
        QueueModule.forRoot({ databaseUrl, redisUrl }),
        HostingModule,
        NotificationsModule,
        ProvisioningModule,
        ReconcileModule.forRoot(runtime.config.drift),
        BillingModule,
      ],
      providers: [ProvisioningHandlers, BillingHandlers, Schedules, WorkerSchedules],
    };
  }
}
