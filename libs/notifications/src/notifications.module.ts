import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EmailLogEntry } from './email-log-entry.entity.js';
import { NotificationsService } from './notifications.service.js';

/** Tables of this room, for data sources that are built without Nest. */
export const notificationEntities = [EmailLogEntry];

/** Mail and its log. Needs the runtime and a data source in the application. */
@Module({
  imports: [TypeOrmModule.forFeature(notificationEntities)],
  providers: [NotificationsService],
  exports: [NotificationsService],
})
export class NotificationsModule {}
