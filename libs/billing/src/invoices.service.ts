import type { Money, PaymentInvoice } from '@keelson/core';
import { newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Invoice, type InvoiceStatus } from './invoice.entity.js';
import type { Period } from './period.js';
import type { Quote } from './quote.types.js';
import type { Subscription } from './subscription.entity.js';

export const defaultSeries = 'INV';

/** Invoices: numbered without gaps, one per period, each written once. */
@Injectable()
export class InvoicesService {
  /**
   * The invoice of a first payment, written as quoted, or over what was paid where that was accepted instead. Repeating it returns the one
   * that is there. An order that costs nothing has none: undefined.
   */
  async issueFirst(
    manager: EntityManager,
    order: {
      subscription: Subscription;
      quote: Quote;
      paid?: Money;
      vendorInvoiceId?: string;
      period?: Period;
      at: Date;
    },
  ): Promise<Invoice | undefined> {
    const { subscription, quote, vendorInvoiceId, period, at } = order;
    const { amount, currency } = order.paid ?? { amount: quote.total, currency: quote.currency };
    if (amount === 0) return undefined;
    const isQuoted = amount === quote.total && currency === quote.currency;
    const known = await manager.findOneBy(Invoice, { subscriptionId: subscription.id });
    if (known !== null) return known;
    return this.insert(manager, subscription, {
      stripeInvoiceId: vendorInvoiceId ?? null,
      status: 'paid',
      currency,
      amountDue: amount,
      amountPaid: amount,
      amountTax: isQuoted ? quote.tax.amount : 0,
      amountDiscount: isQuoted ? quote.discount : 0,
      periodStart: period?.start ?? null,
      periodEnd: period?.end ?? null,
      hostedUrl: null,
      issuedAt: at,
      paidAt: at,
    });
  }

  /**
   * Brings our invoice in line with the provider's. Drafts and invoices over nothing are not written. A paid invoice stays
   * paid. Returns ours, or undefined.
   */
  async mirror(
    manager: EntityManager,
    subscription: Subscription,
    theirs: PaymentInvoice,
    at: Date,
  ): Promise<Invoice | undefined> {
    if (theirs.status === 'draft' || theirs.total.amount === 0) return undefined;
    const known = await this.find(manager, subscription.id, theirs);
    if (known === null) {
      return this.insert(manager, subscription, {
        stripeInvoiceId: theirs.id,
        status: theirs.status,
        currency: theirs.total.currency,
        amountDue: theirs.total.amount,
        amountPaid: theirs.paid.amount,
        amountTax: 0,
        amountDiscount: 0,
        periodStart: theirs.periodStart ?? null,
        periodEnd: theirs.periodEnd ?? null,
        hostedUrl: theirs.hostedUrl ?? null,
        issuedAt: at,
        paidAt: theirs.status === 'paid' ? at : null,
      });
    }
    const status: InvoiceStatus = known.status === 'paid' ? 'paid' : theirs.status;
    return manager.save(
      Object.assign(known, {
        stripeInvoiceId: theirs.id,
        status,
        amountPaid: Math.max(known.amountPaid, theirs.paid.amount),
        hostedUrl: theirs.hostedUrl ?? known.hostedUrl,
        paidAt: known.paidAt ?? (status === 'paid' ? at : null),
      }),
    );
  }

  /** Our invoice for the provider's, or the only one of the subscription when the provider names none. */
  async of(
    manager: EntityManager,
    subscriptionId: string,
    vendorInvoiceId: string | undefined,
  ): Promise<Invoice | undefined> {
    if (vendorInvoiceId !== undefined)
      return (await manager.findOneBy(Invoice, { stripeInvoiceId: vendorInvoiceId })) ?? undefined;
    const [first, ...more] = await manager.findBy(Invoice, { subscriptionId });
    return more.length === 0 ? first : undefined;
  }

  private async find(manager: EntityManager, subscriptionId: string, theirs: PaymentInvoice): Promise<Invoice | null> {
    const byId = await manager.findOneBy(Invoice, { stripeInvoiceId: theirs.id });
    if (byId !== null || theirs.periodStart === undefined) return byId;
    return manager.findOneBy(Invoice, { subscriptionId, periodStart: theirs.periodStart });
  }

  private async insert(
    manager: EntityManager,
    subscription: Subscription,
    fields: Omit<Invoice, 'id' | 'series' | 'number' | 'customerId' | 'subscriptionId' | 'createdAt' | 'updatedAt'>,
  ): Promise<Invoice> {
    return manager.save(
      manager.create(Invoice, {
        ...fields,
        id: newId(),
        series: defaultSeries,
        number: await this.nextNumber(manager, defaultSeries),
        customerId: subscription.customerId,
        subscriptionId: subscription.id,
      }),
    );
  }

  /** The counter row stays locked until the transaction ends, so that a number is taken exactly when its invoice is. */
  private async nextNumber(manager: EntityManager, series: string): Promise<number> {
    const [row] = await manager.query<{ last_number: number }[]>(
      `INSERT INTO invoice_series (series, last_number) VALUES ($1, 1)
       ON CONFLICT (series) DO UPDATE SET last_number = invoice_series.last_number + 1 RETURNING last_number`,
      [series],
    );
    return row!.last_number;
  }
}
