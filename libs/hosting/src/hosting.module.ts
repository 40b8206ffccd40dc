import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Certificate } from './certificate.entity.js';
import { CertificatesService } from './certificates.service.js';
import { DnsZone } from './dns-zone.entity.js';
import { Domain } from './domain.entity.js';
import { HostedDatabase } from './hosted-database.entity.js';
import { HostedMailbox } from './mailbox.entity.js';
import { RemoteResource } from './remote-resource.entity.js';
import { Server } from './server.entity.js';
import { ServerSlots } from './server-slots.service.js';
import { ServersService } from './servers.service.js';
import { ServiceSecret } from './service-secret.entity.js';
import { ServiceSecrets } from './service-secrets.service.js';
import { Service } from './service.entity.js';
import { ServicesService } from './services.service.js';
import { Website } from './website.entity.js';

/** Tables of this room, for data sources that are built without Nest. */
export const hostingEntities = [
  Server,
  Service,
  ServiceSecret,
  Domain,
  Website,
  DnsZone,
  HostedMailbox,
  HostedDatabase,
  RemoteResource,
  Certificate,
];

/** Servers, services and what belongs to them. Needs `Keyring` and a data source in the application. */
@Module({
  imports: [TypeOrmModule.forFeature(hostingEntities)],
  providers: [ServicesService, ServiceSecrets, ServerSlots, ServersService, CertificatesService],
  exports: [ServicesService, ServiceSecrets, ServerSlots, ServersService, CertificatesService],
})
export class HostingModule {}
