import { type Checkout, Keyring } from '@keelson/core';
import { CheckoutAccounts, Customer, PasswordHasher, User } from '@keelson/customers';
import { inTransaction, newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { CheckoutOrder } from './checkout-order.types.js';
import { authCodePlace, CheckoutSession } from './checkout-session.entity.js';
import type { Order } from './order.types.js';
import type { Quote } from './quote.types.js';
import { Reservations } from './reservations.service.js';
import { SubscriptionItem } from './subscription-item.entity.js';
import { Subscription } from './subscription.entity.js';

export interface OrderTerms {
  /** Absent for orders without payment. */
  connectionId?: string;
  expiresAt?: Date;
  nextCheckAt?: Date;
  testMode?: boolean;
}

/** Who buys, and whether the order brought the password with which they sign in. */
interface OrderCustomer {
  customerId: string;
  knowsPassword: boolean;
}

/** The rows of an order before it is paid. */
@Injectable()
export class OrderRows {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly accounts: CheckoutAccounts,
    private readonly hasher: PasswordHasher,
    private readonly reservations: Reservations,
    private readonly keyring: Keyring,
  ) {}

  /**
   * Writes customer (when the e-mail is new), pending subscription with its items, and open checkout, in one transaction.
   * @param andThen what else belongs to it; when it throws, nothing is written
   * @throws DomainTakenError
   */
  async insert(
    order: CheckoutOrder,
    quote: Quote,
    terms: OrderTerms,
    andThen?: (manager: EntityManager, written: Order) => Promise<void>,
  ): Promise<Order> {
    const passwordHash = order.password === undefined ? undefined : await this.hasher.hash(order.password);
    return inTransaction(this.dataSource, async (manager) => {
      const { customerId, knowsPassword } = await this.ensureCustomer(manager, order, passwordHash);
      if (order.domain !== undefined) {
        if (order.reserveDomain === true) await this.reservations.reserve(manager, customerId, order.domain);
        else await this.reservations.check(manager, customerId, order.domain.name);
      }
      const subscription = await this.insertSubscription(manager, customerId, order, quote, terms);
      const session = await this.insertSession(manager, subscription, order, quote, { ...terms, knowsPassword });
      await andThen?.(manager, { session, subscription });
      return { session, subscription };
    });
  }

  /** Remembers the page that was made for the checkout. */
  async recordPage(id: string, page: Checkout): Promise<void> {
    await this.dataSource.query(
      `UPDATE checkout_sessions SET stripe_session_id = $2, stripe_customer_id = $3, url = $4,
              metadata = metadata || jsonb_build_object('live', $5::boolean), updated_at = now() WHERE id = $1`,
      [id, page.id, page.vendorCustomerId ?? null, page.url ?? null, page.live],
    );
  }

  /** Closes an order whose page could not be made. Should money come for it all the same, it is honoured. */
  async fail(id: string): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const session = await manager.findOneOrFail(CheckoutSession, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      });
      if (session.status !== 'open') return;
      session.status = 'failed';
      session.nextCheckAt = null;
      await manager.save(session);
      if (session.subscriptionId !== null)
        await manager.update(Subscription, { id: session.subscriptionId }, { status: 'expired' });
      await this.reservations.release(manager, session);
    });
  }

  /**
   * The customer of the address; a new one when nobody has it. A chosen password makes the user of a new customer and changes
   * nothing for everybody else: an order never gives access to what others have.
   */
  private async ensureCustomer(
    manager: EntityManager,
    order: CheckoutOrder,
    passwordHash: string | undefined,
  ): Promise<OrderCustomer> {
    const { email, company, phone, address, name = nameOf(email) } = order;
    const user = await manager.findOne(User, { where: { email }, select: { id: true, passwordHash: true } });
    const ofUser = user === null ? null : await manager.findOneBy(Customer, { userId: user.id });
    const known = ofUser ?? (await manager.findOneBy(Customer, { email }));
    if (known !== null) {
      const knowsPassword =
        user !== null && order.password !== undefined && (await this.hasher.verify(user.passwordHash, order.password));
      return { customerId: known.id, knowsPassword };
    }
    const buyer = { email, name, company, phone, address };
    if (passwordHash !== undefined) {
      const { customer } = await this.accounts.ensure(manager, { ...buyer, passwordHash });
      return { customerId: customer.id, knowsPassword: true };
    }
    await manager.query(
      `INSERT INTO customers (id, name, email, company, phone, address) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (lower(email)) DO NOTHING`,
      [newId(), name, email, company ?? null, phone ?? null, address ?? null],
    );
    return { customerId: (await manager.findOneByOrFail(Customer, { email })).id, knowsPassword: false };
  }

  private async insertSubscription(
    manager: EntityManager,
    customerId: string,
    order: CheckoutOrder,
    quote: Quote,
    terms: OrderTerms,
  ): Promise<Subscription> {
    const subscription = await manager.save(
      manager.create(Subscription, {
        id: newId(),
        customerId,
        productId: quote.productId,
        priceId: quote.priceId,
        status: 'pending_payment',
        billingCycle: quote.cycle,
        amount: quote.recurringTotal,
        currency: quote.currency,
        connectionId: terms.connectionId ?? null,
        settledCount: 0,
        metadata: {
          planId: quote.productSlug,
          billingCycle: order.term,
          trialActive: quote.trialDays !== undefined,
          addonIds: order.addons ?? [],
          domainMode: order.domain?.mode ?? null,
          domainValue: order.domain?.name ?? null,
          customerEmail: order.email,
          productTypes: [...new Set(quote.lines.map(({ productType }) => productType))],
          couponCode: quote.coupon?.code ?? null,
          utm: order.campaign ?? {},
          ...(terms.testMode === true ? { testMode: true } : {}),
        },
      }),
    );
    await manager.insert(
      SubscriptionItem,
      quote.lines.map((line) => ({
        id: newId(),
        subscriptionId: subscription.id,
        productId: line.productId,
        priceId: line.priceId ?? null,
        kind: line.kind,
        description: line.description,
        amount: line.unitAmount,
        quantity: line.quantity,
      })),
    );
    return subscription;
  }

  private async insertSession(
    manager: EntityManager,
    subscription: Subscription,
    order: CheckoutOrder,
    quote: Quote,
    terms: OrderTerms & { knowsPassword: boolean },
  ): Promise<CheckoutSession> {
    const id = newId();
    const { domain } = order;
    return manager.save(
      manager.create(CheckoutSession, {
        id,
        subscriptionId: subscription.id,
        customerId: subscription.customerId,
        connectionId: terms.connectionId ?? null,
        email: order.email,
        customerName: order.name ?? null,
        productCode: quote.productSlug,
        billingCycle: quote.cycle,
        amount: quote.total,
        currency: quote.currency,
        couponCode: quote.coupon?.code ?? null,
        domainInfo:
          domain === undefined
            ? null
            : {
                value: domain.name,
                mode: domain.mode,
                ...(domain.authCode && { sealedAuthCode: this.keyring.encrypt(domain.authCode, authCodePlace(id)) }),
              },
        quote,
        status: 'open',
        nextCheckAt: terms.nextCheckAt ?? null,
        expiresAt: terms.expiresAt ?? null,
        metadata: {
          source: order.campaign?.source ?? null,
          knowsPassword: terms.knowsPassword,
          ...(terms.testMode === true ? { testMode: true } : {}),
        },
      }),
    );
  }
}

/** For customers who gave an address only. */
function nameOf(email: string): string {
  return email.slice(0, email.indexOf('@'));
}
