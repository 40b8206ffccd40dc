import { CatalogueModule } from '@keelson/catalogue';
import { CustomersModule } from '@keelson/customers';
import { HostingModule } from '@keelson/hosting';
import { Alerts, NotificationsModule } from '@keelson/notifications';
import { ProvisioningModule } from '@keelson/provisioning';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BuyerAccess } from './buyer-access.service.js';
import { CataloguePaymentAccounts } from './catalogue-payment-accounts.service.js';
import { CheckoutRules } from './checkout-rules.service.js';
import { CheckoutSession } from './checkout-session.entity.js';
import { CheckoutStatusService } from './checkout-status.service.js';
import { CheckoutsService } from './checkouts.service.js';
import { FulfilmentService } from './fulfilment.service.js';
import { InboxEvent } from './inbox-event.entity.js';
import { InboxService } from './inbox.service.js';
import { Invoice } from './invoice.entity.js';
import { InvoicesService } from './invoices.service.js';
import { LicenceGrants } from './licence-grants.service.js';
import { OffersService } from './offers.service.js';
import { orderAlertSources } from './order-alerts.js';
import { OrderLocator } from './order-locator.service.js';
import { OrderRefunds } from './order-refunds.service.js';
import { OrderRows } from './order-rows.service.js';
import { OrdersService } from './orders.service.js';
import { PaymentAccounts } from './payment-accounts.js';
import { PaymentRecord } from './payment.entity.js';
import { PaymentsService } from './payments.service.js';
import { Reservations } from './reservations.service.js';
import { RunningTasks } from './running-tasks.service.js';
import { SettlementService } from './settlement.service.js';
import { SubscriptionItem } from './subscription-item.entity.js';
import { Subscription } from './subscription.entity.js';
import { VendorReader } from './vendor-reader.service.js';

/** Tables of this room, for data sources that are built without Nest. */
export const billingEntities = [Subscription, SubscriptionItem, CheckoutSession, Invoice, PaymentRecord, InboxEvent];

/** Orders, payments, subscriptions and invoices. Needs `RuntimeModule`, `QueueModule` and a data source in the application. */
@Module({
  imports: [
    TypeOrmModule.forFeature(billingEntities),
    CatalogueModule,
    CustomersModule,
    HostingModule,
    NotificationsModule,
    ProvisioningModule,
  ],
  providers: [
    { provide: PaymentAccounts, useClass: CataloguePaymentAccounts },
    BuyerAccess,
    CheckoutRules,
    CheckoutStatusService,
    CheckoutsService,
    FulfilmentService,
    InboxService,
    InvoicesService,
    LicenceGrants,
    OffersService,
    OrderLocator,
    OrderRefunds,
    OrderRows,
    OrdersService,
    PaymentsService,
    Reservations,
    RunningTasks,
    SettlementService,
    VendorReader,
  ],
  exports: [CheckoutsService, CheckoutStatusService, InboxService, SettlementService, LicenceGrants, OrdersService],
})
export class BillingModule {
  constructor(alerts: Alerts) {
    alerts.register(...orderAlertSources);
  }
}
