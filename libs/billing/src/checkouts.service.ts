import { timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Checkout,
  type CheckoutSpec,
  type Clock,
  clockToken,
  isPortError,
  type Settings,
  settingsToken,
} from '@keelson/core';
import { toPublicId } from '@keelson/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { CheckoutOrder, StartedCheckout } from './checkout-order.types.js';
import type { CheckoutSession, CheckoutStatus } from './checkout-session.entity.js';
import { DomainRefusedError, PaymentUnavailableError, TestModeRefusedError } from './checkout.errors.js';
import { FulfilmentService } from './fulfilment.service.js';
import { OffersService } from './offers.service.js';
import { checkoutMetadataKey } from './order-locator.service.js';
import { OrderRefunds } from './order-refunds.service.js';
import { OrderRows } from './order-rows.service.js';
import type { Order } from './order.types.js';
import { type PaymentAccount, PaymentAccounts } from './payment-accounts.js';
import { recurrenceOf } from './period.js';
import type { Quote } from './quote.types.js';
import { SettlementService } from './settlement.service.js';

/** Payment pages live so long; providers allow no more than a day. */
const lifetimeMs = 23 * 3_600_000;
/** First look at a page that nobody told us about. */
const firstCheckMs = 2 * 60_000;
const longestCheckMs = 3_600_000;
const batch = 20;
/** How often a payment page is asked for, and how long one pause in between may be while the customer waits. */
const pageTries = 3;
const longestPauseMs = 2_000;

/** Begins orders. What becomes of them is decided by `SettlementService`. */
@Injectable()
export class CheckoutsService {
  private readonly logger = new Logger('checkout');

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly offers: OffersService,
    private readonly rows: OrderRows,
    private readonly accounts: PaymentAccounts,
    private readonly fulfilment: FulfilmentService,
    private readonly settlement: SettlementService,
    private readonly refunds: OrderRefunds,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  /**
   * Writes the order (customer, pending subscription, frozen quote), then makes its payment page. Each call is a new order.
   * @throws UnknownPlanError, TermNotOfferedError, CouponRefusedError, DomainRefusedError, TrialNotOfferedError
   * @throws DomainTakenError when the domain serves somebody else here
   * @throws PaymentUnavailableError when no page could be made; the order is closed
   */
  async create(order: CheckoutOrder): Promise<StartedCheckout> {
    const { quote, product } = await this.offers.quote({ ...order, addons: order.addons });
    const account = await this.accounts.forProduct(product);
    if (account === undefined) {
      this.logger.error('no connection takes payments: bind one to the port "payment" in keelson.config.yaml');
      throw new PaymentUnavailableError();
    }
    const expiresAt = new Date(this.clock.now().getTime() + lifetimeMs);
    const nextCheckAt = new Date(this.clock.now().getTime() + firstCheckMs);
    const saved = await this.rows.insert(order, quote, { connectionId: account.connectionId, expiresAt, nextCheckAt });
    const page = await this.openPage(account, saved.session, this.specOf(order, quote, saved));
    return started(saved, page.id, page.url ?? order.successUrl);
  }

  /**
   * An order without payment, for trying the system out: active at once, or not written at all.
   * @throws TestModeRefusedError unless test mode is on and the code is the right one
   * @throws DomainTakenError, DomainRefusedError, and what `create` throws about plan and term
   */
  async createTest(order: CheckoutOrder, code: string | undefined): Promise<StartedCheckout> {
    const { testMode, overrideCode } = this.settings.marketing;
    if (!testMode || overrideCode === undefined || !sameText(code ?? '', overrideCode))
      throw new TestModeRefusedError();
    const { quote } = await this.offers.quote({ ...order, couponCode: undefined, trial: false, addons: order.addons });
    const free: Quote = { ...quote, discount: quote.subtotal, total: 0 };
    const terms = { testMode: true };
    const saved = await this.rows.insert({ ...order, couponCode: undefined }, free, terms, async (manager, written) => {
      const refusal = await this.fulfilment.fulfil(manager, written, { invoices: [] });
      if (refusal !== undefined) throw new DomainRefusedError(refusal);
      await manager.save([written.session, written.subscription]);
    });
    const publicId = toPublicId('cs', saved.session.id);
    return started(saved, publicId, order.successUrl.replaceAll('{CHECKOUT_SESSION_ID}', publicId));
  }

  /**
   * Asks the provider about open pages whose messages may have been lost: after two minutes, then ever more rarely, at least once
   * an hour. Closes orders whose page was never made. Gives back the money of rejected ones. Returns how many were looked at.
   */
  async reconcileDue(): Promise<number> {
    const now = this.clock.now();
    const [due] = await this.dataSource.query<
      [{ id: string; status: CheckoutStatus; connection_id: string | null; page: string | null }[], number]
    >(
      `UPDATE checkout_sessions
          SET next_check_at = $1::timestamptz + least(greatest($1::timestamptz - created_at, $2 * interval '1 ms'), $3 * interval '1 ms')
        WHERE id IN (SELECT id FROM checkout_sessions WHERE status IN ('open', 'rejected') AND next_check_at <= $1
                      ORDER BY next_check_at LIMIT $4 FOR UPDATE SKIP LOCKED)
      RETURNING id, status, connection_id, stripe_session_id AS page`,
      [now, firstCheckMs, longestCheckMs, batch],
    );
    for (const { id, status, connection_id: connectionId, page } of due) {
      try {
        if (status === 'rejected') await this.refunds.giveBack(id);
        else if (connectionId === null || page === null) await this.rows.fail(id);
        else await this.settlement.settle(await this.accounts.get(connectionId), { checkoutSessionId: id });
      } catch (thrown) {
        this.logger.warn({
          message: 'a checkout could not be looked at; it is tried again',
          checkoutSessionId: id,
          error: String(thrown),
        });
      }
    }
    return due.length;
  }

  private specOf(order: CheckoutOrder, quote: Quote, { session, subscription }: Order): CheckoutSpec {
    const recurring = recurrenceOf(quote.cycle);
    return {
      reference: session.id,
      mode: recurring === undefined ? 'payment' : 'subscription',
      currency: quote.currency,
      lines: quote.lines.map((line) => ({
        name: line.description,
        unitAmount: line.unitAmount,
        quantity: line.quantity,
        ...(line.recurring && recurring !== undefined ? { recurring } : {}),
        ...(line.vendorPriceId === undefined ? {} : { vendorPriceId: line.vendorPriceId }),
      })),
      // The amount and not the percentage, so that no other rounding than ours decides what is due.
      ...(quote.discount === 0
        ? {}
        : { discount: { label: quote.coupon?.code ?? 'Discount', amountOff: quote.discount } }),
      email: order.email,
      ...(quote.trialDays === undefined ? {} : { trialDays: quote.trialDays }),
      successUrl: order.successUrl,
      cancelUrl: order.cancelUrl,
      metadata: { [checkoutMetadataKey]: session.id, subscriptionId: subscription.id },
      ...(session.expiresAt === null ? {} : { expiresAt: session.expiresAt }),
    };
  }

  /** Short trouble is waited out and an unclear answer asked for again: the same reference never makes a second page. */
  private async openPage(account: PaymentAccount, session: CheckoutSession, spec: CheckoutSpec): Promise<Checkout> {
    try {
      const page = await waitingOutTrouble(() => account.adapter.createCheckout(spec));
      await this.rows.recordPage(session.id, page);
      return page;
    } catch (thrown) {
      if (!isPortError(thrown)) throw thrown;
      this.logger.error({
        message: 'no payment page could be made: test the payment connection',
        checkoutSessionId: session.id,
        code: thrown.code,
        vendor: thrown.details.vendor,
      });
      await this.rows.fail(session.id);
      throw new PaymentUnavailableError({ cause: thrown });
    }
  }
}

async function waitingOutTrouble<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (!isPortError(thrown) || tries === pageTries) throw thrown;
      if (thrown.policy.repeat !== 'later' && thrown.policy.repeat !== 'look-first') throw thrown;
      const pauseMs = thrown.retryAfterMs ?? 250 * tries;
      if (pauseMs > longestPauseMs) throw thrown;
      await pause(pauseMs);
    }
  }
}

function started({ session, subscription }: Order, publicId: string, url: string): StartedCheckout {
  return {
    checkoutSessionId: session.id,
    publicId,
    url,
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
  };
}

function sameText(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
