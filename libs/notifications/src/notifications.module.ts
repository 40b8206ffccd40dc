import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { SenderSettings } from './departments.js';
import { EmailLogEntry } from './email-log-entry.entity.js';
import { NotificationsService, senderSettingsToken } from './notifications.service.js';

/** Tables of this room, for data sources that are built without Nest. */
export const notificationEntities = [EmailLogEntry];

/** Mail and its log. Needs a data source in the application. */
@Module({})
export class NotificationsModule {
  static forRoot(settings: SenderSettings): DynamicModule {
    return {
      module: NotificationsModule,
      imports: [TypeOrmModule.forFeature(notificationEntities)],
      providers: [{ provide: senderSettingsToken, useValue: settings }, NotificationsService],
      exports: [NotificationsService],
    };
  }
}
