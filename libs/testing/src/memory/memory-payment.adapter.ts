import { isDeepStrictEqual } from 'node:util';
import {
  PortError,
  type CapabilityMethods,
  type Checkout,
  type CheckoutLine,
  type CheckoutSpec,
  type Payment,
  type PaymentEvent,
  type PaymentInvoice,
  type paymentPort,
  type PaymentPort,
  type PaymentSubscription,
  type Refund,
  type RefundSpec,
} from '@keelson/core';
import { found, isSigned, type MemoryDispute, type MemoryPaymentVendor } from './memory-payment-vendor.js';

/** The reference adapter of the payment port, in front of a provider in memory. */
export class MemoryPaymentAdapter implements PaymentPort, CapabilityMethods<typeof paymentPort, 'disputes'> {
  constructor(
    private readonly vendor: MemoryPaymentVendor,
    private readonly credentials: { accessKey: string; webhookSecret: string } = vendor,
  ) {}

  async testConnection(): Promise<void> {
    await this.call('testConnection', undefined, () => undefined);
  }

  async createCheckout(spec: CheckoutSpec): Promise<Checkout> {
    return this.call('createCheckout', spec.reference, (vendor) => {
      refuseSenseless(spec);
      const made = [...vendor.pages.values()].find((page) => page.spec.reference === spec.reference);
      if (made !== undefined) {
        if (sameContent(made.spec, spec)) return made.checkout;
        throw new PortError('wrong-state', 'The same reference was used before with other content.');
      }
      const checkout = openPage(vendor.newId('checkout'), spec);
      vendor.pages.set(checkout.id, { spec: structuredClone(spec), checkout });
      return checkout;
    });
  }

  async getCheckout(id: string): Promise<Checkout> {
    return this.call('getCheckout', id, (vendor) => found(vendor.pages, id).checkout);
  }

  async parseWebhook(body: Uint8Array, headers: Record<string, string>): Promise<PaymentEvent> {
    const { webhookSecret } = this.credentials;
    if (!isSigned(webhookSecret, headers['memory-signature'], body, new Date())) {
      throw new PortError('invalid-input', 'The webhook is not valid.');
    }
    const event = JSON.parse(Buffer.from(body).toString('utf8')) as {
      id: string;
      type: string;
      at: number;
      subject?: PaymentEvent['subject'];
    };
    const { id, type, subject } = event;
    return { id, type, ...(subject === undefined ? {} : { subject }), createdAt: new Date(event.at), live: false };
  }

  async getSubscription(id: string): Promise<PaymentSubscription> {
    return this.call('getSubscription', id, (vendor) => found(vendor.subscriptions, id));
  }

  async getInvoice(id: string): Promise<PaymentInvoice> {
    return this.call('getInvoice', id, (vendor) => found(vendor.invoices, id));
  }

  async getPayment(id: string): Promise<Payment> {
    return this.call('getPayment', id, (vendor) => found(vendor.payments, id));
  }

  /** Proration is the provider's business; this one does none. */
  async changeSubscription(id: string, { lines }: { lines: CheckoutLine[] }): Promise<PaymentSubscription> {
    return this.call('changeSubscription', id, (vendor) => {
      const subscription = found(vendor.subscriptions, id);
      if (lines.length === 0 || !lines.every(recurs)) {
        throw new PortError('invalid-input', 'A subscription needs lines, each of which recurs.');
      }
      const content = ({ unitAmount, quantity, vendorPriceId }: Omit<CheckoutLine, 'name'>) => [
        unitAmount,
        quantity,
        vendorPriceId,
      ];
      if (!sameContent(subscription.items.map(content), lines.map(content))) {
        subscription.items = lines.map((line) => vendor.itemOf(line));
      }
      return subscription;
    });
  }

  async cancelSubscription(id: string, when: 'now' | 'period-end'): Promise<PaymentSubscription> {
    return this.call('cancelSubscription', id, (vendor) => {
      const subscription = found(vendor.subscriptions, id);
      if (subscription.status === 'cancelled') return subscription;
      if (when === 'now') Object.assign(subscription, { status: 'cancelled', endedAt: new Date() });
      else subscription.cancelAtPeriodEnd = true;
      return subscription;
    });
  }

  async refund({ reference, vendorPaymentId, amount }: RefundSpec): Promise<Refund> {
    return this.call('refund', reference, (vendor) => {
      if (amount !== undefined && !(Number.isSafeInteger(amount) && amount > 0)) {
        throw new PortError('invalid-input', 'The amount must be positive.');
      }
      const payment = found(vendor.payments, vendorPaymentId);
      const made = [...vendor.refunds.values()].find((refund) => refund.reference === reference);
      if (made !== undefined && (amount === undefined || made.amount.amount === amount)) return made;
      if (made !== undefined)
        throw new PortError('wrong-state', 'The same reference was used before for another amount.');
      const left = payment.amount.amount - payment.refunded;
      if (left === 0 || (amount ?? left) > left)
        throw new PortError('wrong-state', 'Less than this is left of the payment.');
      const { currency } = payment.amount;
      const refund: Refund = {
        id: vendor.newId('refund'),
        status: 'succeeded',
        amount: { amount: amount ?? left, currency },
        vendorPaymentId,
        reference,
      };
      payment.refunded += refund.amount.amount;
      vendor.refunds.set(refund.id, refund);
      return refund;
    });
  }

  async getRefund(id: string): Promise<Refund> {
    return this.call('getRefund', id, (vendor) => found(vendor.refunds, id));
  }

  async createPortalLink(vendorCustomerId: string, returnUrl: string): Promise<string> {
    return this.call('createPortalLink', vendorCustomerId, (vendor) => {
      if (!vendor.customers.has(vendorCustomerId))
        throw new PortError('not-found', 'The payment provider does not know this customer.');
      return `https://pay.example/portal/${vendorCustomerId}?${new URLSearchParams({ returnUrl }).toString()}`;
    });
  }

  async getDispute(id: string): Promise<MemoryDispute> {
    return this.call('getDispute', id, (vendor) => found(vendor.disputes, id));
  }

  /** One call: faults, credentials, the ledger, and an answer that later changes do not reach. */
  private call<T>(method: string, subject: string | undefined, act: (vendor: MemoryPaymentVendor) => T): Promise<T> {
    return this.vendor.calls.run(method, subject, (call) => {
      if (this.credentials.accessKey !== this.vendor.accessKey) {
        throw new PortError('invalid-config', 'The payment provider refuses our credentials.');
      }
      const answer = structuredClone(act(this.vendor));
      call.changed = !/^(get|test)/.test(method);
      return answer;
    });
  }
}

function openPage(id: string, spec: CheckoutSpec): Checkout {
  const due = spec.lines.filter((line) => spec.trialDays === undefined || !recurs(line));
  const subtotal = due.reduce((sum, { unitAmount, quantity }) => sum + unitAmount * quantity, 0);
  const discountAmount = discountOf(spec, subtotal);
  return {
    id,
    url: `https://pay.example/${id}`,
    status: 'open',
    paymentStatus: 'unpaid',
    reference: spec.reference,
    total: { amount: subtotal - discountAmount, currency: spec.currency },
    discountAmount,
    taxAmount: 0,
    ...(spec.vendorCustomerId === undefined ? {} : { vendorCustomerId: spec.vendorCustomerId }),
    email: spec.email,
    metadata: { ...spec.metadata },
    live: false,
  };
}

function discountOf({ discount }: CheckoutSpec, subtotal: number): number {
  if (discount === undefined) return 0;
  return 'percentOff' in discount
    ? Math.round((subtotal * discount.percentOff) / 100)
    : Math.min(subtotal, discount.amountOff);
}

function recurs({ recurring, vendorPriceId }: CheckoutLine): boolean {
  return recurring !== undefined || vendorPriceId !== undefined;
}

function refuseSenseless({ mode, lines, email, successUrl, cancelUrl }: CheckoutSpec): void {
  const whole = lines.every(
    ({ unitAmount, quantity }) => Number.isSafeInteger(unitAmount) && unitAmount >= 0 && quantity >= 1,
  );
  const fits = mode === 'subscription' ? lines.some(recurs) : lines.every(({ recurring }) => recurring === undefined);
  const urls = [successUrl, cancelUrl].every((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol));
  if (lines.length > 0 && whole && fits && urls && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return;
  throw new PortError('invalid-input', 'The payment provider refuses this input.');
}

/** Compares what would be sent, whatever made the objects. */
function sameContent(one: object, other: object): boolean {
  const sent = (value: object) => JSON.parse(JSON.stringify(value)) as unknown;
  return isDeepStrictEqual(sent(one), sent(other));
}
