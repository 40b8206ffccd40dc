import { paymentPort, supports } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { validate } from 'uuid';
import { CheckoutSession } from './checkout-session.entity.js';
import { Invoice } from './invoice.entity.js';
import type { PaymentAccount } from './payment-accounts.js';
import { PaymentRecord } from './payment.entity.js';
import { Subscription } from './subscription.entity.js';
import type { OrderFocus, Subject } from './vendor-state.types.js';

/** Key of our checkout's id in the metadata of everything that comes of it at the provider. */
export const checkoutMetadataKey = 'checkoutId';

/** Finds the order that an object at the provider belongs to: in our tables where it is known, else by asking. */
@Injectable()
export class OrderLocator {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Undefined when the object is none of ours. Throws what the adapter throws. */
  async locate(account: PaymentAccount, subject: Subject): Promise<OrderFocus | undefined> {
    switch (subject.kind) {
      case 'checkout':
        return this.byCheckout(account, subject.id);
      case 'subscription':
        return this.bySubscription(account, subject.id);
      case 'invoice':
        return this.byInvoice(account, subject.id);
      case 'payment':
        return this.byPayment(account, subject.id);
      case 'refund': {
        const { vendorPaymentId } = await account.adapter.getRefund(subject.id);
        return vendorPaymentId === undefined ? undefined : this.byPayment(account, vendorPaymentId);
      }
      case 'dispute': {
        if (!supports(account.adapter, paymentPort, 'disputes')) return undefined;
        const { vendorPaymentId } = await account.adapter.getDispute(subject.id);
        const focus = vendorPaymentId === '' ? undefined : await this.byPayment(account, vendorPaymentId);
        return focus && { ...focus, disputeId: subject.id };
      }
    }
  }

  private async byCheckout(account: PaymentAccount, id: string): Promise<OrderFocus | undefined> {
    const known = await this.session(account, { stripeSessionId: id });
    if (known !== undefined) return { checkoutSessionId: known.id };
    const { reference } = await account.adapter.getCheckout(id);
    const session = await this.byReference(account, reference);
    // A page with our reference that is not the page made for it settles nothing.
    if (session === undefined || session.stripeSessionId !== null) return undefined;
    return { checkoutSessionId: session.id, vendorCheckoutId: id };
  }

  private async bySubscription(account: PaymentAccount, id: string): Promise<OrderFocus | undefined> {
    const known = await this.dataSource.manager.findOneBy(Subscription, { stripeSubscriptionId: id });
    const session =
      known === null
        ? await this.byReference(account, (await account.adapter.getSubscription(id)).metadata[checkoutMetadataKey])
        : await this.session(account, { subscriptionId: known.id });
    return session && { checkoutSessionId: session.id };
  }

  private async byInvoice(account: PaymentAccount, id: string): Promise<OrderFocus | undefined> {
    const known = await this.dataSource.manager.findOneBy(Invoice, { stripeInvoiceId: id });
    if (known?.subscriptionId) {
      const session = await this.session(account, { subscriptionId: known.subscriptionId });
      return session && { checkoutSessionId: session.id, vendorInvoiceId: id };
    }
    const { vendorSubscriptionId } = await account.adapter.getInvoice(id);
    const focus =
      vendorSubscriptionId === undefined ? undefined : await this.bySubscription(account, vendorSubscriptionId);
    return focus && { ...focus, vendorInvoiceId: id };
  }

  private async byPayment(account: PaymentAccount, id: string): Promise<OrderFocus | undefined> {
    const where = { provider: account.provider, providerPaymentId: id };
    const known = await this.dataSource.manager.findOneBy(PaymentRecord, where);
    if (known?.checkoutSessionId) {
      const session = await this.session(account, { id: known.checkoutSessionId });
      return session && { checkoutSessionId: session.id, vendorPaymentId: id };
    }
    const payment = await account.adapter.getPayment(id);
    const session = await this.byReference(account, payment.metadata[checkoutMetadataKey]);
    if (session !== undefined) return { checkoutSessionId: session.id, vendorPaymentId: id };
    const focus =
      payment.vendorInvoiceId === undefined ? undefined : await this.byInvoice(account, payment.vendorInvoiceId);
    return focus && { ...focus, vendorPaymentId: id };
  }

  private async byReference(
    account: PaymentAccount,
    reference: string | undefined,
  ): Promise<CheckoutSession | undefined> {
    return reference !== undefined && validate(reference) ? this.session(account, { id: reference }) : undefined;
  }

  /** An order is only ever settled by the account that it was made with. */
  private async session(
    { connectionId }: PaymentAccount,
    where: { id: string } | { stripeSessionId: string } | { subscriptionId: string },
  ): Promise<CheckoutSession | undefined> {
    return (await this.dataSource.manager.findOneBy(CheckoutSession, { ...where, connectionId })) ?? undefined;
  }
}
