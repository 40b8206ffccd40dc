import { createHmac } from 'node:crypto';
import type { BadDay } from '@keelson/testing/simulator';
import type { StripeEvent } from './stripe-objects.js';
import type { Delivery, StripeStore } from './stripe-store.js';

const giveUpAfterMs = 3 * 24 * 3_600_000;
const longestPauseMs = 300_000;
const answerWithinMs = 10_000;
const lateMs = 2_000;

/** The value of the header `Stripe-Signature`. @param at seconds since 1970 */
export function signWebhook(body: string, secret: string, at = Math.floor(Date.now() / 1000)): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}

/**
 * Delivers events until each was answered 2xx: at once, then after 1, 2, 4 … seconds, at most 5 minutes apart, for three days.
 * Deliveries run beside each other with a little scatter, so that their order is not that of the events. On a bad day some come
 * twice, and some are seconds late.
 */
export class WebhookSender {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly stopping = new AbortController();
  /** Absent: an ordinary day. */
  badDay?: BadDay;
  private scatter = 0;
  private target?: string;

  constructor(private readonly store: StripeStore) {
    store.onDelivery = (delivery) => this.plan(delivery);
  }

  get url(): string | undefined {
    return this.target;
  }

  /** Where events go. Those that wait since before it was known are sent now. */
  set url(url: string | undefined) {
    this.target = url;
    for (const delivery of this.store.state.deliveries) this.plan(delivery);
  }

  stop(): void {
    this.stopping.abort();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.store.onDelivery = () => undefined;
  }

  private plan(delivery: Delivery): void {
    clearTimeout(this.timers.get(delivery.event));
    if (this.target === undefined || this.stopping.signal.aborted) return;
    this.scatter = (this.scatter + 17) % 41;
    const late = this.badDay?.happens('late webhook', 0.1) === true ? lateMs : 0;
    const delay = Math.max(0, delivery.dueAt - Date.now()) + this.scatter + late;
    this.timers.set(
      delivery.event,
      setTimeout(() => void this.attempt(delivery), delay),
    );
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const event = this.store.find<StripeEvent>('event', delivery.event);
    const delivered = event === undefined || (await this.send(event));
    if (this.stopping.signal.aborted) return;
    // As if our answer to the first one had been lost.
    if (delivered && this.badDay?.happens('webhook again', 0.1) === true) return this.plan(delivery);
    delivery.attempts += 1;
    if (delivered && event !== undefined) event.pending_webhooks = 0;
    const givenUp = event !== undefined && Date.now() - event.created * 1000 > giveUpAfterMs;
    if (delivered || givenUp) this.drop(delivery);
    else {
      delivery.dueAt = Date.now() + Math.min(1000 * 2 ** (delivery.attempts - 1), longestPauseMs);
      this.plan(delivery);
    }
    this.store.save();
  }

  private drop(delivery: Delivery): void {
    this.timers.delete(delivery.event);
    this.store.state.deliveries = this.store.state.deliveries.filter((other) => other !== delivery);
  }

  /** Whether the endpoint took the event. Redirects are not followed and count as a refusal. */
  private async send(event: StripeEvent): Promise<boolean> {
    const body = JSON.stringify(event, null, 2);
    try {
      const response = await fetch(this.target ?? '', {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signWebhook(body, this.store.state.webhookSecret),
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(answerWithinMs), this.stopping.signal]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}
