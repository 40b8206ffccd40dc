import type { Settings } from '@keelson/core';
import type { CertificatesService, ServerSlots, ServiceSecrets } from '@keelson/hosting';
import type { NotificationsService } from '@keelson/notifications';
import type { DataSource } from 'typeorm';
import type { OrderPorts } from '../engine/order-ports.js';
import type { PublicDns } from './public-dns.js';

/** What the steps of the recipes use beside their port. */
export interface RecipeTools {
  dataSource: DataSource;
  slots: ServerSlots;
  secrets: ServiceSecrets;
  certificates: CertificatesService;
  notifications: NotificationsService;
  /** For steps that need a second port. */
  ports: OrderPorts;
  publicDns: PublicDns;
  settings: Settings;
}
