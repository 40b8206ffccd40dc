import type { ProductsService } from '@keelson/catalogue';
import type { AuthoritativeDns, Clock, Settings } from '@keelson/core';
import type { CertificatesService, DomainsService, Licences, ServerSlots, ServiceSecrets } from '@keelson/hosting';
import type { NotificationsService } from '@keelson/notifications';
import type { DataSource } from 'typeorm';
import type { OrderPorts } from '../engine/order-ports.js';

/** What the steps of the recipes use beside their port. */
export interface RecipeTools {
  dataSource: DataSource;
  slots: ServerSlots;
  secrets: ServiceSecrets;
  certificates: CertificatesService;
  licences: Pick<Licences, 'issue' | 'revoke' | 'findKey'>;
  domains: DomainsService;
  products: Pick<ProductsService, 'findTldPrice'>;
  notifications: NotificationsService;
  /** For steps that need a second port. */
  ports: OrderPorts;
  /** Tells whether the world sees a record. */
  dns: Pick<AuthoritativeDns, 'ask'>;
  settings: Settings;
  clock: Clock;
}
