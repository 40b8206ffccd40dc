import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CatalogueModule } from '@keelson/catalogue';
import { AlertDispatcher } from './alerts/alert-dispatcher.service.js';
import { Alert } from './alerts/alert.entity.js';
import { Alerts } from './alerts/alerts.service.js';
import { OperatorMail } from './alerts/operator-mail.js';
import { EmailLogEntry } from './email-log-entry.entity.js';
import { NotificationsService } from './notifications.service.js';

/** Tables of this room, for data sources that are built without Nest. */
export const notificationEntities = [EmailLogEntry, Alert];

/** Mail and its log, and alerts for operators. Needs the runtime and a data source in the application. */
@Module({
  imports: [TypeOrmModule.forFeature(notificationEntities), CatalogueModule],
  providers: [NotificationsService, Alerts, AlertDispatcher, OperatorMail],
  exports: [NotificationsService, Alerts, AlertDispatcher],
})
export class NotificationsModule {}
