import { BillingModule } from '@keelson/billing';
import { CatalogueModule } from '@keelson/catalogue';
import { type Runtime, RuntimeModule } from '@keelson/core';
import { CustomersModule } from '@keelson/customers';
import { DatabaseModule } from '@keelson/database';
import { HostingModule } from '@keelson/hosting';
import { NotificationsModule } from '@keelson/notifications';
import { ProvisioningModule, ReconcileModule } from '@keelson/provisioning';
import { QueueModule } from '@keelson/queue';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessGuard } from './access/access.guard.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AuthController } from './auth/auth.controller.js';
import { PasswordResetMail } from './auth/password-reset-mail.service.js';
import { AuthV1Controller } from './billing-v1/auth-v1.controller.js';
import { CustomersV1Controller } from './billing-v1/customers-v1.controller.js';
import { LicencesController } from './billing-v1/licences.controller.js';
import { PanelAccountsController } from './billing-v1/panel-accounts.controller.js';
import { PanelServersController } from './billing-v1/panel-servers.controller.js';
import { PlansV1Controller } from './billing-v1/plans-v1.controller.js';
import { UsageController } from './billing-v1/usage.controller.js';
import { CheckoutController } from './checkout/checkout.controller.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { CustomersController } from './customers/customers.controller.js';
import { DriftController } from './drift/drift.controller.js';
import { HealthController } from './health/health.controller.js';
import { databaseUrlToken, HealthService } from './health/health.service.js';
import { HttpChallengesController } from './http-challenges/http-challenges.controller.js';
import { IdempotencyKeys } from './idempotency/idempotency-keys.service.js';
import { MarketingController } from './marketing/marketing.controller.js';
import { ApiDocs } from './openapi/api-docs.js';
import { DocsController } from './openapi/docs.controller.js';
import { OrdersController } from './orders/orders.controller.js';
import { PlansController } from './plans/plans.controller.js';
import { PlansService } from './plans/plans.service.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { ProvisioningController } from './provisioning/provisioning.controller.js';
import { StepsController } from './provisioning/steps.controller.js';
import { TaskEventsController } from './provisioning/task-events.controller.js';
import { OperationsController } from './services/operations.controller.js';
import { ServiceAccessController } from './services/service-access.controller.js';
import { ServiceDomainController } from './services/service-domain.controller.js';
import { ServicesController } from './services/services.controller.js';
import { SuspensionRulesController } from './services/suspension-rules.controller.js';
import { validationPipe } from './validation/validation.pipe.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** Everything that answers over HTTP. */
@Module({})
export class ApiModule {
  /** @param databaseUrl the database of the installation, embedded or not */
  static forRoot(runtime: Runtime, databaseUrl: string): DynamicModule {
    const { redisUrl } = runtime.settings;
    return {
      module: ApiModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        DatabaseModule.forRoot({ url: databaseUrl, poolSize: 20, applicationName: 'keelson api' }),
        QueueModule.forRoot({ databaseUrl, redisUrl, poolSize: 4 }),
        CatalogueModule,
        CustomersModule,
        HostingModule,
        NotificationsModule,
        ProvisioningModule,
        ReconcileModule.forRoot(runtime.config.drift),
        BillingModule,
      ],
      controllers: [
        HealthController,
        PlansController,
        CheckoutController,
        OrdersController,
        MarketingController,
        WebhooksController,
        AuthController,
        CustomersController,
        ServicesController,
        ServiceAccessController,
        ServiceDomainController,
        SuspensionRulesController,
        OperationsController,
        ProvisioningController,
        StepsController,
        TaskEventsController,
        ApiKeysController,
        AlertsController,
        ConnectionsController,
        DriftController,
        HttpChallengesController,
        AuthV1Controller,
        CustomersV1Controller,
        PlansV1Controller,
        PanelServersController,
        PanelAccountsController,
        LicencesController,
        UsageController,
        DocsController,
      ],
      providers: [
        { provide: databaseUrlToken, useValue: databaseUrl },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_PIPE, useFactory: validationPipe },
        ApiDocs,
        HealthService,
        IdempotencyKeys,
        PasswordResetMail,
        PlansService,
      ],
    };
  }
}
