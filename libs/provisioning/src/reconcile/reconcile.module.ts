import { CatalogueModule } from '@keelson/catalogue';
import { defaultDriftConfig, type DriftConfig } from '@keelson/core';
import { CustomersModule } from '@keelson/customers';
import { HostingModule } from '@keelson/hosting';
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConnectionChecks } from '../checks/connection-checks.service.js';
import { ProvisioningModule } from '../provisioning.module.js';
import { AdoptionService } from './adoption.service.js';
import { DriftFinding } from './drift-finding.entity.js';
import { DriftService } from './drift.service.js';
import { ObservationSchedule } from './observation-schedule.service.js';
import { Observation } from './observation.entity.js';
import { driftConfigToken, Reconciler } from './reconciler.service.js';
import { VendorConnections } from './vendor-connections.service.js';

/** Tables of this folder, for data sources that are built without Nest. */
export const reconcileEntities = [DriftFinding, Observation];

/** Looks at vendors, keeps what differs, and has it repaired. Needs what `ProvisioningModule` needs. */
@Module({})
export class ReconcileModule {
  /** @param config the section `drift` of the configuration file; absent: its defaults */
  static forRoot(config: DriftConfig = defaultDriftConfig): DynamicModule {
    return {
      module: ReconcileModule,
      imports: [
        TypeOrmModule.forFeature(reconcileEntities),
        CatalogueModule,
        CustomersModule,
        HostingModule,
        ProvisioningModule,
      ],
      providers: [
        { provide: driftConfigToken, useValue: config },
        VendorConnections,
        ConnectionChecks,
        ObservationSchedule,
        Reconciler,
        DriftService,
        AdoptionService,
      ],
      exports: [ConnectionChecks, Reconciler, DriftService, AdoptionService],
    };
  }
}
