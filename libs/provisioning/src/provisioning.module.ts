import { CatalogueModule } from '@keelson/catalogue';
import { type Settings, settingsToken } from '@keelson/core';
import { CustomersModule } from '@keelson/customers';
import { HostingModule } from '@keelson/hosting';
import { Alerts, NotificationsModule } from '@keelson/notifications';
import { Inject, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountOrders } from './accounts/account-orders.service.js';
import { provisioningAlertSources } from './alerts/alert-sources.js';
import { CertificateSchedule } from './certificates/certificate-schedule.service.js';
import { Journal } from './engine/journal.service.js';
import { Leases } from './engine/leases.service.js';
import { OrderPorts } from './engine/order-ports.js';
import { RecipeRegistry } from './engine/recipe-registry.js';
import { defaultRetryPolicy } from './engine/retry-policy.js';
import { retryPolicyToken, StepRunner } from './engine/step-runner.service.js';
import { Sweeper } from './engine/sweeper.service.js';
import { TaskRunner } from './engine/task-runner.service.js';
import { recipeToolsToken } from './lifecycle/lifecycle.service.js';
import { lifecycleProviders, lifecycleServices } from './lifecycle/lifecycle-providers.js';
import { GateStates } from './isolation/gate-states.service.js';
import { isolationProviders } from './isolation/isolation-providers.js';
import { LineCaller } from './isolation/line-caller.service.js';
import { BoundPorts } from './recipes/bound-ports.service.js';
import { allRecipes } from './lifecycle/all-recipes.js';
import { InjectedTools } from './recipes/injected-tools.js';
import type { RecipeTools } from './recipes/recipe-tools.js';
import { DomainTransfers } from './tasks/domain-transfers.service.js';
import { OperatorDesk } from './tasks/operator-desk.service.js';
import { ProvisioningEvent } from './engine/provisioning-event.entity.js';
import { ProvisioningService } from './tasks/provisioning.service.js';
import { ProvisioningStep } from './engine/provisioning-step.entity.js';
import { ProvisioningTask } from './engine/provisioning-task.entity.js';
import { TaskOutcomes } from './tasks/task-outcomes.service.js';

/** Tables of this room, for data sources that are built without Nest. */
export const provisioningEntities = [ProvisioningTask, ProvisioningStep, ProvisioningEvent];

/** Tasks and the engine that works them. Needs the runtime, a data source and a queue in the application. */
@Module({
  imports: [
    TypeOrmModule.forFeature(provisioningEntities),
    CatalogueModule,
    CustomersModule,
    HostingModule,
    NotificationsModule,
  ],
  providers: [
    Journal,
    Leases,
    StepRunner,
    TaskRunner,
    Sweeper,
    ProvisioningService,
    AccountOrders,
    TaskOutcomes,
    OperatorDesk,
    DomainTransfers,
    ...isolationProviders,
    { provide: OrderPorts, useClass: BoundPorts },
    { provide: retryPolicyToken, useValue: defaultRetryPolicy },
    ...lifecycleProviders,
    CertificateSchedule,
    {
      provide: RecipeRegistry,
      inject: [recipeToolsToken],
      useFactory: (tools: RecipeTools) => new RecipeRegistry(allRecipes(tools)),
    },
    { provide: recipeToolsToken, useClass: InjectedTools },
  ],
  exports: [
    ProvisioningService,
    AccountOrders,
    OperatorDesk,
    DomainTransfers,
    ...lifecycleServices,
    CertificateSchedule,
    TaskRunner,
    Sweeper,
    LineCaller,
    GateStates,
    RecipeRegistry,
    TaskOutcomes,
  ],
})
export class ProvisioningModule {
  constructor(alerts: Alerts, @Inject(settingsToken) settings: Settings) {
    alerts.register(...provisioningAlertSources(settings));
  }
}
