import { CatalogueModule } from '@keelson/catalogue';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Certificate } from './certificate.entity.js';
import { CertificateRenewal } from './certificate-renewal.entity.js';
import { CertificateRenewals } from './certificate-renewals.service.js';
import { CertificatesService } from './certificates.service.js';
import { DnsZone } from './dns-zone.entity.js';
import { DomainExpiries } from './domain-expiries.service.js';
import { Domain } from './domain.entity.js';
import { DomainsService } from './domains.service.js';
import { HostedAccounts } from './hosted-accounts.service.js';
import { HostedDatabase } from './hosted-database.entity.js';
import { LicenceKeys } from './licences/licence-keys.service.js';
import { LicenceQuotas } from './licences/licence-quotas.service.js';
import { LicenceRates } from './licences/licence-rates.service.js';
import { LicenceReports } from './licences/licence-reports.service.js';
import { LicenceUsage } from './licences/licence-usage.entity.js';
import { LicenceValidation } from './licences/licence-validation.service.js';
import { Licence } from './licences/licence.entity.js';
import { Licences } from './licences/licences.service.js';
import { HttpChallenge } from './http-challenge.entity.js';
import { HttpChallenges } from './http-challenges.service.js';
import { HostedMailbox } from './mailbox.entity.js';
import { PanelServers } from './panel-servers.service.js';
import { RemoteResource } from './remote-resource.entity.js';
import { Server } from './server.entity.js';
import { ServerSlots } from './server-slots.service.js';
import { ServersService } from './servers.service.js';
import { ServiceSecret } from './service-secret.entity.js';
import { ServiceSecrets } from './service-secrets.service.js';
import { ServiceUsage } from './service-usage.entity.js';
import { ServiceUsages } from './service-usages.service.js';
import { Service } from './service.entity.js';
import { ServicesService } from './services.service.js';
import { Website } from './website.entity.js';

/** Tables of this room, for data sources that are built without Nest. */
export const hostingEntities = [
  Server,
  Service,
  ServiceSecret,
  ServiceUsage,
  Domain,
  Website,
  DnsZone,
  HostedMailbox,
  HostedDatabase,
  RemoteResource,
  Certificate,
  CertificateRenewal,
  HttpChallenge,
  Licence,
  LicenceUsage,
];

const shared = [
  ServicesService,
  ServiceSecrets,
  ServiceUsages,
  ServerSlots,
  ServersService,
  PanelServers,
  HostedAccounts,
  CertificatesService,
  CertificateRenewals,
  HttpChallenges,
  DomainsService,
  DomainExpiries,
  Licences,
  LicenceQuotas,
  LicenceReports,
  LicenceValidation,
];

/** Servers, services and what belongs to them. Needs `Keyring` and a data source in the application. */
@Module({
  imports: [TypeOrmModule.forFeature(hostingEntities), CatalogueModule],
  providers: [...shared, LicenceKeys, LicenceRates],
  exports: shared,
})
export class HostingModule {}
