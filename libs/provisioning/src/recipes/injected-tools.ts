import { ProductsService } from '@keelson/catalogue';
import { AuthoritativeDns, type Clock, clockToken, type Settings, settingsToken, WebsiteProbe } from '@keelson/core';
import {
  CertificateRenewals,
  CertificatesService,
  DomainsService,
  HttpChallenges,
  Licences,
  ServerSlots,
  ServiceSecrets,
  ServicesService,
} from '@keelson/hosting';
import { NotificationsService } from '@keelson/notifications';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OrderPorts } from '../engine/order-ports.js';
import type { RecipeTools } from './recipe-tools.js';

/** The recipes' tools in an application. */
@Injectable()
export class InjectedTools implements RecipeTools {
  readonly dns: AuthoritativeDns;
  readonly web: WebsiteProbe;

  constructor(
    @InjectDataSource() readonly dataSource: DataSource,
    readonly services: ServicesService,
    readonly slots: ServerSlots,
    readonly secrets: ServiceSecrets,
    readonly certificates: CertificatesService,
    readonly renewals: CertificateRenewals,
    readonly httpChallenges: HttpChallenges,
    readonly licences: Licences,
    readonly domains: DomainsService,
    readonly products: ProductsService,
    readonly notifications: NotificationsService,
    readonly ports: OrderPorts,
    @Inject(settingsToken) readonly settings: Settings,
    @Inject(clockToken) readonly clock: Clock,
  ) {
    const { dnsResolvers, httpChallenge } = settings;
    const resolvers = dnsResolvers.length > 0 ? { resolvers: dnsResolvers } : {};
    this.dns = new AuthoritativeDns(resolvers);
    this.web = new WebsiteProbe({ ...resolvers, ...httpChallenge });
  }
}
