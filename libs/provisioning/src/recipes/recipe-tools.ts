import type { Settings } from '@keelson/core';
import type { ServerSlots, ServiceSecrets } from '@keelson/hosting';
import type { NotificationsService } from '@keelson/notifications';
import type { DataSource } from 'typeorm';

/** What the steps of the recipes use beside their port. */
export interface RecipeTools {
  dataSource: DataSource;
  slots: ServerSlots;
  secrets: ServiceSecrets;
  notifications: NotificationsService;
  settings: Settings;
}
