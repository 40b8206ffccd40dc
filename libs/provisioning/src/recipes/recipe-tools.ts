import type { ProductsService } from '@keelson/catalogue';
import type { AuthoritativeDns, Clock, Settings, WebsiteProbe } from '@keelson/core';
import type {
  CertificateRenewals,
  CertificatesService,
  DomainsService,
  HttpChallenges,
  Licences,
  ServerSlots,
  ServiceSecrets,
  ServicesService,
} from '@keelson/hosting';
import type { NotificationsService } from '@keelson/notifications';
import type { DataSource } from 'typeorm';
import type { OrderPorts } from '../engine/order-ports.js';

/** What the steps of the recipes use beside their port. */
export interface RecipeTools {
  dataSource: DataSource;
  services: Pick<ServicesService, 'changeDomain'>;
  slots: ServerSlots;
  secrets: ServiceSecrets;
  certificates: CertificatesService;
  renewals: CertificateRenewals;
  httpChallenges: HttpChallenges;
  licences: Pick<Licences, 'issue' | 'revoke' | 'findKey'>;
  domains: DomainsService;
  products: Pick<ProductsService, 'findTldPrice'>;
  notifications: NotificationsService;
  /** For steps that need a second port. */
  ports: OrderPorts;
  /** Tells whether the world sees a record. */
  dns: Pick<AuthoritativeDns, 'ask'>;
  /** Tells what the world sees of a website. */
  web: Pick<WebsiteProbe, 'ask'>;
  settings: Settings;
  clock: Clock;
}
