import { createHttpSimulator, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import { Api } from './api.js';
import { expireDueSessions, expireSession } from './checkout-sessions.js';
import { completeCheckout } from './complete-checkout.js';
import { servePages } from './hosted-pages.js';
import { closeDispute, makeRefund, openDispute } from './payments.js';
import { serveResources } from './resources.js';
import { StripeStore } from './stripe-store.js';
import { renewSubscription, retryInvoice } from './subscriptions.js';
import { WebhookSender } from './webhook-sender.js';

export interface StripeSimulatorOptions extends SimulatorOptions {
  /** Name of the shop on the payment page. */
  merchant?: string;
}

/** A Stripe account in test mode, with what else only time, customers and banks can do. */
export interface StripeSimulator extends Simulator {
  /** Where events are sent. Those from before it was known follow as soon as it is set. */
  webhookUrl: string | undefined;
  /** Pays a page as a customer does. Throws when the card is refused. */
  pay(checkoutId: string, card?: string): void;
  expireCheckout(checkoutId: string): void;
  /** Ends the current period. Returns the id of the new invoice, undefined when the subscription ended with the period. */
  renewSubscription(subscriptionId: string, outcome?: 'paid' | 'failed'): string | undefined;
  /** A later attempt at an open invoice succeeds. */
  retryInvoice(invoiceId: string): void;
  /** Gives money back by hand, as in the dashboard; all that is left unless an amount is given. Returns the refund's id. */
  refundPayment(paymentId: string, amount?: number): string;
  /** Returns the dispute's id. */
  disputePayment(paymentId: string): string;
  closeDispute(disputeId: string, outcome: 'won' | 'lost'): void;
  /** How many events were not taken yet. */
  undelivered(): number;
}

const sweepEveryMs = 5_000;

/** Starts a stand-in for Stripe on loopback: API, payment page and webhooks on one port. */
export async function startSimulator(options: StripeSimulatorOptions = {}): Promise<StripeSimulator> {
  const store = new StripeStore(options.home, options.webhookSecret);
  const sender = new WebhookSender(store);
  const { app, ledger, faults, listen, stop } = createHttpSimulator({
    port: options.port,
    latencyMs: options.latencyMs,
    badDay: options.badDay,
    exempt: (path) => !path.startsWith('/v1/'),
  });
  let base = '';
  serveResources(new Api(app, store), store, () => base);
  servePages(app, store, options.merchant ?? 'Example Hosting');
  base = await listen();
  sender.badDay = faults.badDay;
  sender.url = options.webhookUrl;
  const sweep = setInterval(() => expireDueSessions(store), sweepEveryMs);

  const acting = <T>(work: () => T): T => {
    try {
      return work();
    } finally {
      store.save();
    }
  };

  return {
    plugin: 'stripe',
    endpoints: [{ name: 'API and payment page', url: base }],
    settings: { secretKey: store.state.secretKey, webhookSecret: store.state.webhookSecret, apiBase: base },
    ledger,
    faults,
    get webhookUrl() {
      return sender.url;
    },
    set webhookUrl(url) {
      sender.url = url;
    },
    pay: (id, card = '4242424242424242') => acting(() => void completeCheckout(store, id, { card })),
    expireCheckout: (id) => acting(() => void expireSession(store, id)),
    renewSubscription: (id, outcome = 'paid') => acting(() => renewSubscription(store, id, outcome)?.id),
    retryInvoice: (id) => acting(() => retryInvoice(store, id)),
    refundPayment: (id, amount) =>
      acting(() => makeRefund(store, id, { ...(amount === undefined ? {} : { amount }), metadata: {} }).id),
    disputePayment: (id) => acting(() => openDispute(store, id).id),
    closeDispute: (id, outcome) => acting(() => closeDispute(store, id, outcome)),
    undelivered: () => store.state.deliveries.length,
    async stop() {
      clearInterval(sweep);
      sender.stop();
      store.save();
      await stop();
    },
  };
}
