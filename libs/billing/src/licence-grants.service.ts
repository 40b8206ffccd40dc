import { type BillingCycle, parseBillingCycle, type Product, ProductsService } from '@keelson/catalogue';
import { type Clock, clockToken } from '@keelson/core';
import { AuditService } from '@keelson/customers';
import { inTransaction, newId, toPublicId } from '@keelson/database';
import { licenceLimitsOf, Licences, type LicenceView, moveService, Service, ServicesService } from '@keelson/hosting';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { TermNotOfferedError, UnknownPlanError } from './checkout.errors.js';
import { periodAt } from './period.js';
import { SubscriptionItem } from './subscription-item.entity.js';
import { Subscription } from './subscription.entity.js';

export interface LicenceGrant {
  customerId: string;
  /** Number, slug or id of a product that is for sale. */
  plan: string;
  /** Name of a cycle, or a synonym. */
  cycle: string;
  /** Whether it goes on, cycle by cycle, until somebody ends it; without one it ends after one cycle. */
  withSubscription: boolean;
  /** As in the audit log. */
  actor: string;
}

/** A licence and the subscription that it lives by, where it has one. */
export interface GrantedLicence {
  view: LicenceView;
  subscription?: Subscription;
}

/** Licences that staff give out, without a checkout. */
@Injectable()
export class LicenceGrants {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly products: ProductsService,
    private readonly services: ServicesService,
    private readonly licences: Licences,
    private readonly audit: AuditService,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /**
   * Issues a licence that is good at once. Each call is another one. How the first cycle is paid is left to whoever calls: no invoice is
   * written for it.
   * @throws UnknownPlanError
   * @throws TermNotOfferedError for an unknown cycle, and for one without a price when a subscription is wanted
   */
  async grant(grant: LicenceGrant): Promise<GrantedLicence> {
    const product = await this.products.findForSale(grant.plan);
    if (product === undefined) throw new UnknownPlanError(grant.plan);
    const cycle = parseBillingCycle(grant.cycle);
    const price = cycle === undefined ? undefined : await this.products.findPrice(product.id, cycle);
    if (cycle === undefined || (price === undefined && grant.withSubscription)) {
      throw new TermNotOfferedError(product.slug, grant.cycle);
    }
    const ends = periodAt(this.clock.now(), cycle, 0)?.end;
    const { licenceId, subscription } = await inTransaction(this.dataSource, async (manager) => {
      const subscription =
        price === undefined || !grant.withSubscription
          ? undefined
          : await this.subscribe(manager, grant, product, price, ends);
      const service = await this.services.create(manager, {
        customerId: grant.customerId,
        productId: product.id,
        type: 'licence',
        subscriptionId: subscription?.id,
      });
      const licence = await this.licences.issue(manager, {
        serviceId: service.id,
        limits: licenceLimitsOf(product.limits),
        ...(subscription === undefined ? { expiresAt: ends } : {}),
      });
      await moveService(manager, service.id, 'active');
      await manager.update(Service, { id: service.id }, { provisionedAt: this.clock.now() });
      await this.audit.record(manager, {
        actor: grant.actor,
        action: 'licence.issued',
        subjectType: 'licence',
        subjectId: toPublicId('lic', licence.id),
        detail: { plan: product.slug, cycle },
      });
      return { licenceId: licence.id, subscription };
    });
    return { view: await this.licences.get(licenceId), subscription };
  }

  /** The subscriptions that licences live by, by their id. */
  async subscriptionsOf(views: readonly LicenceView[]): Promise<Map<string, Subscription>> {
    const ids = views.flatMap(({ service }) => service.subscriptionId ?? []);
    const found = ids.length === 0 ? [] : await this.dataSource.manager.findBy(Subscription, { id: In(ids) });
    return new Map(found.map((subscription) => [subscription.id, subscription]));
  }

  private async subscribe(
    manager: EntityManager,
    { customerId }: LicenceGrant,
    product: Product,
    price: { id: string; amount: number; currency: string; billingCycle: BillingCycle },
    ends: Date | undefined,
  ): Promise<Subscription> {
    const { amount, currency, billingCycle } = price;
    const subscription = await manager.save(
      manager.create(Subscription, {
        id: newId(),
        customerId,
        productId: product.id,
        priceId: price.id,
        status: 'active',
        ...{ billingCycle, amount, currency },
        currentPeriodStart: this.clock.now(),
        currentPeriodEnd: ends ?? null,
        settledCount: 0,
        metadata: { planId: product.slug, billingCycle, productTypes: ['licence'], source: 'staff' },
      }),
    );
    await manager.insert(SubscriptionItem, {
      id: newId(),
      subscriptionId: subscription.id,
      productId: product.id,
      priceId: price.id,
      kind: 'plan',
      description: product.name,
      amount,
    });
    return subscription;
  }
}
