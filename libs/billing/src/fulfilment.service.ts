import { Coupon, CouponsService, Product } from '@keelson/catalogue';
import { type Clock, clockToken, Keyring, type Money, type Settings, settingsToken } from '@keelson/core';
import { DomainTakenError, ServicesService } from '@keelson/hosting';
import { ProvisioningService } from '@keelson/provisioning';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BuyerAccess } from './buyer-access.service.js';
import { authCodePlace } from './checkout-session.entity.js';
import { InvoicesService } from './invoices.service.js';
import { CouponRefusedError } from './checkout.errors.js';
import type { Order } from './order.types.js';
import { type Period, periodAt } from './period.js';
import type { QuoteLine } from './quote.types.js';
import { Reservations } from './reservations.service.js';
import type { VendorState } from './vendor-state.types.js';

/** Gives the customer what was paid for: account, services and the jobs that make them exist. */
@Injectable()
export class FulfilmentService {
  constructor(
    private readonly access: BuyerAccess,
    private readonly services: ServicesService,
    private readonly provisioning: ProvisioningService,
    private readonly coupons: CouponsService,
    private readonly invoices: InvoicesService,
    private readonly reservations: Reservations,
    private readonly keyring: Keyring,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  /**
   * Completes a paid order in the caller's transaction; changes its rows in memory, the caller saves them. An order that was
   * cancelled or refunded before we looked gets its account and its invoice, but no services.
   * @param options.anyway also when the coupon was used up since the quote
   * @returns why it cannot be given to the customer, with nothing changed; undefined when it was
   */
  async fulfil(
    manager: EntityManager,
    order: Order,
    state: VendorState,
    { anyway = false } = {},
  ): Promise<string | undefined> {
    try {
      await manager.transaction((savepoint) => this.give(savepoint, order, state, anyway));
    } catch (thrown) {
      if (thrown instanceof DomainTakenError || thrown instanceof CouponRefusedError) return thrown.message;
      throw thrown;
    }
    this.complete(order, state);
    return undefined;
  }

  private async give(
    manager: EntityManager,
    { session, subscription }: Order,
    state: VendorState,
    anyway: boolean,
  ): Promise<void> {
    const { quote } = session;
    const temporaryPassword = await this.access.ensure(manager, { session, subscription });
    if (quote.coupon !== undefined) await this.redeem(manager, quote.coupon.code, anyway);
    const ordered = isGone(state) ? [] : quote.lines.filter(({ kind }) => kind === 'plan' || kind === 'addon');
    for (const line of ordered) await this.addService(manager, { session, subscription }, line, temporaryPassword);
    // Last, because the counter of the series is locked from here to the commit.
    await this.invoices.issueFirst(manager, {
      subscription,
      quote,
      paid: paidOf(state),
      vendorInvoiceId: state.checkout?.vendorInvoiceId,
      period: this.periodOf(session.billingCycle, state),
      at: this.clock.now(),
    });
  }

  /** What the quote promised holds when the coupon ends meanwhile, but nobody uses a coupon more often than it allows. */
  private async redeem(manager: EntityManager, code: string, anyway: boolean): Promise<void> {
    if ((await this.coupons.redeem(manager, code)) || anyway) return;
    const coupon = await manager.findOneBy(Coupon, { code });
    const { timesRedeemed = 0, maximumRedemptions = null } = coupon ?? {};
    if (maximumRedemptions !== null && timesRedeemed >= maximumRedemptions)
      throw new CouponRefusedError(code, 'it was used up before this order was paid');
  }

  private async addService(
    manager: EntityManager,
    { session, subscription }: Order,
    line: QuoteLine,
    temporaryPassword: string | undefined,
  ): Promise<void> {
    const product = await manager.findOneByOrFail(Product, { id: line.productId });
    const service = await this.services.create(manager, {
      customerId: subscription.customerId,
      productId: product.id,
      type: line.productType,
      packageName: product.packageName ?? undefined,
      subscriptionId: subscription.id,
      ...(line.kind === 'plan' ? await this.domainOf(manager, { session, subscription }) : {}),
    });
    if (line.kind === 'plan' && temporaryPassword !== undefined) {
      await this.services.putSecret(manager, service.id, 'login_password', temporaryPassword);
    }
    const isTest = session.metadata.testMode === true;
    if (!isTest || this.settings.marketing.autoProvision)
      await this.provisioning.start(manager, { serviceId: service.id });
  }

  private async domainOf(manager: EntityManager, { session, subscription }: Order) {
    const info = session.domainInfo;
    if (info === null) return {};
    const sold = session.quote.lines.find(({ kind }) => kind === 'domain');
    await this.reservations.clear(manager, subscription.customerId, info.value);
    const { sealedAuthCode } = info;
    return {
      domain: info.value,
      domainMode: info.mode,
      ...(sold && { domainPrice: { amount: sold.unitAmount, currency: session.quote.currency } }),
      ...(sealedAuthCode && { authCode: this.keyring.decrypt(sealedAuthCode, authCodePlace(session.id)) }),
    };
  }

  private complete({ session, subscription }: Order, state: VendorState): void {
    const now = this.clock.now();
    const period = this.periodOf(session.billingCycle, state);
    session.status = 'completed';
    session.completedAt = now;
    session.nextCheckAt = null;
    subscription.status = session.quote.trialDays === undefined ? 'active' : 'trialing';
    subscription.currentPeriodStart = period?.start ?? null;
    subscription.currentPeriodEnd = period?.end ?? null;
  }

  /** The provider's period where it keeps one, else ours from now on. */
  private periodOf(cycle: Order['session']['billingCycle'], { subscription }: VendorState): Period | undefined {
    const { currentPeriodStart: start, currentPeriodEnd: end } = subscription ?? {};
    return start !== undefined && end !== undefined ? { start, end } : periodAt(this.clock.now(), cycle, 0);
  }
}

/** Undefined when the provider did not say. */
function paidOf({ checkout, payment }: VendorState): Money | undefined {
  if (payment?.status === 'succeeded') return payment.amount;
  return checkout?.paymentStatus === 'not-required' ? { ...checkout.total, amount: 0 } : undefined;
}

/** Paid once, but cancelled or given back since. */
export function isGone({ subscription, payment }: VendorState): boolean {
  const refunded = payment !== undefined && payment.amount.amount > 0 && payment.refunded >= payment.amount.amount;
  return refunded || subscription?.status === 'cancelled';
}
